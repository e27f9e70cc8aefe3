// The response times of a service or a call, as the program counted them: buckets of equal ratio.
import { Chart } from './chart.js';
import { duration, plural } from './format.js';
import { percentiles } from './map_drawing.js';
import { ticksOf } from './trace_model.js';
import { colour } from './theme.js';

const MARGIN = { left: 8, right: 8, top: 8, bottom: 18 };

export class NumbersHistogram extends Chart {
  /** `chosen(low, high)` in seconds; without it there is nothing to choose. */
  constructor(chosen) {
    super('numbers', 'Response times');
    this.canvas.addEventListener('pointermove', (event) => this.hover(event));
    this.canvas.addEventListener('pointerleave', () => this.say(null));
    if (!chosen) return;
    this.brush({
      toShare: (event) => this.share(event),
      show: (low, high) => this.showRange(low, high),
      done: (low, high) => chosen(this.value(low), this.value(high)),
      click: () => {},
    });
  }

  setNumbers(numbers) {
    this.numbers = numbers;
    const bounds = numbers.histogram.map(([upTo]) => upTo).filter((upTo) => upTo > 0);
    const low = bounds.length ? bounds[0] : 1e-3;
    const high = bounds.length ? bounds[bounds.length - 1] : 1;
    // Less than a factor of four would make noise look like news.
    const widen = Math.max(Math.sqrt(4 / (high / low)), 1) * 1.1;
    this.from = Math.log(Math.max(low / widen, 1e-7));
    this.to = Math.log(high * widen);
    this.paintSoon();
  }

  value(share) {
    return Math.exp(this.from + share * (this.to - this.from));
  }

  at(seconds) {
    return Math.min(
      Math.max((Math.log(Math.max(seconds, 1e-9)) - this.from) / (this.to - this.from), 0),
      1,
    );
  }

  share(event) {
    return (event.offsetX - MARGIN.left) / this.plot.width;
  }

  draw(pen, width, height) {
    if (!this.numbers) return;
    this.plot = {
      width: width - MARGIN.left - MARGIN.right,
      height: height - MARGIN.top - MARGIN.bottom,
    };
    this.bars = this.barsOf(Math.max(Math.floor(this.plot.width / 9), 8));
    const most = Math.max(1, ...this.bars);
    const step = this.plot.width / this.bars.length;
    const base = MARGIN.top + this.plot.height;
    pen.fillStyle = colour('--accent');
    this.bars.forEach((count, index) => {
      const tall = count ? Math.max((count / most) * this.plot.height, 2) : 0;
      pen.fillRect(MARGIN.left + index * step + 0.5, base - tall, Math.max(step - 1, 1), tall);
    });
    this.drawAxis(pen, base);
    this.drawPercentiles(pen, base);
    const { count, p50, p95 } = this.numbers;
    this.canvas.setAttribute(
      'aria-label',
      `Histogram of ${plural(count, 'response time')}: ${percentiles({ p50, p95 })}.`,
    );
  }

  barsOf(count) {
    const bars = new Array(count).fill(0);
    for (const [upTo, number] of this.numbers.histogram) {
      bars[Math.min(Math.floor(this.at(upTo) * count), count - 1)] += number;
    }
    return bars;
  }

  drawAxis(pen, base) {
    pen.strokeStyle = colour('--line');
    pen.beginPath();
    pen.moveTo(MARGIN.left, base + 0.5);
    pen.lineTo(MARGIN.left + this.plot.width, base + 0.5);
    pen.stroke();
    pen.fillStyle = colour('--muted');
    pen.textAlign = 'center';
    let last = -60;
    const powers = ticksOf(
      Math.floor(this.from / Math.LN10),
      Math.ceil(this.to / Math.LN10),
      20,
    ).filter(Number.isInteger);
    for (const tick of powers.flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power))) {
      const x =
        MARGIN.left + ((Math.log(tick) - this.from) / (this.to - this.from)) * this.plot.width;
      if (x < 24 || x > this.plot.width - 8 || x - last < 54) continue;
      pen.fillText(duration(tick), x, base + 14);
      last = x;
    }
  }

  drawPercentiles(pen, base) {
    pen.strokeStyle = colour('--text');
    pen.fillStyle = colour('--text');
    pen.setLineDash([3, 3]);
    let last = -60;
    for (const [name, seconds] of [
      ['p50', this.numbers.p50],
      ['p95', this.numbers.p95],
    ]) {
      if (!(seconds > 0)) continue;
      const x = Math.round(MARGIN.left + this.at(seconds) * this.plot.width) + 0.5;
      pen.beginPath();
      pen.moveTo(x, MARGIN.top);
      pen.lineTo(x, base);
      pen.stroke();
      pen.textAlign = x > this.plot.width - 30 ? 'right' : 'left';
      // Beside one another, or below where there is no room.
      const line = x - last < 30 ? 20 : 8;
      pen.fillText(name, pen.textAlign === 'left' ? x + 3 : x - 3, MARGIN.top + line);
      last = x;
    }
    pen.setLineDash([]);
  }

  hover(event) {
    if (event.buttons !== 0 || !this.plot) return;
    const index = Math.floor(this.share(event) * this.bars.length);
    const number = this.bars[index];
    const edge = (at) => duration(this.value(at / this.bars.length));
    this.say(
      number === undefined
        ? null
        : `${edge(index)} to ${edge(index + 1)}: ${plural(number, 'request')}`,
      event.offsetX,
      event.offsetY,
    );
  }

  showRange(low, high) {
    const { style } = this.brushed;
    style.left = `${this.canvas.offsetLeft + MARGIN.left + low * this.plot.width}px`;
    style.width = `${(high - low) * this.plot.width}px`;
    style.top = `${this.canvas.offsetTop + MARGIN.top}px`;
    style.height = `${this.plot.height}px`;
    this.say(
      `${duration(this.value(low))} to ${duration(this.value(high))}`,
      MARGIN.left + low * this.plot.width,
      0,
    );
  }
}
