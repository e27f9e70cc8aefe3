// The page of one trace: what it was, its waterfall, and what is known of the node that is selected.
import { api } from './api.js';
import { Details, detailsKeys } from './details.js';
import { announce, h, replace } from './dom.js';
import { keepLoading } from './live_view.js';
import { comparePath, marks } from './marks.js';
import { goBack, navigate } from './router.js';
import { statusOf } from './status.js';
import { downloads, titleOf, traceHead } from './trace_head.js';
import { TraceMap } from './trace_map.js';
import { foldable, modelOf } from './trace_model.js';
import { Waterfall, waterfallKeys } from './waterfall.js';

export function mount(root, { id }) {
  const view = new TraceView(root, id);
  return {
    unmount: () => view.close(),
    update: () => view.followHash(),
    keys: () => view.keys(),
  };
}

class TraceView {
  constructor(root, id) {
    Object.assign(this, { root, id, model: null, revision: -1 });
    root.className = 'trace-view';
    this.head = h('header', { class: 'trace-head' });
    this.waterfall = new Waterfall({ selected: (index) => this.selected(index), opened: (index) => this.open(index) });
    this.details = new Details({ goTo: (index) => this.open(index), close: () => this.closeDetails() });
    this.map = new TraceMap(id, { picked: (name) => this.showService(name) });
    this.bar = this.toolbar();
    this.notice = h('div', { class: 'notice', role: 'status' }, h('p', { class: 'muted', text: 'Loading …' }));
    this.main = h('div', { class: 'trace-main', hidden: true }, [
      this.head, this.bar, this.map.element, h('div', { class: 'trace-split' }, [this.waterfall.element, this.details.element]),
    ]);
    replace(root, [this.notice, this.main]);
    this.forgetMarks = marks.listen(() => this.showHead());
    this.loading = keepLoading({
      load: () => this.load(),
      concerns: (news) => news.traces.some((row) => row.id === id) || news.removed.includes(id),
    });
  }

  async load() {
    try {
      this.show(await api.trace(this.id));
    } catch (error) {
      this.showFailure(error);
    }
  }

  show(trace) {
    if (this.isClosed || (this.model && trace.row.revision === this.revision)) return;
    const isFirst = !this.model;
    this.revision = trace.row.revision;
    this.model = modelOf(trace);
    document.title = `${titleOf(trace.row)} · xtrace`;
    this.notice.hidden = true;
    this.main.hidden = false;
    this.showHead();
    this.map.changed();
    this.waterfall.setModel(this.model);
    this.search();
    const failures = this.model.nodes.filter((node) => statusOf(node).letter).length;
    this.failures.textContent = failures;
    this.failureGroup.hidden = failures === 0;
    // For whoever measures: the rows have been drawn.
    if (isFirst) requestAnimationFrame(() => performance.mark('xtrace.trace'));
    if (isFirst) this.followHash();
    else if (this.waterfall.selectedIndex() < 0) this.details.hide();
    else if (!this.details.element.hidden) this.details.show(this.model, this.waterfall.selectedIndex());
    if (!isFirst) announce('The trace has changed.');
  }

  showHead() {
    if (!this.model) return;
    const isMarked = marks.has(this.id);
    const compare = comparePath();
    replace(this.head, traceHead(this.model.trace, [
      h('button', {
        type: 'button', 'aria-pressed': String(isMarked), title: 'Mark it for comparison (x)', text: isMarked ? 'Marked' : 'Compare',
        on: { click: () => this.mark() },
      }),
      compare && isMarked ? h('a', { class: 'button', href: compare, text: 'Compare the two' }) : null,
      downloads(this.id),
    ]));
  }

  // What is drawn stays: a trace that was evicted while somebody looks at it is still worth looking at.
  showFailure(error) {
    if (this.isClosed) return;
    if (this.model) {
      if (error.status === 404) this.head.classList.add('trace-gone');
      return;
    }
    const hint = error.status === 404 ? 'It may have been evicted for newer ones, or nothing of it has come yet; it is shown as soon as it comes.' : '';
    replace(this.notice, [
      h('h1', { text: error.status === 404 ? 'This trace is not here' : 'The trace could not be loaded' }),
      h('p', { text: error.message }), h('p', { class: 'muted', text: hint }), h('p', {}, h('a', { href: '/', text: 'All traces' })),
    ]);
  }

  // -- toolbar -------------------------------------------------------------------------------------

