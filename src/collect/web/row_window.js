// A list of any length of which only the rows in sight exist, and which keeps its place when rows
// come above it. Rows have one height and an id; an element that leaves the sight is filled again
// for a row that comes into it, and others stay as they are.
import { oncePerFrame } from './dom.js';

const SPARE = 8;

export class RowWindow {
  /**
   * `scroller` scrolls, `canvas` is inside it and as high as all rows. `create()` makes an element,
   * `fill(element, item, index)` fills it; `item.id` tells items apart. `head` sticks to the
   * scroller's top.
   */
  constructor({ scroller, canvas, head, rowHeight, create, fill }) {
    Object.assign(this, { scroller, canvas, head, rowHeight, create, fill });
    this.items = [];
    this.shown = new Map();
    this.free = [];
    this.paint = oncePerFrame(() => this.render());
    scroller.addEventListener('scroll', this.paint, { passive: true });
    this.observer = new ResizeObserver(this.paint);
    this.observer.observe(scroller);
  }

  destroy() {
    this.paint.cancel();
    this.observer.disconnect();
    this.scroller.removeEventListener('scroll', this.paint);
  }

  /**
   * Other items. Where the list was scrolled, the first row in sight stays where it is, whatever
   * came above it; at the very top new rows push the old ones down.
   */
  setItems(items) {
    const top = this.scroller.scrollTop;
    const anchor = top > 0 ? this.items[Math.floor(top / this.rowHeight)] : null;
    const offset = top % this.rowHeight;
    this.items = items;
    this.canvas.style.height = `${items.length * this.rowHeight}px`;
    if (anchor) {
      const index = items.findIndex((item) => item.id === anchor.id);
      if (index >= 0) this.scroller.scrollTop = index * this.rowHeight + offset;
    }
    this.refresh();
  }

  setRowHeight(height) {
    if (height === this.rowHeight) return;
    const first = this.scroller.scrollTop / this.rowHeight;
    this.rowHeight = height;
    this.canvas.style.height = `${this.items.length * height}px`;
    this.scroller.scrollTop = first * height;
    this.refresh();
  }

  /** Fills every row in sight again. */
  refresh() {
    this.isStale = true;
    this.paint();
  }

  /** Calls `visit(element, item)` for each row that has an element. */
  forEachShown(visit) {
    const { first, last } = this.range();
    for (let index = first; index < last; index += 1) {
      const element = this.shown.get(this.items[index].id);
      if (element) visit(element, this.items[index]);
    }
  }

  /** How many whole rows are in sight. */
  get pageSize() {
    return Math.max(1, Math.floor(this.viewHeight() / this.rowHeight) - 1);
  }

  /** Scrolls no further than it must. */
  reveal(index) {
    const top = index * this.rowHeight;
    const { scrollTop } = this.scroller;
    const height = this.viewHeight();
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.rowHeight > scrollTop + height)
      this.scroller.scrollTop = top + this.rowHeight - height;
    this.render();
  }

  viewHeight() {
    return this.scroller.clientHeight - this.head.offsetHeight;
  }

  range() {
    const { scrollTop, clientHeight } = this.scroller;
    return {
      first: Math.max(0, Math.floor(scrollTop / this.rowHeight) - SPARE),
      last: Math.min(
        this.items.length,
        Math.ceil((scrollTop + clientHeight) / this.rowHeight) + SPARE,
      ),
    };
  }

  render() {
    const { first, last } = this.range();
    const wanted = new Set();
    for (let index = first; index < last; index += 1) wanted.add(this.items[index].id);
    for (const [id, element] of this.shown) {
      if (wanted.has(id)) continue;
      this.shown.delete(id);
      this.free.push(element);
    }
    for (let index = first; index < last; index += 1) this.place(index);
    for (const element of this.free) {
      element.hidden = true;
      // It may be that of a row in sight, which another element is now.
      element.removeAttribute('id');
    }
    this.isStale = false;
  }

  place(index) {
    const item = this.items[index];
    let element = this.shown.get(item.id);
    if (!element) {
      element = this.free.pop() || this.canvas.appendChild(this.create());
      element.hidden = false;
      this.shown.set(item.id, element);
      this.fill(element, item, index);
    } else if (this.isStale) {
      this.fill(element, item, index);
    }
    element.style.transform = `translateY(${index * this.rowHeight}px)`;
  }
}
