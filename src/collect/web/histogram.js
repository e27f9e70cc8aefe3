// How many traces took how long, in bars of equal ratio. A drag filters by the range, a click by a
// bar.
import { Chart, DurationScale, chartedDuration, summary } from './chart.js';
import * as format from './format.js';
import { allStatuses, statusOf } from './status.js';
import { colour } from './theme.js';

const MARGIN = { left: 8, right: 8, top: 6, bottom: 18 };
const BAR = 9;

export class Histogram extends Chart {
  constructor({ onRange }) {
    super('histogram', 'Response times');
    this.onRange = onRange;
    this.bars = [];
    this.canvas.addEventListener('pointermove', (event) => this.hover(event));
    this.canvas.addEventListener('pointerleave', () => this.say(null));
    this.brush({
      toShare: (event) => this.share(event),
      show: (low, high) => this.showRange(low, high),
      done: (low, high) => onRange(this.scale.value(low), this.scale.value(high)),
      click: (event) => this.pick(event),
    });
  }

  draw(pen, width, height) {
    this.plot = {
      width: width - MARGIN.left - MARGIN.right,
      height: height - MARGIN.top - MARGIN.bottom,
    };
    this.scale = new DurationScale(this.rows);
    this.fillBars(Math.max(4, Math.floor(this.plot.width / BAR)));
    this.drawAxis(pen, width);
    const most = Math.max(1, ...this.bars.map((bar) => bar.total));
    const step = this.plot.width / this.bars.length;
    const order = allStatuses().reverse();
    this.bars.forEach((bar, index) => {
      let bottom = MARGIN.top + this.plot.height;
      for (const { name } of order) {
        if (!bar[name]) continue;
        const tall = Math.max(1.5, (bar[name] / most) * this.plot.height);
        pen.fillStyle = colour(`--${name}`);
        pen.fillRect(MARGIN.left + index * step + 0.5, bottom - tall, Math.max(1, step - 1), tall);
        bottom -= tall;
      }
    });
    this.canvas.setAttribute('aria-label', `Histogram of response times. ${summary(this.rows)}`);
  }

  fillBars(count) {
    this.bars = Array.from({ length: count }, () => ({
      total: 0,
      ok: 0,
      error: 0,
      throttle: 0,
      fault: 0,
    }));
    for (const row of this.rows) {
      const bar =
        this.bars[Math.min(count - 1, Math.floor(this.scale.at(chartedDuration(row)) * count))];
      bar.total += 1;
      bar[statusOf(row).name] += 1;
    }
  }

  drawAxis(pen, width) {
    const base = MARGIN.top + this.plot.height;
    pen.strokeStyle = colour('--line');
    pen.fillStyle = colour('--muted');
    pen.beginPath();
    pen.moveTo(MARGIN.left, base + 0.5);
    pen.lineTo(width - MARGIN.right, base + 0.5);
    pen.stroke();
    pen.textAlign = 'center';
    for (const { value, at } of this.scale.ticks(Math.max(2, Math.floor(this.plot.width / 62)))) {
      const x = MARGIN.left + at * this.plot.width;
      if (x > 24 && x < width - 24) pen.fillText(format.duration(value), x, base + 14);
    }
  }

  share(event) {
    return (event.offsetX - MARGIN.left) / this.plot.width;
  }

  barOf(event) {
    const index = Math.floor(this.share(event) * this.bars.length);
    return this.bars[index] ? index : -1;
  }

  edges(index) {
    return [
      this.scale.value(index / this.bars.length),
      this.scale.value((index + 1) / this.bars.length),
    ];
  }

  hover(event) {
    if (event.buttons !== 0 || !this.plot) return;
    const index = this.barOf(event);
    if (index < 0) {
      this.say(null);
      return;
    }
    const [low, high] = this.edges(index).map(format.duration);
    this.say(
      `${low} to ${high}: ${format.plural(this.bars[index].total, 'trace')}`,
      event.offsetX,
      event.offsetY,
    );
  }

  pick(event) {
    const index = this.barOf(event);
    if (index >= 0 && this.bars[index].total > 0) this.onRange(...this.edges(index));
  }

  showRange(low, high) {
    const { style } = this.brushed;
    style.left = `${this.canvas.offsetLeft + MARGIN.left + low * this.plot.width}px`;
    style.width = `${(high - low) * this.plot.width}px`;
    style.top = `${this.canvas.offsetTop + MARGIN.top}px`;
    style.height = `${this.plot.height}px`;
    this.say(this.scale.words(low, high), MARGIN.left + low * this.plot.width, 0);
  }
}