  toolbar() {
    const button = (text, name, click, props = {}) => h('button', { type: 'button', title: name, 'aria-label': name, text, on: { click }, ...props });
    this.input = h('input', { type: 'search', placeholder: 'Find in this trace', 'aria-label': 'Find in this trace', spellcheck: 'false' });
    this.input.addEventListener('input', () => this.search());
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      this.waterfall.seekFound(event.shiftKey ? -1 : 1);
    });
    this.found = h('span', { class: 'muted found', role: 'status' });
    this.failures = h('span', { class: 'tab-count' });
    this.failureGroup = h('span', { class: 'group' }, [
      button('‹', 'Failure before ([)', () => this.waterfall.seekFailure(-1)), h('span', {}, ['Failures ', this.failures]),
      button('›', 'Next failure (])', () => this.waterfall.seekFailure(1)),
    ]);
    const critical = button('Critical path', 'What the end of the trace waited for (c)', () => this.toggleCritical());
    this.critical = critical;
    critical.setAttribute('aria-pressed', String(this.waterfall.state.isCriticalShown));
    const { view } = this.waterfall;
    return h('div', { class: 'trace-bar', role: 'toolbar', 'aria-label': 'Waterfall' }, [
      this.input, this.found, this.failureGroup, critical, this.map.button, h('span', { class: 'grow' }),
      h('span', { class: 'group' }, [
        button('Fold', 'Fold all (H)', () => this.foldAll()), button('Unfold', 'Unfold all (L)', () => this.waterfall.foldAll([])),
      ]),
      h('span', { class: 'group' }, [
        button('−', 'Zoom out (-)', () => view.zoom(1 / 0.6)), button('+', 'Zoom in (+); or drag over the bars', () => view.zoom(0.6)),
        button('Whole', 'The whole time (0)', () => view.reset()),
      ]),
    ]);
  }

  search() {
    const text = this.input.value.trim();
    const count = this.waterfall.find(text);
    this.found.textContent = text ? `${count} found` : '';
  }

  toggleCritical() {
    const isShown = !this.waterfall.state.isCriticalShown;
    this.critical.setAttribute('aria-pressed', String(isShown));
    this.waterfall.showCritical(isShown);
  }

  // Segments stay in sight, and what the first of them did.
  foldAll() {
    this.waterfall.foldAll(foldable(this.model, 1));
  }

  mark() {
    const isMarked = marks.toggle(this.id);
    announce(isMarked ? 'Marked for comparison; mark another trace.' : 'Not marked any more.');
  }

  // -- selection -----------------------------------------------------------------------------------

  selected(index) {
    const address = `#${encodeURIComponent(this.model.keys[index])}`;
    if (location.hash !== address) history.replaceState(history.state, '', address);
    const isWide = matchMedia('(min-width: 900px)').matches;
    if (isWide || !this.details.element.hidden) this.details.show(this.model, index);
  }

  open(index) {
    this.waterfall.select(index);
    this.details.show(this.model, index);
    this.details.focus();
  }

  // The node of its segment, or the call to it where it sent none.
  showService(name) {
    const index = this.model.nodes.findIndex((node) => node.name === name && (node.is_segment || node.inferred));
    if (index >= 0) this.waterfall.select(index);
  }

  closeDetails() {
    this.details.hide();
    this.waterfall.focus();
  }

  openTab(name) {
    if (this.waterfall.selectedIndex() < 0) this.waterfall.step(0);
    this.details.show(this.model, this.waterfall.selectedIndex());
    this.details.open(name);
  }

  followHash() {
    if (!this.model) return;
    const index = this.model.keys.findIndex((key) => `#${encodeURIComponent(key)}` === location.hash);
    if (index >= 0 && index !== this.waterfall.selectedIndex()) {
      this.waterfall.select(index);
      this.details.show(this.model, index);
    }
  }

  keys() {
    if (!this.model) return [];
    return [
      ...waterfallKeys(this.waterfall, this),
      { key: 'H', label: 'Fold all', run: () => this.foldAll() },
      { key: 'L', label: 'Unfold all', run: () => this.waterfall.foldAll([]) },
      { key: '/', label: 'Find in this trace', run: () => this.input.focus() },
      { key: ['n', 'N'], label: 'Next and previous found', run: (event) => this.waterfall.seekFound(event.key === 'n' ? 1 : -1) },
      { key: 'M', label: 'Map of this trace', run: () => this.map.toggle() },
      { key: 'c', label: 'Critical path', run: () => this.toggleCritical() },
      ...detailsKeys((name) => this.openTab(name)),
      { key: 'x', label: 'Mark for comparison', run: () => this.mark() },
      { key: 'X', label: 'Compare the two marked', run: () => (comparePath() ? navigate(comparePath()) : false) },
      { key: 'Escape', label: 'Close the details, or back', shown: 'Esc', run: () => (this.details.element.hidden ? goBack() : this.closeDetails()) },
    ];
  }

  close() {
    this.isClosed = true;
    this.loading.close();
    this.forgetMarks();
    this.waterfall.close();
    this.map.close();
  }
}
