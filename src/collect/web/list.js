// The list of traces: filter, charts, rows, counters.
import { api } from './api.js';
import { ClearButton } from './clear_button.js';
import { createCompareBar, goCompare } from './compare_bar.js';
import { announceLosses, drawCounters } from './counters.js';
import { announce, h, keepFocus, oncePerFrame, replace } from './dom.js';
import { FilterBox } from './filter_box.js';
import { addTerm, filterPath, rangeTerm } from './filter_terms.js';
import * as format from './format.js';
import { Histogram } from './histogram.js';
import { listModel } from './list_model.js';
import { COLUMNS, nextColumn } from './list_order.js';
import { ListTable } from './list_table.js';
import { lastStats, subscribe } from './live.js';
import { marks, pins } from './marks.js';
import { navigate } from './router.js';
import { Scatter } from './scatter.js';
import { recall, remember } from './storage.js';
import { drawNoMatch, drawWelcome } from './welcome.js';

export function mount(root, params) {
  return new ListView(root, params);
}

class ListView {
  constructor(root, params) {
    root.className = 'list-view';
    document.title = 'Traces · xtrace';
    this.stats = lastStats();
    this.build(root);
    this.draw = oncePerFrame(() => this.render());
    this.undo = [
      listModel.listen(this.draw),
      subscribe({
        change: ({ stats }) => {
          if (stats) this.setStats(stats);
        },
      }),
    ];
    this.update(params);
    this.render();
    if (!this.stats) this.askStats();
    this.keys = this.bindings();
  }

  unmount() {
    for (const undo of this.undo) undo();
    this.draw.cancel();
    for (const part of [this.table, this.scatter, this.histogram, this.compareBar]) part.destroy();
  }

  /** Another address of this view: another filter or order. */
  update({ query }) {
    const filter = query.get('filter') || '';
    const [column, direction] = (query.get('sort') || 'age').split('.');
    if (filter !== listModel.filter && listModel.filter !== null) this.table.toTop();
    this.box.setText(filter);
    listModel.setSort(column, direction ? direction === 'desc' : undefined);
    listModel.setFilter(filter);
  }

  build(root) {
    this.box = new FilterBox({
      onFilter: (text) => this.setFilter(text),
      services: () => knownServices(),
    });
    this.count = h('span', { class: 'list-count' });
    this.pause = h('button', { type: 'button', on: { click: () => this.togglePause() } });
    this.chartsToggle = h('button', {
      type: 'button',
      text: 'Charts',
      title: 'Show or hide the charts (h)',
      on: { click: () => this.toggleCharts() },
    });
    this.clearButton = new ClearButton(() => this.clear());
    const onRange = (low, high) => this.addTerm(rangeTerm(low, high));
    this.scatter = new Scatter({ onOpen: open, onRange });
    this.histogram = new Histogram({ onRange });
    this.charts = h('div', { class: 'charts' }, [this.scatter.element, this.histogram.element]);
    this.table = new ListTable({
      onOpen: open,
      onTerm: (text) => this.addTerm(text),
      onSort: (column) => this.sortBy(column),
    });
    this.empty = h('div', { class: 'list-empty', hidden: true });
    this.counters = h('footer', { class: 'counters', 'aria-label': 'Counters' });
    this.compareBar = createCompareBar();
    const tools = h('div', { class: 'toolbar' }, [
      this.box.element,
      this.count,
      this.pause,
      this.chartsToggle,
      this.clearButton.element,
    ]);
    replace(root, [
      tools,
      this.charts,
      this.table.element,
      this.empty,
      this.compareBar.element,
      this.counters,
    ]);
    this.showCharts(recall('charts', true));
    drawCounters(this.counters, this.stats);
  }

  render() {
    const { order, error, isLoading } = listModel;
    this.box.setProblem(error);
    if (!error && !isLoading && listModel.filter) this.box.succeed();
    this.drawCount();
    this.sayMatches();
    this.drawPause();
    const isEmpty = order.length === 0 && !isLoading && !error;
    this.table.element.hidden = isEmpty;
    this.empty.hidden = !isEmpty;
    this.charts.classList.toggle('charts-empty', isEmpty && !listModel.filter);
    if (isEmpty) this.drawEmpty();
    this.table.setItems(order, listModel.sort);
    this.scatter.setRows(order);
    this.histogram.setRows(order);
    if (!isLoading) markPainted();
  }

  drawCount() {
    const matched = listModel.rows.size;
    const total = Math.max(listModel.total, matched);
    const text = listModel.filter
      ? `${format.count(matched)} of ${format.plural(total, 'trace')}`
      : format.plural(total, 'trace');
    if (listModel.error) {
      this.count.textContent = 'not filtered';
      return;
    }
    const shown = listModel.isLoading && matched === 0 ? 'Loading' : text;
    if (this.count.textContent !== shown) this.count.textContent = shown;
  }

  // The count goes on in silence as traces come.
  sayMatches() {
    const { filter, isLoading, error, rows } = listModel;
    if (isLoading || error || filter === this.saidOf) return;
    this.saidOf = filter;
    if (filter) announce(`${format.plural(rows.size, 'match', 'matches')} for the filter.`);
  }

