// The waterfall of a trace: rows that fold, on a time that zooms.
import { h, oncePerFrame } from './dom.js';
import { Minimap } from './minimap.js';
import { NameWidth } from './name_width.js';
import { recall, remember } from './storage.js';
import { statusOf } from './status.js';
import { chooseRange, drawRuler, TimeView } from './time_view.js';
import { ancestorsOf, search, visibleRows } from './trace_model.js';
import { VirtualRows } from './virtual_rows.js';
import { makeRow, showRow } from './waterfall_row.js';

const ROW_HEIGHT = 26;
const RULER_HEIGHT = 26;
const MINIMAP_ROWS = 50;

export class Waterfall {
  /** `selected(index)` is told of a choice, `opened(index)` of Enter and double clicks. */
  constructor({ selected, opened }) {
    Object.assign(this, {
      onSelected: selected,
      onOpened: opened,
      model: null,
      rows: [],
      places: new Map(),
    });
    this.view = new TimeView();
    this.state = {
      view: this.view,
      folded: new Set(),
      selected: null,
      found: new Set(),
      width: 0,
      isCriticalShown: recall('critical', true),
    };
    this.build();
    this.list = new VirtualRows(this.viewport, {
      rowHeight: ROW_HEIGHT,
      top: RULER_HEIGHT,
      make: makeRow,
      show: (element, place) => showRow(element, this.rows[place], this.state),
      body: { role: 'tree', tabindex: 0, 'aria-label': 'Waterfall' },
    });
    this.list.body.append(this.grid);
    this.drawSoon = oncePerFrame(() => this.draw());
    this.view.listeners.add(this.drawSoon);
    this.observer = new ResizeObserver(this.drawSoon);
    this.observer.observe(this.ruler);
    this.listen();
  }

  build() {
    this.ruler = h('div', { class: 'wf-ruler' });
    this.grid = h('div', { class: 'wf-grid', 'aria-hidden': 'true' });
    this.element = h('div', { class: 'wf' });
    const widths = new NameWidth(this.element, this.ruler);
    const top = h('div', { class: 'wf-top' }, [
      h('div', { class: 'wf-corner muted', text: 'Name' }),
      this.ruler,
      widths.element,
    ]);
    this.viewport = h('div', { class: 'wf-viewport' }, top);
    this.minimap = new Minimap(this.view);
    this.element.append(this.minimap.element, this.viewport);
  }

  listen() {
    const edges = () => this.ruler.getBoundingClientRect();
    const mark = chooseRange(this.viewport, edges, (from, to) =>
      this.view.set(this.view.moment(from), this.view.moment(to)),
    );
    this.grid.after(h('div', { class: 'wf-marks' }, mark));
    this.viewport.addEventListener('click', (event) => this.click(event));
    this.viewport.addEventListener('dblclick', (event) => this.doubleClick(event));
    this.viewport.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
  }

  /** Shows a trace, or the same one grown: selection, folds and zoom stay where they can. */
  setModel(model) {
    this.model = model;
    this.state.model = model;
    this.view.setTotal(model.duration);
    this.minimap.element.hidden = model.nodes.length < MINIMAP_ROWS;
    this.minimap.setModel(model);
    if (!model.byKey.has(this.state.selected)) this.state.selected = null;
    this.layOut();
  }

  layOut() {
    this.rows = visibleRows(this.model, this.state.folded);
    this.places = new Map(this.rows.map((index, place) => [index, place]));
    this.state.width = this.ruler.clientWidth;
    this.list.setCount(this.rows.length);
    this.drawSoon();
  }

  draw() {
    if (!this.model) return;
    this.state.width = this.ruler.clientWidth;
    drawRuler(this.view, this.ruler, this.grid, this.state.width);
    this.minimap.showView();
    this.list.refresh();
  }

  // -- selection --------------------------------------------------------------------------------

  selectedIndex() {
    return this.model?.byKey.get(this.state.selected) ?? -1;
  }

  /** Selects a node and has it in sight, unfolding what hides it. */
  select(index) {
    if (index < 0) return;
    const hiding = ancestorsOf(this.model, index)
      .map((above) => this.model.keys[above])
      .filter((key) => this.state.folded.has(key));
    hiding.forEach((key) => this.state.folded.delete(key));
    this.state.selected = this.model.keys[index];
    this.list.body.setAttribute('aria-activedescendant', `node-${this.state.selected}`);
    if (hiding.length) this.layOut();
    this.list.reveal(this.places.get(index));
    this.list.refresh();
    this.onSelected(index);
  }

