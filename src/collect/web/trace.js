// The page of one trace: what it was, its waterfall, and what is known of the node that is
// selected.
import { api } from './api.js';
import { Details, detailsKeys } from './details.js';
import { announce, h, keepFocus, replace } from './dom.js';
import { keepLoading } from './live_view.js';
import { comparePath, marks } from './marks.js';
import { goBack, navigate } from './router.js';
import { Toolbar } from './toolbar.js';
import { downloads, titleOf, traceHead } from './trace_head.js';
import { TraceMap } from './trace_map.js';
import { modelOf } from './trace_model.js';
import { Waterfall } from './waterfall.js';
import { waterfallKeys } from './waterfall_keys.js';

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
    this.waterfall = new Waterfall({
      selected: (index) => this.selected(index),
      opened: (index) => this.open(index),
    });
    this.details = new Details({
      goTo: (index) => this.open(index),
      close: () => this.closeDetails(),
    });
    this.map = new TraceMap(id, { picked: (name) => this.showService(name) });
    this.toolbar = new Toolbar(this.waterfall, this.map.button);
    this.buildActions();
    this.notice = h(
      'div',
      { class: 'notice', role: 'status' },
      h('p', { class: 'muted', text: 'Loading …' }),
    );
    this.main = h('div', { class: 'trace-main', hidden: true }, [
      this.head,
      this.toolbar.element,
      this.map.element,
      h('div', { class: 'trace-split' }, [this.waterfall.element, this.details.element]),
    ]);
    replace(root, [this.notice, this.main]);
    this.forgetMarks = marks.listen(() => this.showMarks());
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
    document.title = `${titleOf(trace)} · xtrace`;
    this.notice.hidden = true;
    this.main.hidden = false;
    this.showHead();
    this.map.changed();
    this.waterfall.setModel(this.model);
    this.toolbar.setModel(this.model);
    // For whoever measures: the rows have been drawn.
    if (isFirst) requestAnimationFrame(() => performance.mark('xtrace.trace'));
    if (isFirst) this.followHash();
    else if (this.waterfall.selectedIndex() < 0) this.details.hide();
    else if (!this.details.element.hidden)
      this.details.show(this.model, this.waterfall.selectedIndex());
    if (this.wasInProgress && !trace.row.in_progress) announce('The trace has ended.');
    this.wasInProgress = trace.row.in_progress;
  }

  // The buttons stay the same elements, so that one keeps its focus and a menu stays open.
  buildActions() {
    this.marking = h('button', {
      type: 'button',
      title: 'Mark it for comparison (x)',
      on: { click: () => this.mark() },
    });
    this.comparing = h('a', { class: 'button', text: 'Compare the two' });
    const all = [this.marking, this.comparing, downloads(this.id)];
    this.actions = h('div', { class: 'trace-actions' }, all);
    this.showMarks();
  }

  showMarks() {
    const isMarked = marks.has(this.id);
    this.marking.setAttribute('aria-pressed', String(isMarked));
    this.marking.textContent = isMarked ? 'Marked' : 'Compare';
    this.comparing.hidden = !isMarked || !comparePath();
    this.comparing.href = comparePath() ?? '';
  }

  showHead() {
    const isUnfolded = this.head.querySelector('.refusals')?.open ?? false;
    this.head.classList.remove('trace-gone');
    keepFocus(this.head, () => replace(this.head, traceHead(this.model.trace, this.actions)));
    const refusals = this.head.querySelector('.refusals');
    if (refusals) refusals.open = isUnfolded;
  }

  // What is drawn stays: a trace that was evicted while somebody looks at it is still worth looking
  // at.
  showFailure(error) {
    if (this.isClosed) return;
    if (this.model) {
      if (error.status === 404) this.head.classList.add('trace-gone');
      return;
    }
    const hint = error.status === 404 ? 'If it has yet to come, it is shown then.' : '';
    replace(this.notice, [
      h('h1', {
        text: error.status === 404 ? 'This trace is not here' : 'The trace could not be loaded',
      }),
      h('p', { text: error.message }),
      h('p', { class: 'muted', text: hint }),
      h('p', {}, h('a', { href: '/', text: 'All traces' })),
    ]);
  }

  mark() {
    const isMarked = marks.toggle(this.id);
    announce(isMarked ? 'Marked for comparison; mark another trace.' : 'Not marked any more.');
  }

  // -- selection --------------------------------------------------------------------------------

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
    const index = this.model.nodes.findIndex(
      (node) => node.name === name && (node.is_segment || node.inferred),
    );
    if (index >= 0) this.waterfall.select(index);
  }

  closeDetails() {
    this.details.hide();
    this.waterfall.focus();
  }

  openTab(name) {
    if (this.waterfall.selectedIndex() < 0) this.waterfall.step(0);
    const index = this.waterfall.selectedIndex();
    if (index < 0) return;
    this.details.show(this.model, index);
    this.details.open(name);
  }

  followHash() {
    if (!this.model) return;
    const index = this.model.keys.findIndex(
      (key) => `#${encodeURIComponent(key)}` === location.hash,
    );
    if (index >= 0 && index !== this.waterfall.selectedIndex()) {
      this.waterfall.select(index);
      this.details.show(this.model, index);
    }
  }

  keys() {
    if (!this.model) return [];
    return [
      ...waterfallKeys(this.waterfall, this),
      { key: 'H', label: 'Fold all', run: () => this.toolbar.foldAll() },
      { key: 'L', label: 'Unfold all', run: () => this.toolbar.unfoldAll() },
      { key: '/', label: 'Find in this trace', run: () => this.toolbar.focus() },
      {
        key: ['n', 'N'],
        label: 'Next and previous found',
        run: (event) => this.waterfall.seekFound(event.key === 'n' ? 1 : -1),
      },
      { key: 'M', label: 'Map of this trace', run: () => this.map.toggle() },
      { key: 'c', label: 'Critical path', run: () => this.toolbar.toggleCritical() },
      ...detailsKeys((name) => this.openTab(name)),
      { key: 'x', label: 'Mark for comparison', run: () => this.mark() },
      {
        key: 'X',
        label: 'Compare the two marked',
        run: () => (comparePath() ? navigate(comparePath()) : false),
      },
      {
        key: 'Escape',
        label: 'Close the details, or back',
        shown: 'Esc',
        run: () => (this.details.element.hidden ? goBack() : this.closeDetails()),
      },
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
