// The part of a trace's time that is in sight, and the ruler above it.
import { h, replace } from './dom.js';
import { duration } from './format.js';
import { ticksOf } from './trace_model.js';

const LEAST_SPAN = 1e-6;

export class TimeView {
  constructor() {
    Object.assign(this, { total: 0, from: 0, to: 0, listeners: new Set() });
  }

  /** Another trace, or the same one grown: what was zoomed into stays in sight. */
  setTotal(total) {
    const wasWhole = this.isWhole();
    this.total = Math.max(total, LEAST_SPAN);
    this.set(wasWhole ? 0 : this.from, wasWhole ? this.total : this.to);
  }

  isWhole() {
    return this.from <= 0 && this.to >= this.total;
  }

  set(from, to) {
    const span = Math.min(Math.max(to - from, Math.min(LEAST_SPAN, this.total)), this.total);
    this.from = Math.min(Math.max(from, 0), this.total - span);
    this.to = this.from + span;
    for (const listener of this.listeners) listener();
  }

  reset() {
    this.set(0, this.total);
  }

  /** Shows `factor` times as much, and keeps `centre` where it is. */
  zoom(factor, centre = (this.from + this.to) / 2) {
    this.set(centre - (centre - this.from) * factor, centre + (this.to - centre) * factor);
  }

  /** Moves by a share of what is in sight. */
  pan(share) {
    const span = this.to - this.from;
    const from = Math.min(Math.max(this.from + span * share, 0), this.total - span);
    this.set(from, from + span);
  }

  /**

   * Where a moment lies: 0 at the left edge, 1 at the right; kept near, since elements of any size

   * are not drawn.

   */
  place(seconds) {
    return Math.min(Math.max((seconds - this.from) / (this.to - this.from), -0.05), 1.05);
  }

  moment(place) {
    return this.from + place * (this.to - this.from);
  }
}

/** Puts ticks with their times into `ruler`, and lines below them into `grid`. */
export function drawRuler(view, ruler, grid, width) {
  const ticks = ticksOf(view.from, view.to, Math.max(Math.floor(width / 110), 1));
  const left = (tick) => ({ left: `${view.place(tick) * 100}%` });
  replace(
    grid,
    ticks.map((tick) => h('span', { class: 'grid-line', style: left(tick) })),
  );
  replace(
    ruler,
    ticks.map((tick) => {
      const isLast = view.place(tick) * width > width - 60;
      return h('span', {
        class: isLast ? 'tick tick-last' : 'tick',
        style: left(tick),
        text: tick === 0 ? '0' : duration(tick),
      });
    }),
  );
}

/**
 * Lets a pointer choose a range of `area`, whose left and right edges are the view's; `chosen(from,
 * to)` gets places from 0 to 1. A press that does not move is left to others.
 */
export function chooseRange(area, edges, chosen) {
  let begun = null;
  const placeOf = (event) => {
    const { left, width } = edges();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1);
  };
  const mark = h('div', { class: 'range-mark', hidden: true });
  const end = (event) => {
    if (!begun) return;
    const { at, isMoved } = begun;
    begun = null;
    mark.hidden = true;
    if (!isMoved || event.type === 'pointercancel') return;
    swallowClick();
    const now = placeOf(event);
    chosen(Math.min(at, now), Math.max(at, now));
  };
  area.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || event.pointerType === 'touch' || event.clientX < edges().left) return;
    begun = { at: placeOf(event), x: event.clientX, isMoved: false };
  });
  area.addEventListener('pointermove', (event) => {
    if (!begun) return;
    if (!begun.isMoved && Math.abs(event.clientX - begun.x) < 4) return;
    if (!begun.isMoved) area.setPointerCapture(event.pointerId);
    begun.isMoved = true;
    const now = placeOf(event);
    mark.hidden = false;
    mark.style.left = `${Math.min(begun.at, now) * 100}%`;
    mark.style.width = `${Math.abs(now - begun.at) * 100}%`;
    event.preventDefault();
  });
  area.addEventListener('pointerup', end);
  area.addEventListener('pointercancel', end);
  return mark;
}

// The click that follows a drag is not one on the row it ended on.
function swallowClick() {
  const swallow = (event) => event.stopPropagation();
  window.addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }));
}
