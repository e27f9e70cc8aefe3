// A list of any length of which only the rows in sight have elements, which are used again as it
// scrolls.
import { h, oncePerFrame } from './dom.js';

const BEYOND = 6;

export class VirtualRows {
  /**
   * `viewport` scrolls; `make()` gives an element for a row, `show(element, place)` fills it. `top`
   * is the height of what sticks to the viewport's top, `body` the attributes of the element around
   * the rows.
   */
  constructor(viewport, { rowHeight, top = 0, make, show, body = { role: 'presentation' } }) {
    Object.assign(this, {
      viewport,
      rowHeight,
      top,
      make,
      show,
      count: 0,
      free: [],
      shown: new Map(),
    });
    this.body = h('div', { class: 'virtual-rows', ...body });
    viewport.append(this.body);
    this.paintSoon = oncePerFrame(() => this.paint());
    viewport.addEventListener('scroll', this.paintSoon, { passive: true });
    this.observer = new ResizeObserver(this.paintSoon);
    this.observer.observe(viewport);
  }

  /** Another list; every row in sight is filled anew. */
  setCount(count) {
    this.count = count;
    this.body.style.height = `${count * this.rowHeight}px`;
    this.refresh();
  }

  /** Fills the rows in sight anew. */
  refresh() {
    for (const element of this.shown.values()) this.free.push(element);
    this.shown.clear();
    this.paint();
  }

  paint() {
    const [first, behind] = this.range();
    for (const [place, element] of this.shown) {
      if (place >= first && place < behind) continue;
      this.shown.delete(place);
      this.free.push(element);
    }
    for (let place = first; place < behind; place += 1) {
      if (!this.shown.has(place)) this.shown.set(place, this.fill(place));
    }
    for (const element of this.free) {
      element.hidden = true;
      // It may be that of a row in sight, which another element is now.
      element.removeAttribute('id');
    }
  }

  range() {
    const above = Math.max(this.viewport.scrollTop - this.top, 0);
    const first = Math.max(Math.floor(above / this.rowHeight) - BEYOND, 0);
    const behind = Math.ceil((above + this.viewport.clientHeight) / this.rowHeight) + BEYOND;
    return [Math.min(first, this.count), Math.min(behind, this.count)];
  }

  fill(place) {
    let element = this.free.shift();
    if (!element) {
      element = this.make();
      this.body.append(element);
    }
    element.hidden = false;
    element.style.transform = `translateY(${place * this.rowHeight}px)`;
    this.show(element, place);
    return element;
  }

  /** The element of a row in sight, or undefined. */
  elementAt(place) {
    return this.shown.get(place);
  }

  /** How many rows fit. */
  page() {
    return Math.max(Math.floor((this.viewport.clientHeight - this.top) / this.rowHeight), 1);
  }

  /**

   * Scrolls as little as it takes to have a row in sight, or to the middle where it was far away.

   */
  reveal(place) {
    const from = place * this.rowHeight;
    const height = this.viewport.clientHeight - this.top;
    const at = this.viewport.scrollTop;
    if (from >= at && from + this.rowHeight <= at + height) return;
    const isNear = from > at - 3 * this.rowHeight && from < at + height + 3 * this.rowHeight;
    if (!isNear) this.viewport.scrollTop = from - height / 2;
    else this.viewport.scrollTop = from < at ? from : from + this.rowHeight - height;
    this.paint();
  }

  close() {
    this.observer.disconnect();
    this.paintSoon.cancel();
  }
}
