// A list of any length of which only the rows in sight have elements. Rows have one height; an
// element that leaves the sight is filled again for a row that comes into it, and the others stay
// as they are, so that who points at one or reads it is not disturbed.
import { h, oncePerFrame } from './dom.js';

const BEYOND = 8;

export class VirtualRows {
  /**
   * `viewport` scrolls; `make()` gives an element for a row, `show(element, place)` fills it.
   * `keyOf(place)` tells rows apart that change their places. `top` is the height of what sticks to
   * the viewport's top, `body` the attributes of the element around the rows.
   */
  constructor(
    viewport,
    { rowHeight, top = 0, make, show, keyOf, body = { role: 'presentation' } },
  ) {
    Object.assign(this, { viewport, rowHeight, top, make, show, count: 0 });
    this.keyOf = keyOf ?? ((place) => place);
    this.shown = new Map();
    this.free = [];
    this.body = h('div', { class: 'virtual-rows', ...body });
    viewport.append(this.body);
    this.paintSoon = oncePerFrame(() => this.paint());
    viewport.addEventListener('scroll', this.paintSoon, { passive: true });
    this.observer = new ResizeObserver(this.paintSoon);
    this.observer.observe(viewport);
  }

  /**
   * Another list; every row in sight is filled anew. Where it is scrolled, the first row in sight
   * stays where it is if `placeNow(place)` tells its new place, and not -1; at the very top new
   * rows push the old ones down.
   */
  setCount(count, placeNow = null) {
    const { scrollTop } = this.viewport;
    const first = Math.floor(scrollTop / this.rowHeight);
    const place = placeNow && scrollTop > 0 && first < this.count ? placeNow(first) : -1;
    this.count = count;
    this.body.style.height = `${count * this.rowHeight}px`;
    if (place >= 0)
      this.viewport.scrollTop = place * this.rowHeight + (scrollTop - first * this.rowHeight);
    this.refresh();
  }

  setRowHeight(height) {
    if (height === this.rowHeight) return;
    const first = this.viewport.scrollTop / this.rowHeight;
    this.rowHeight = height;
    this.body.style.height = `${this.count * height}px`;
    this.viewport.scrollTop = first * height;
    this.refresh();
  }

  /** Fills the rows in sight anew. */
  refresh() {
    this.isStale = true;
    this.paint();
  }

  paint() {
    const [first, behind] = this.range();
    const wanted = new Set();
    for (let place = first; place < behind; place += 1) wanted.add(this.keyOf(place));
    for (const [key, element] of this.shown) {
      if (wanted.has(key)) continue;
      this.shown.delete(key);
      this.free.push(element);
    }
    for (let place = first; place < behind; place += 1) this.put(place);
    for (const element of this.free) {
      element.hidden = true;
      // It may be that of a row in sight, which another element is now.
      element.removeAttribute('id');
    }
    this.isStale = false;
  }

  range() {
    const above = Math.max(this.viewport.scrollTop - this.top, 0);
    const first = Math.max(Math.floor(above / this.rowHeight) - BEYOND, 0);
    const behind = Math.ceil((above + this.viewport.clientHeight) / this.rowHeight) + BEYOND;
    return [Math.min(first, this.count), Math.min(behind, this.count)];
  }

  put(place) {
    const key = this.keyOf(place);
    let element = this.shown.get(key);
    const isNew = element === undefined;
    if (isNew) {
      element = this.free.shift() ?? this.body.appendChild(this.make());
      element.hidden = false;
      this.shown.set(key, element);
    }
    element.style.transform = `translateY(${place * this.rowHeight}px)`;
    if (isNew || this.isStale) this.show(element, place);
  }

  /** Calls `visit(element, place)` for each row that has an element. */
  forEachShown(visit) {
    const [first, behind] = this.range();
    for (let place = first; place < behind; place += 1) {
      const element = this.shown.get(this.keyOf(place));
      if (element) visit(element, place);
    }
  }

  /** How many rows fit. */
  page() {
    return Math.max(Math.floor((this.viewport.clientHeight - this.top) / this.rowHeight), 1);
  }

  /** Scrolls as little as it takes to have a row in sight; to the middle where it was far away. */
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
    this.viewport.removeEventListener('scroll', this.paintSoon);
    this.observer.disconnect();
    this.paintSoon.cancel();
  }
}
