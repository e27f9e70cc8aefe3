// How many traces took how long, in bars of equal ratio. A drag filters by the range, a click by a
// bar.
import { BAR, BarChart, MARGIN } from './bar_chart.js';
import { DurationScale, chartedDuration, summary } from './chart.js';
import * as format from './format.js';
import { allStatuses, statusOf } from './status.js';
import { colour } from './theme.js';

export class Histogram extends BarChart {
  constructor({ onRange }) {
    const pick = (index) => {
      if (index >= 0 && this.bars[index].total > 0)
        onRange(...this.edges(index).map((share) => this.value(share)));
    };
    super('histogram', 'Response times', { onRange, onClick: pick });
  }

  value(share) {
    return this.scale.value(share);
  }

  draw(pen, width, height) {
    const base = this.drawBase(pen, width, height);
    this.scale = new DurationScale(this.rows);
    this.fillBars(Math.max(4, Math.floor(this.plot.width / BAR)));
    this.drawTimes(pen, width, base);
    const most = Math.max(1, ...this.bars.map((bar) => bar.total));
    const step = this.plot.width / this.bars.length;
    const order = allStatuses().reverse();
    this.bars.forEach((bar, index) => {
      let bottom = base;
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

  drawTimes(pen, width, base) {
    pen.fillStyle = colour('--muted');
    pen.textAlign = 'center';
    for (const { value, at } of this.scale.ticks(Math.max(2, Math.floor(this.plot.width / 62)))) {
      const x = MARGIN.left + at * this.plot.width;
      if (x > 24 && x < width - 24) pen.fillText(format.duration(value), x, base + 14);
    }
  }

  wordsOf(index) {
    const traces = format.plural(this.bars[index].total, 'trace');
    return `${this.rangeWords(...this.edges(index))}: ${traces}`;
  }
}
