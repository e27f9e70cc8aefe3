// The response times of a service or a call, as the program counted them: buckets of equal ratio.
import { BAR, BarChart, MARGIN } from './bar_chart.js';
import { duration, plural } from './format.js';
import { percentiles } from './map_drawing.js';
import { ticksOf } from './trace_model.js';
import { colour } from './theme.js';

export class NumbersHistogram extends BarChart {
  /** `chosen(low, high)` in seconds; without it there is nothing to choose. */
  constructor(chosen) {
    super('numbers', 'Response times', { onRange: chosen });
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

  draw(pen, width, height) {
    if (!this.numbers) return;
    const base = this.drawBase(pen, width, height);
    this.bars = this.barsOf(Math.max(Math.floor(this.plot.width / BAR), 8));
    const most = Math.max(1, ...this.bars);
    const step = this.plot.width / this.bars.length;
    pen.fillStyle = colour('--accent');
    this.bars.forEach((count, index) => {
      const tall = count ? Math.max((count / most) * this.plot.height, 2) : 0;
      pen.fillRect(MARGIN.left + index * step + 0.5, base - tall, Math.max(step - 1, 1), tall);
    });
    this.drawTimes(pen, base);
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

  drawTimes(pen, base) {
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

  wordsOf(index) {
    return `${this.rangeWords(...this.edges(index))}: ${plural(this.bars[index], 'request')}`;
  }
}
