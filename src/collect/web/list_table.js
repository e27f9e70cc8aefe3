// The rows of the list: which is selected, and what a click on a part of one means.
import { h, replace } from './dom.js';
import { DurationScale } from './chart.js';
import { COLUMNS } from './list_order.js';
import { createRow, fillRow, rowElementId, setAge } from './list_row.js';
import { marks, pins } from './marks.js';
import { VirtualRows } from './virtual_rows.js';

const narrow = matchMedia('(max-width: 720px)');
const HEIGHTS = { wide: 32, narrow: 54 };
const HEAD_HEIGHT = 29;
// What outlives the view, so that Back finds the list as it was left.
const kept = { selected: null, scrollTop: 0 };

export class ListTable {
  /** `onOpen(id)`, `onTerm(text)`, `onSort(column)`. */
  constructor({ onOpen, onTerm, onSort }) {
    Object.assign(this, { onOpen, onTerm, onSort });
    this.items = [];
    this.scale = new DurationScale([]);
    this.build();
    this.rows = new VirtualRows(this.scroller, {
      rowHeight: rowHeight(),
      top: HEAD_HEIGHT,
      make: createRow,
      show: (element, place) => this.fill(element, this.items[place], place),
      keyOf: (place) => this.items[place].id,
      body: { class: 'list-canvas', role: 'rowgroup' },
    });
    this.rows.body.addEventListener('click', (event) => this.onClick(event));
    this.onWidth = () => this.rows.setRowHeight(rowHeight());
    narrow.addEventListener('change', this.onWidth);
    this.undo = [marks.listen(() => this.rows.refresh()), pins.listen(() => this.rows.refresh())];
    this.timer = setInterval(() => this.tick(), 1000);
  }

  destroy() {
    kept.scrollTop = this.scroller.scrollTop;
    clearInterval(this.timer);
    narrow.removeEventListener('change', this.onWidth);
    for (const undo of this.undo) undo();
    this.rows.close();
  }

  setItems(items, sort) {
    const before = this.items;
    this.items = items;
    this.scale = new DurationScale(items, (row) => row.duration);
    this.grid.setAttribute('aria-rowcount', String(items.length + 1));
    for (const head of this.head.children) this.markSort(head, sort);
    this.rows.setCount(items.length, (place) =>
      items.findIndex((row) => row.id === before[place].id),
    );
    if (kept.scrollTop > 0 && items.length > 0) {
      this.scroller.scrollTop = kept.scrollTop;
      kept.scrollTop = 0;
    }
  }

  /** Another filter or order begins at its top. */
  toTop() {
    this.scroller.scrollTop = 0;
  }

  get selected() {
    return this.items.find((row) => row.id === kept.selected) || null;
  }

  /**
   * Selects so many rows further, and where none is selected the first one of that way; false where
   * there is none, so that the key scrolls what is shown instead.
   */
  move(step) {
    if (this.items.length === 0) return false;
    const last = this.items.length - 1;
    const now = this.items.findIndex((row) => row.id === kept.selected);
    const from = now < 0 && Number.isFinite(step) ? (step > 0 ? -step : last - step) : now;
    this.select(Math.min(last, Math.max(0, from + step)));
    return true;
  }

  select(index) {
    kept.selected = this.items[index].id;
    this.rows.reveal(index);
    this.rows.refresh();
    this.grid.setAttribute('aria-activedescendant', rowElementId(kept.selected));
    this.grid.focus({ preventScroll: true });
  }

  get pageSize() {
    return Math.max(this.rows.page() - 1, 1);
  }

  build() {
    this.head = h(
      'div',
      { class: 'row list-head', role: 'row', 'aria-rowindex': '1' },
      COLUMNS.map((column) => this.createHead(column)),
    );
    this.head.append(
      h(
        'span',
        { class: 'cell cell-tools', role: 'columnheader' },
        h('span', { class: 'unseen', text: 'Pin and mark' }),
      ),
    );
    this.scroller = h(
      'div',
      { class: 'list-scroller', role: 'presentation', tabindex: '-1' },
      h('div', { role: 'rowgroup', class: 'list-head-group' }, this.head),
    );
    this.grid = h(
      'div',
      { class: 'list-grid', role: 'grid', tabindex: '0', 'aria-label': 'Traces' },
      this.scroller,
    );
    this.element = this.grid;
  }

  createHead(column) {
    const button = h('button', {
      type: 'button',
      title: `Sort: ${column.hint}`,
      text: column.label,
      on: { click: () => this.onSort(column.name) },
    });
    return h(
      'span',
      { class: `cell cell-${column.name}`, role: 'columnheader', data: { column: column.name } },
      [button, h('span', { class: 'sort-sign', 'aria-hidden': 'true' })],
    );
  }

  markSort(head, sort) {
    if (!head.dataset.column) return;
    const isOurs = head.dataset.column === sort.column;
    head.setAttribute(
      'aria-sort',
      isOurs ? (sort.descending ? 'descending' : 'ascending') : 'none',
    );
    replace(head.querySelector('.sort-sign'), isOurs ? (sort.descending ? '▾' : '▴') : '');
  }

  fill(element, row, index) {
    fillRow(element, row, {
      index,
      isSelected: row.id === kept.selected,
      share: this.scale.at(row.duration),
      now: Date.now() / 1000,
    });
  }

  tick() {
    if (document.hidden) return;
    const now = Date.now() / 1000;
    this.rows.forEachShown((element, place) => setAge(element, this.items[place], now));
  }

  onClick(event) {
    const element = event.target.closest('.row');
    if (!element) return;
    const { id } = element.dataset;
    kept.selected = id;
    const button = event.target.closest('button');
    if (button && button.dataset.tool) {
      (button.dataset.tool === 'pin' ? pins : marks).toggle(id);
    } else if (button && button.dataset.term) {
      this.onTerm(button.dataset.term);
    } else if (!event.target.closest('a') && String(getSelection()) === '') {
      this.onOpen(id);
    }
  }
}

function rowHeight() {
  return narrow.matches ? HEIGHTS.narrow : HEIGHTS.wide;
}
