// What histograms share: bars from left to right, of which the pointer chooses a range.
import { Chart } from './chart.js';
import { duration } from './format.js';
import { colour } from './theme.js';

export const MARGIN = { left: 8, right: 8, top: 7, bottom: 18 };
export const BAR = 9;

export class BarChart extends Chart {
  /**
   * Heirs have `bars`, `value(share)` (the seconds at a place from 0 to 1) and `wordsOf(index)` (of
   * a bar). `onRange(low, high)` is told of a range in seconds; without it there is nothing to
   * choose. `onClick(index)` is told of a bar.
   */
  constructor(name, title, { onRange, onClick = () => {} }) {
    super(name, title);
    this.bars = [];
    this.canvas.addEventListener('pointermove', (event) => this.hover(event));
    this.canvas.addEventListener('pointerleave', () => this.say(null));
    if (!onRange) return;
    this.brush({
      toShare: (event) => this.share(event),
      show: (low, high) => this.showRange(low, high),
      done: (low, high) => onRange(this.value(low), this.value(high)),
      click: (event) => onClick(this.barOf(event)),
    });
  }

  /** Measures the plot and draws the line below its bars; where that is. */
  drawBase(pen, width, height) {
    this.plot = {
      width: width - MARGIN.left - MARGIN.right,
      height: height - MARGIN.top - MARGIN.bottom,
    };
    const base = MARGIN.top + this.plot.height;
    pen.strokeStyle = colour('--line');
    pen.beginPath();
    pen.moveTo(MARGIN.left, base + 0.5);
    pen.lineTo(width - MARGIN.right, base + 0.5);
    pen.stroke();
    return base;
  }

  share(event) {
    return (event.offsetX - MARGIN.left) / this.plot.width;
  }

  /** The index of the bar below the pointer, or -1. */
  barOf(event) {
    const index = this.plot ? Math.floor(this.share(event) * this.bars.length) : -1;
    return this.bars[index] === undefined ? -1 : index;
  }

  /** From where to where a bar goes, from 0 to 1. */
  edges(index) {
    return [index / this.bars.length, (index + 1) / this.bars.length];
  }

  hover(event) {
    if (event.buttons !== 0) return;
    const index = this.barOf(event);
    this.say(index < 0 ? null : this.wordsOf(index), event.offsetX, event.offsetY);
  }

  showRange(low, high) {
    const { style } = this.brushed;
    style.left = `${this.canvas.offsetLeft + MARGIN.left + low * this.plot.width}px`;
    style.width = `${(high - low) * this.plot.width}px`;
    style.top = `${this.canvas.offsetTop + MARGIN.top}px`;
    style.height = `${this.plot.height}px`;
    this.say(this.rangeWords(low, high), MARGIN.left + low * this.plot.width, 0);
  }

  /** `10 ms to 20 ms`. */
  rangeWords(low, high) {
    return [low, high].map((share) => duration(this.value(share))).join(' to ');
  }
}