  drawPause() {
    const { isPaused, held } = listModel;
    this.pause.setAttribute('aria-pressed', String(isPaused));
    this.pause.title = isPaused ? 'Show what arrives again (p)' : 'Hold the list still (p)';
    const text = isPaused ? (held > 0 ? `Resume, ${format.count(held)} new` : 'Resume') : 'Pause';
    if (this.pause.textContent !== text) this.pause.textContent = text;
  }

  drawEmpty() {
    const address = this.stats?.udp?.address || '';
    const kind = listModel.filter ? `filtered ${listModel.total}` : `welcome ${address}`;
    if (this.empty.dataset.kind === kind) return;
    this.empty.dataset.kind = kind;
    const drawn = listModel.filter
      ? drawNoMatch(listModel.total, () => this.setFilter(''))
      : drawWelcome(address);
    keepFocus(this.empty, () => replace(this.empty, drawn));
  }

  setStats(stats) {
    this.stats = stats;
    drawCounters(this.counters, stats);
    announceLosses(stats);
  }

  async askStats() {
    const stats = await api.stats().catch(() => null);
    if (!stats || this.stats) return;
    this.setStats(stats);
    this.draw();
  }

  setFilter(filter) {
    const query = new URLSearchParams(location.search);
    query.delete('filter');
    const rest = query.toString();
    const path = filterPath(filter);
    navigate(rest ? `${path}${path.includes('?') ? '&' : '?'}${rest}` : path);
  }

  addTerm(term) {
    this.setFilter(addTerm(listModel.filter || '', term));
  }

  sortBy(column) {
    const { sort } = listModel;
    const known = COLUMNS.find((candidate) => candidate.name === column);
    const descending = sort.column === column ? !sort.descending : known.descending;
    const query = new URLSearchParams(location.search);
    query.set('sort', `${column}.${descending ? 'desc' : 'asc'}`);
    this.table.toTop();
    navigate(`/?${query}`, { replace: true });
    announce(`Sorted by ${known.label}, ${descending ? 'descending' : 'ascending'}.`);
  }

  togglePause() {
    listModel.setPaused(!listModel.isPaused);
    announce(listModel.isPaused ? 'The list is held still.' : 'The list goes on.');
  }

  async clear() {
    try {
      await listModel.clear();
      marks.clear();
      announce('All traces are forgotten.');
    } catch (error) {
      this.box.setProblem(error);
    }
  }

  toggleCharts() {
    this.showCharts(this.charts.hidden);
    remember('charts', !this.charts.hidden);
  }

  showCharts(isShown) {
    this.charts.hidden = !isShown;
    this.chartsToggle.setAttribute('aria-pressed', String(isShown));
  }

  toggleErrors() {
    if (/^fault OR error OR throttle$/.test(listModel.filter)) this.setFilter('');
    else this.setFilter('fault OR error OR throttle');
  }

  withSelected(work) {
    const row = this.table.selected;
    if (row) work(row.id);
    return row !== null;
  }

  bindings() {
    return [
      { key: ['j', 'ArrowDown'], label: 'The next trace', run: () => this.table.move(1) },
      { key: ['k', 'ArrowUp'], label: 'The one before', run: () => this.table.move(-1) },
      { key: 'PageDown', label: 'A page on', run: () => this.table.move(this.table.pageSize) },
      { key: 'PageUp', label: 'A page back', run: () => this.table.move(-this.table.pageSize) },
      { key: ['g', 'Home'], label: 'The first', run: () => this.table.move(-Infinity) },
      { key: ['G', 'End'], label: 'The last', run: () => this.table.move(Infinity) },
      { key: ['Enter', 'o'], label: 'Open it', run: () => this.withSelected(open) },
      { key: '/', label: 'Filter', run: () => this.box.focus() },
      { key: 'e', label: 'What failed', run: () => this.toggleErrors() },
      {
        key: 's',
        label: 'Sort: age, status, duration',
        run: () => this.sortBy(nextColumn(listModel.sort.column)),
      },
      { key: 'p', label: 'Hold still, go on', run: () => this.togglePause() },
      { key: 'i', label: 'Pin to the top', run: () => this.withSelected((id) => pins.toggle(id)) },
      {
        key: 'x',
        label: 'Mark for comparison',
        run: () => this.withSelected((id) => marks.toggle(id)),
      },
      { key: 'd', label: 'Compare the marked', run: goCompare },
      { key: 'h', label: 'Charts', run: () => this.toggleCharts() },
      { key: 'c', label: 'Forget all traces, and Enter', run: () => this.clearButton.ask() },
      { key: 'Escape', shown: 'Esc', label: 'Remove the filter', run: () => this.setFilter('') },
    ];
  }
}

function open(id) {
  navigate(`/t/${encodeURIComponent(id)}`);
}

// For who measures: when the frame that shows the rows was done.
function markPainted() {
  requestAnimationFrame(() =>
    setTimeout(() => {
      performance.clearMarks('xtrace.list');
      performance.mark('xtrace.list');
    }),
  );
}

function knownServices() {
  const names = new Set();
  for (const row of listModel.order.slice(0, 2000))
    for (const name of row.services) names.add(name);
  return [...names].sort();
}
