// Two traces beside each other, node by node, on one scale.
import { api } from './api.js';
import { comparison, pathOf } from './compare_model.js';
import { verdictOf } from './compare_verdict.js';
import { h, keepFocus, oncePerFrame, replace } from './dom.js';
import { dateTime, duration } from './format.js';
import { keepLoading } from './live_view.js';
import { navigate } from './router.js';
import { serviceColour, statusBadge } from './status.js';
import { drawRuler, TimeView } from './time_view.js';
import { titleOf } from './trace_head.js';
import { endOf, offsetOf } from './trace_model.js';
import { VirtualRows } from './virtual_rows.js';
import { colourOf } from './waterfall_row.js';

const ROW_HEIGHT = 34;
const RULER_HEIGHT = 26;
// What differs by less than this share of the longer trace is told in grey.
const LEAST_SHARE = 0.02;

export function mount(root, { left, right }) {
  const view = new CompareView(root, left, right);
  return { unmount: () => view.close(), keys: () => view.keys() };
}

class CompareView {
  constructor(root, left, right) {
    Object.assign(this, { root, ids: [left, right], rows: [], selected: -1, onlyDifferent: false });
    root.className = 'compare-view';
    document.title = 'Comparison · xtrace';
    replace(root, h('p', { class: 'muted compare-loading', text: 'Loading …' }));
    this.view = new TimeView();
    this.drawSoon = oncePerFrame(() => this.draw());
    this.observer = new ResizeObserver(this.drawSoon);
    this.loading = keepLoading({
      load: () => this.load(),
      concerns: (news) => news.traces.some((row) => this.ids.includes(row.id)),
    });
  }

  async load() {
    try {
      const [one, other] = await Promise.all(this.ids.map((id) => api.trace(id)));
      const revision = `${one.row.revision} ${other.row.revision}`;
      if (this.isClosed || revision === this.revision) return;
      this.revision = revision;
      this.show(comparison(one, other));
    } catch (error) {
      if (this.isClosed || this.compared) return;
      replace(
        this.root,
        h('div', { class: 'notice' }, [
          h('h1', { text: 'These two cannot be compared' }),
          h('p', { text: error.message }),
          h('p', {}, h('a', { href: '/', text: 'All traces' })),
        ]),
      );
    }
  }

  show(compared) {
    const { scrollTop = 0 } = this.viewport ?? {};
    const wasSelected = this.rows[this.selected] && this.keyOf(this.rows[this.selected]);
    this.compared = compared;
    this.list?.close();
    this.observer.disconnect();
    const { left, right } = compared;
    this.view.setTotal(Math.max(left.duration, right.duration));
    const drawn = [
      h('h1', { class: 'unseen', text: 'Comparison of two traces' }),
      h('div', { class: 'compare-heads' }, [
        this.card('A', left.trace),
        this.card('B', right.trace),
      ]),
      this.verdict(),
      this.tools(),
      this.table(),
    ];
    keepFocus(this.root, () => replace(this.root, drawn));
    this.list = new VirtualRows(this.viewport, {
      rowHeight: ROW_HEIGHT,
      top: RULER_HEIGHT,
      make: makeRow,
      show: (element, place) => this.fill(element, this.rows[place], place),
    });
    this.list.body.append(this.grid);
    this.observer.observe(this.ruler);
    this.layOut();
    this.selected = this.rows.findIndex((row) => this.keyOf(row) === wasSelected);
    this.viewport.scrollTop = scrollTop;
    this.list.refresh();
  }

  verdict() {
    const sentences = verdictOf(this.compared, (row) => this.goTo(row));
    return h('div', { class: 'verdict', role: 'status' }, sentences);
  }

  tools() {
    this.only = h('button', {
      type: 'button',
      'aria-pressed': String(this.onlyDifferent),
      title: 'Hide rows that are alike (d)',
      text: 'Only differences',
      on: { click: () => this.toggleOnly() },
    });
    const swap = h('button', {
      type: 'button',
      title: 'The other way round (w)',
      text: 'Swap',
      on: { click: () => this.swap() },
    });
    return h('div', { class: 'trace-bar' }, [this.only, swap]);
  }

  card(letter, trace) {
    const { row } = trace;
    return h(
      'a',
      {
        class: `compare-card side-${letter.toLowerCase()}`,
        href: `/t/${encodeURIComponent(row.id)}`,
      },
      [
        h('span', { class: 'side', text: letter }),
        statusBadge(row),
        h('span', { class: 'compare-title' }, [
          h('strong', { class: 'cut', text: titleOf(trace) }),
          h('span', { class: 'muted cut', text: `${dateTime(row.start)} · ${row.id}` }),
        ]),
        h('span', { class: 'compare-total', text: duration(row.duration) }),
      ],
    );
  }

  table() {
    this.ruler = h('div', { class: 'wf-ruler' });
    this.grid = h('div', { class: 'wf-grid', 'aria-hidden': 'true' });
    const head = ['Name', 'A', 'B', 'B − A'].map((text) =>
      h('div', { class: 'cmp-cell muted', role: 'columnheader', text }),
    );
    const top = h('div', { class: 'cmp-row cmp-top', role: 'row' }, [...head, this.ruler]);
    this.viewport = h(
      'div',
      { class: 'cmp-viewport', role: 'table', tabindex: 0, 'aria-label': 'Durations of both' },
      top,
    );
    return this.viewport;
  }

