// The bar above a waterfall: what is searched for, failures, the critical path, folds and zoom.
import { h } from './dom.js';
import { statusOf } from './status.js';
import { foldable } from './trace_model.js';

const CLOSER = 0.6;

export class Toolbar {
  /** `others` are buttons of the view. */
  constructor(waterfall, others) {
    this.waterfall = waterfall;
    this.element = h('div', { class: 'trace-bar', role: 'toolbar', 'aria-label': 'Waterfall' }, [
      this.searchBox(),
      this.failureGroup(),
      this.criticalButton(),
      others,
      h('span', { class: 'grow' }),
      this.foldGroup(),
      this.zoomGroup(),
    ]);
  }

  /** Another trace, or the same one grown. */
  setModel(model) {
    const failures = model.nodes.filter((node) => statusOf(node).letter).length;
    this.failures.textContent = failures;
    this.failing.hidden = failures === 0;
    this.search();
  }

  focus() {
    this.input.focus();
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

  /** The entry stays open, so that what it called is in sight. */
  foldAll() {
    this.waterfall.foldAll(foldable(this.waterfall.model, 1));
  }

  unfoldAll() {
    this.waterfall.foldAll([]);
  }

  searchBox() {
    this.input = h('input', {
      type: 'search',
      placeholder: 'Find in this trace',
      'aria-label': 'Find in this trace',
      spellcheck: 'false',
    });
    this.input.addEventListener('input', () => this.search());
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      this.waterfall.seekFound(event.shiftKey ? -1 : 1);
    });
    this.found = h('span', { class: 'muted found', role: 'status' });
    return [this.input, this.found];
  }

  failureGroup() {
    this.failures = h('span', { class: 'tab-count' });
    this.failing = h('span', { class: 'group' }, [
      button('‹', 'Failure before ([)', () => this.waterfall.seekFailure(-1)),
      h('span', {}, ['Failures ', this.failures]),
      button('›', 'Next failure (])', () => this.waterfall.seekFailure(1)),
    ]);
    return this.failing;
  }

  criticalButton() {
    this.critical = h('button', {
      type: 'button',
      title: 'What the end of the trace waited for (c)',
      'aria-pressed': String(this.waterfall.state.isCriticalShown),
      text: 'Critical path',
      on: { click: () => this.toggleCritical() },
    });
    return this.critical;
  }

  foldGroup() {
    return h('span', { class: 'group' }, [
      button('Fold', 'Fold all (H)', () => this.foldAll()),
      button('Unfold', 'Unfold all (L)', () => this.unfoldAll()),
    ]);
  }

  zoomGroup() {
    const { view } = this.waterfall;
    return h('span', { class: 'group' }, [
      button('−', 'Zoom out (-)', () => view.zoom(1 / CLOSER)),
      button('+', 'Zoom in (+); or drag over the bars', () => view.zoom(CLOSER)),
      button('Whole', 'The whole time (0)', () => view.reset()),
    ]);
  }
}

function button(text, name, click) {
  return h('button', { type: 'button', title: name, 'aria-label': name, text, on: { click } });
}
