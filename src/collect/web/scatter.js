// Every trace a dot: when it began, how long it took. A click opens one, a drag filters by how
// long.
import { Chart, DurationScale, chartedDuration, summary } from './chart.js';
import * as format from './format.js';
import { allStatuses, statusOf } from './status.js';
import { colour } from './theme.js';

const MARGIN = { left: 52, right: 10, top: 6, bottom: 18 };
const NEAR = 14;

export class Scatter extends Chart {
  constructor({ onOpen, onRange }) {
    super('scatter', 'Response time over time');
    this.onOpen = onOpen;
    this.canvas.addEventListener('pointermove', (event) => this.hover(event));
    this.canvas.addEventListener('pointerleave', () => this.say(null));
    this.brush({
      toShare: (event) => 1 - (event.offsetY - MARGIN.top) / this.plot.height,
      show: (low, high) => this.showRange(low, high),
      done: (low, high) => onRange(this.scale.value(low), this.scale.value(high)),
      click: (event) => this.openNear(event),
    });
  }

  draw(pen, width, height) {
    this.plot = {
      width: width - MARGIN.left - MARGIN.right,
      height: height - MARGIN.top - MARGIN.bottom,
    };
    this.scale = new DurationScale(this.rows);
    this.measureTime();
    this.drawAxes(pen, width);
    const groups = new Map(allStatuses().map((status) => [status.name, []]));
    for (const row of this.rows) groups.get(statusOf(row).name).push(row);
    // The worst last, so that nothing hides them.
    for (const { name } of allStatuses().reverse()) {
      pen.fillStyle = colour(`--${name}`);
      const size = name === 'ok' ? 3 : 4;
      pen.globalAlpha = name === 'ok' ? 0.6 : 0.95;
      for (const row of groups.get(name)) {
        const [x, y] = this.place(row);
        pen.fillRect(x - size / 2, y - size / 2, size, size);
      }
    }
    pen.globalAlpha = 1;
    this.canvas.setAttribute('aria-label', `Response times over time. ${summary(this.rows)}`);
  }

  measureTime() {
    let begin = Infinity;
    let end = -Infinity;
    for (const row of this.rows) {
      if (row.start < begin) begin = row.start;
      if (row.start > end) end = row.start;
    }
    if (begin > end) [begin, end] = [Date.now() / 1000 - 60, Date.now() / 1000];
    const pad = Math.max((end - begin) * 0.02, 0.5);
    this.time = { begin: begin - pad, span: end - begin + 2 * pad };
  }

  place(row) {
    const across = (row.start - this.time.begin) / this.time.span;
    return [
      MARGIN.left + across * this.plot.width,
      MARGIN.top + (1 - this.scale.at(chartedDuration(row))) * this.plot.height,
    ];
  }

  drawAxes(pen, width) {
    pen.strokeStyle = colour('--line');
    pen.fillStyle = colour('--muted');
    pen.lineWidth = 1;
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    for (const { value, at } of this.scale.ticks(Math.max(2, Math.floor(this.plot.height / 22)))) {
      const y = Math.round(MARGIN.top + (1 - at) * this.plot.height) + 0.5;
      pen.beginPath();
      pen.moveTo(MARGIN.left, y);
      pen.lineTo(width - MARGIN.right, y);
      pen.stroke();
      pen.fillText(format.duration(value), MARGIN.left - 6, y);
    }
    this.drawTimes(pen);
  }

  drawTimes(pen) {
    const count = Math.max(2, Math.min(7, Math.floor(this.plot.width / 110)));
    const decimals = this.time.span < 5 ? 1 : 0;
    pen.textBaseline = 'alphabetic';
    const bottom = MARGIN.top + this.plot.height + 14;
    for (let index = 0; index < count; index += 1) {
      const share = index / (count - 1);
      pen.textAlign = index === 0 ? 'left' : index === count - 1 ? 'right' : 'center';
      pen.fillText(
        format.clock(this.time.begin + share * this.time.span, decimals),
        MARGIN.left + share * this.plot.width,
        bottom,
      );
    }
  }

  showRange(low, high) {
    const { style } = this.brushed;
    style.left = `${this.canvas.offsetLeft + MARGIN.left}px`;
    style.width = `${this.plot.width}px`;
    style.top = `${this.canvas.offsetTop + MARGIN.top + (1 - high) * this.plot.height}px`;
    style.height = `${(high - low) * this.plot.height}px`;
    this.say(this.scale.words(low, high), MARGIN.left, (1 - high) * this.plot.height);
  }

  nearest(event) {
    let found = null;
    let best = NEAR * NEAR;
    for (const row of this.plot ? this.rows : []) {
      const [x, y] = this.place(row);
      const distance = (x - event.offsetX) ** 2 + (y - event.offsetY) ** 2;
      if (distance <= best) [found, best] = [row, distance];
    }
    return found;
  }

  hover(event) {
    if (event.buttons !== 0) return;
    const row = this.nearest(event);
    this.canvas.style.cursor = row ? 'pointer' : 'crosshair';
    if (!row) {
      this.say(null);
      return;
    }
    const [x, y] = this.place(row);
    const what = row.method ? `${row.method} ${format.path(row.url)}` : row.id;
    const words = [format.duration(chartedDuration(row)), row.name, what, format.clock(row.start)];
    this.say(words.filter(Boolean).join(' · '), x, y);
  }

  openNear(event) {
    const row = this.nearest(event);
    if (row) this.onOpen(row.id);
  }
}
