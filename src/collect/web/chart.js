// What the scatter and the histogram share: a canvas as sharp as the screen, a scale of durations,
// and the range that somebody draws with the pointer.
import { h, oncePerFrame } from './dom.js';
import * as format from './format.js';
import { colour, onTheme } from './theme.js';

const PAUSE = 200;

/** Where a duration lies between the shortest and the longest, from 0 to 1; logarithmic. */
export class DurationScale {
  constructor(rows, durationOf = chartedDuration) {
    let low = Infinity;
    let high = 0;
    for (const row of rows) {
      const value = durationOf(row);
      if (value <= 0) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high === 0) [low, high] = [1e-3, 1];
    // A scale of less than a decade would make noise look like news.
    const middle = Math.sqrt(low * high);
    this.low = Math.max(1e-6, Math.min(low / 1.15, middle / 3.2));
    this.high = Math.max(high * 1.15, middle * 3.2);
    this.base = Math.log(this.low);
    this.span = Math.log(this.high) - this.base;
  }

  at(seconds) {
    return Math.min(1, Math.max(0, (Math.log(Math.max(seconds, 1e-9)) - this.base) / this.span));
  }

  value(share) {
    return Math.exp(this.base + share * this.span);
  }

  /** A range for people: `10 ms to 20 ms`. */
  words(low, high) {
    return [low, high].map((share) => format.duration(this.value(share))).join(' to ');
  }

  /** Powers of ten, and between them where there are few: `[{value, at}]`. */
  ticks(most) {
    const found = (steps) => {
      const values = [];
      for (
        let power = Math.floor(Math.log10(this.low));
        power <= Math.log10(this.high);
        power += 1
      ) {
        for (const step of steps) values.push(step * 10 ** power);
      }
      return values.filter((value) => value >= this.low && value <= this.high);
    };
    const choices = [[1, 2, 5], [1, 3], [1]].map(found);
    const values = choices.find((choice) => choice.length <= most) || thinned(choices[2], most);
    return values.map((value) => ({ value, at: this.at(value) }));
  }
}

/** What the charts show of a trace: what its caller waited, or all of it where there is no root. */
export function chartedDuration(row) {
  return row.response_time > 0 ? row.response_time : row.duration;
}

/** A canvas in a figure that paints itself again when its size, the theme or its data change. */
export class Chart {
  constructor(name, title) {
    this.canvas = h('canvas', { role: 'img' });
    this.brushed = h('div', { class: 'brush', hidden: true });
    this.tip = h('div', { class: 'tip', role: 'status', hidden: true });
    this.element = h('figure', { class: `chart chart-${name}` }, [
      h('figcaption', { text: title }),
      this.canvas,
      this.brushed,
      this.tip,
    ]);
    this.frame = oncePerFrame(() => this.paint());
    this.observer = new ResizeObserver(this.frame);
    this.observer.observe(this.canvas);
    this.forgetTheme = onTheme(this.frame);
    this.rows = [];
    this.last = 0;
    this.timer = 0;
  }

  /** Other rows; the first at once. */
  setRows(rows) {
    const isFirst = this.rows.length === 0;
    this.rows = rows;
    if (isFirst) this.frame();
    else this.paintSoon();
  }

  /** At most a few times a second however much arrives. */
  paintSoon() {
    const wait = this.last + PAUSE - performance.now();
    if (wait <= 0) this.frame();
    else
      this.timer =
        this.timer ||
        setTimeout(() => {
          this.timer = 0;
          this.frame();
        }, wait);
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    this.last = performance.now();
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high)
      Object.assign(this.canvas, { width: wide, height: high });
    const pen = this.canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `11px ${colour('--sans')}`;
    this.draw(pen, width, height);
  }

  /** Shows a text beside a point; null hides it. */
  say(text, x = 0, y = 0) {
    this.tip.hidden = text === null;
    if (text === null) return;
    this.tip.textContent = text;
    const right = x > this.canvas.clientWidth / 2;
    this.tip.style.left = right ? 'auto' : `${x + 14}px`;
    this.tip.style.right = right ? `${this.canvas.clientWidth - x + 14}px` : 'auto';
    this.tip.style.top = `${Math.max(0, y - 12)}px`;
  }

  destroy() {
    clearTimeout(this.timer);
    this.frame.cancel();
    this.forgetTheme();
    this.observer.disconnect();
  }

  /**
   * Lets the pointer draw a range. `toShare(event)` is the pointer's place from 0 to 1;
   * `show(low, high)` draws the range, `done(low, high)` gets it, `click(event)` is told where the
   * pointer did not move.
   */
  brush({ toShare, show, done, click }) {
    let begin = null;
    let isDrawn = false;
    const end = () => {
      begin = null;
      isDrawn = false;
      this.brushed.hidden = true;
    };
    this.canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.canvas.setPointerCapture(event.pointerId);
      begin = { x: event.clientX, y: event.clientY, share: toShare(event) };
    });
    this.canvas.addEventListener('pointermove', (event) => {
      if (!begin) return;
      isDrawn = isDrawn || Math.hypot(event.clientX - begin.x, event.clientY - begin.y) > 4;
      if (!isDrawn) return;
      this.brushed.hidden = false;
      show(...ordered(begin.share, toShare(event)));
    });
    this.canvas.addEventListener('pointerup', (event) => {
      if (!begin) return;
      const range = ordered(begin.share, toShare(event));
      const wasDrawn = isDrawn;
      end();
      if (!wasDrawn) click(event);
      else if (range[1] > range[0]) done(...range);
    });
    this.canvas.addEventListener('pointercancel', end);
  }
}

/** A sentence for who does not see a chart. */
export function summary(rows) {
  if (rows.length === 0) return 'No traces.';
  const values = rows.map(chartedDuration).sort((left, right) => left - right);
  const at = (share) =>
    format.duration(values[Math.min(values.length - 1, Math.floor(share * values.length))]);
  const shares = `half took up to ${at(0.5)}, 95 % up to ${at(0.95)}, the longest ${at(1)}`;
  return `${format.plural(rows.length, 'trace')}: ${shares}.`;
}

function ordered(left, right) {
  const clamp = (value) => Math.min(1, Math.max(0, value));
  return [clamp(Math.min(left, right)), clamp(Math.max(left, right))];
}

function thinned(values, most) {
  const step = Math.ceil(values.length / most);
  return values.filter((_, index) => index % step === 0);
}