  layOut() {
    this.rows = this.compared.rows.filter((row) => !this.onlyDifferent || this.isDifferent(row));
    this.list.setCount(this.rows.length);
    this.drawSoon();
  }

  draw() {
    drawRuler(this.view, this.ruler, this.grid, this.ruler.clientWidth);
    this.list.refresh();
  }

  // What a row is called by when a trace of the two has grown.
  keyOf({ left, right }) {
    return [this.compared.left.keys[left], this.compared.right.keys[right]].join(' ');
  }

  isDifferent(row) {
    const isMissing = row.left < 0 || row.right < 0;
    return (
      isMissing ||
      row.statuses[0] !== row.statuses[1] ||
      Math.abs(row.difference) >= this.view.total * LEAST_SHARE
    );
  }

  fill(element, row, place) {
    const { left, right } = this.compared;
    const [name, one, other, difference, track] = element.children;
    const model = row.left >= 0 ? left : right;
    const index = row.left >= 0 ? row.left : row.right;
    const nodes = [
      row.left >= 0 ? left.nodes[row.left] : null,
      row.right >= 0 ? right.nodes[row.right] : null,
    ];
    element.className = `cmp-row${place === this.selected ? ' wf-selected' : ''}`;
    element.style.setProperty('--colour', colourOf(model, index));
    replace(name, [
      h('span', { class: 'wf-indent', style: { width: `${Math.min(row.depth, 24) * 13}px` } }),
      h('span', { class: 'dot', style: { '--colour': serviceColour(model.service[index]) } }),
      h('span', { class: 'cut', text: row.name || '(no name)', title: pathOf(row).join(' › ') }),
      row.left < 0 || row.right < 0
        ? h('span', { class: 'chip', text: row.left < 0 ? 'only B' : 'only A' })
        : null,
    ]);
    [one, other].forEach((cell, side) =>
      replace(cell, [
        nodes[side] && row.statuses[side] !== 'ok' ? statusBadge(nodes[side]) : null,
        duration(side === 0 ? row.leftDuration : row.rightDuration),
      ]),
    );
    this.fillDifference(difference, row);
    replace(track, [this.bar(left, row.left, 'a'), this.bar(right, row.right, 'b')]);
  }

  fillDifference(cell, row) {
    const kind = !this.isDifferent(row) ? 'cmp-same' : row.difference > 0 ? 'cmp-more' : 'cmp-less';
    cell.className = `cmp-cell cmp-number ${kind}`;
    const sign = row.difference > 0 ? '+' : '';
    cell.textContent = Math.abs(row.difference) < 1e-9 ? '=' : `${sign}${duration(row.difference)}`;
  }

  bar(model, index, side) {
    if (index < 0) return null;
    const from = this.view.place(offsetOf(model, index));
    const to = this.view.place(endOf(model, index));
    return h('span', {
      class: `cmp-bar cmp-bar-${side}`,
      style: { left: `${from * 100}%`, width: `${Math.max(to - from, 0) * 100}%` },
    });
  }

  goTo(row) {
    if (!this.rows.includes(row)) this.toggleOnly();
    this.select(this.rows.indexOf(row));
  }

  select(place) {
    this.selected = Math.min(Math.max(place, 0), this.rows.length - 1);
    this.list.reveal(this.selected);
    this.list.refresh();
  }

  toggleOnly() {
    const row = this.rows[this.selected];
    this.onlyDifferent = !this.onlyDifferent;
    this.only.setAttribute('aria-pressed', String(this.onlyDifferent));
    this.layOut();
    this.selected = this.rows.indexOf(row);
    this.list.refresh();
  }

  swap() {
    navigate(`/compare/${[...this.ids].reverse().map(encodeURIComponent).join('/')}`, {
      replace: true,
    });
  }

  open() {
    const row = this.rows[this.selected];
    if (!row) return false;
    const isRight = row.right >= 0;
    const model = isRight ? this.compared.right : this.compared.left;
    const key = model.keys[isRight ? row.right : row.left];
    return navigate(
      `/t/${encodeURIComponent(this.ids[isRight ? 1 : 0])}#${encodeURIComponent(key)}`,
    );
  }

  keys() {
    if (!this.compared) return [];
    return [
      { key: ['j', 'ArrowDown'], label: 'Next row', run: () => this.select(this.selected + 1) },
      { key: ['k', 'ArrowUp'], label: 'Row before', run: () => this.select(this.selected - 1) },
      { key: 'Enter', label: 'Open it in its trace', run: () => this.open() },
      { key: 'd', label: 'Only differences', run: () => this.toggleOnly() },
      { key: 'w', label: 'The other way round', run: () => this.swap() },
    ];
  }

  close() {
    this.isClosed = true;
    this.loading.close();
    this.observer.disconnect();
    this.drawSoon.cancel();
    this.list?.close();
  }
}

function makeRow() {
  const cell = (kind) => h('div', { class: `cmp-cell ${kind}`, role: 'cell' });
  return h('div', { class: 'cmp-row', role: 'row' }, [
    cell('cmp-name'),
    cell('cmp-number'),
    cell('cmp-number'),
    cell('cmp-number'),
    cell('cmp-track'),
  ]);
}