  /** Goes by rows; from nothing selected to the first. */
  step(by) {
    const selected = this.selectedIndex();
    const from = selected < 0 ? -1 : this.places.get(selected);
    let place = Math.min(Math.max(from + by, 0), this.rows.length - 1);
    while (this.rows[place] < 0) place += by < 0 ? -1 : 1;
    if (this.rows[place] !== undefined) this.select(this.rows[place]);
  }

  /**

   * The next node before or behind the selected one, folded or not, that `wanted(node, index)`

   * takes; from the end it begins again.

   */
  seek(direction, wanted) {
    const { nodes } = this.model;
    const from = this.selectedIndex();
    for (let step = 1; step <= nodes.length; step += 1) {
      const start = from < 0 && direction < 0 ? nodes.length : from;
      const index = (start + direction * step + nodes.length * 2) % nodes.length;
      if (wanted(nodes[index], index)) {
        this.select(index);
        return true;
      }
    }
    return false;
  }

  seekFailure(direction) {
    return this.seek(direction, (node) => statusOf(node).letter !== '');
  }

  // -- folding ----------------------------------------------------------------------------------

  fold(index, isFolded = !this.state.folded.has(this.model.keys[index])) {
    if (index < 0 || !this.model.children[index].length) return false;
    const key = this.model.keys[index];
    if (isFolded === this.state.folded.has(key)) return false;
    if (isFolded) this.state.folded.add(key);
    else this.state.folded.delete(key);
    this.layOut();
    return true;
  }

  /** Folds, or goes to the parent where there is nothing to fold. */
  foldOrRise() {
    const index = this.selectedIndex();
    if (!this.fold(index, true) && index >= 0) this.select(this.model.nodes[index].parent);
  }

  /** Unfolds, or goes to the first child. */
  unfoldOrEnter() {
    const index = this.selectedIndex();
    if (!this.fold(index, false) && this.model.children[index]?.length)
      this.select(this.model.children[index][0]);
  }

  foldAll(keys) {
    this.state.folded = new Set(keys);
    const selected = this.selectedIndex();
    const shown =
      selected < 0
        ? -1
        : [...ancestorsOf(this.model, selected)]
            .reverse()
            .find((above) => this.state.folded.has(this.model.keys[above]));
    this.layOut();
    if (shown >= 0) this.select(shown);
  }

  // -- search, critical path --------------------------------------------------------------------

  /** Marks the nodes in which `text` occurs; how many there are. */
  find(text) {
    this.state.found = new Set(search(this.model, text));
    this.list.refresh();
    return this.state.found.size;
  }

  seekFound(direction) {
    return (
      this.state.found.size > 0 && this.seek(direction, (_, index) => this.state.found.has(index))
    );
  }

  showCritical(isShown) {
    this.state.isCriticalShown = isShown;
    remember('critical', isShown);
    this.list.refresh();
  }

  // -- pointers ---------------------------------------------------------------------------------

  indexAt(event) {
    const key = event.target.closest?.('.wf-row')?.dataset.key;
    return key === undefined ? -1 : (this.model.byKey.get(key) ?? -1);
  }

  click(event) {
    const index = this.indexAt(event);
    if (index < 0) return;
    if (event.target.closest('.wf-fold') && this.model.children[index].length) this.fold(index);
    else this.select(index);
  }

  doubleClick(event) {
    if (event.target.closest('.wf-top')) this.view.reset();
    else if (this.indexAt(event) >= 0) this.onOpened(this.indexAt(event));
  }

  wheel(event) {
    const { left, width } = this.ruler.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.view.zoom(
        Math.exp(event.deltaY * 0.004),
        this.view.moment((event.clientX - left) / width),
      );
    } else if (
      !this.view.isWhole() &&
      (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
    ) {
      event.preventDefault();
      this.view.pan((event.deltaX || event.deltaY) / width);
    }
  }

  focus() {
    this.list.body.focus({ preventScroll: true });
  }

  close() {
    this.observer.disconnect();
    this.drawSoon.cancel();
    this.list.close();
    this.minimap.close();
  }
}
