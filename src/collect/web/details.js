// What is known of one node, in tabs.
import { h, keepFocus, replace } from './dom.js';
import { annotationsTab, exceptionsTab, metadataTab, overviewTab, rawTab } from './details_tabs.js';
import { timingTab } from './details_timing.js';
import { recall, remember } from './storage.js';
import { serviceColour, statusBadge } from './status.js';

const sizeOf = (block) => (block ? Object.keys(block).length : 0);

/**

 * In their order: `key` opens a tab, `count` is shown behind its name, `fill` makes what is

 * inside.

 */
const TABS = [
  { name: 'Overview', key: '1', fill: overviewTab },
  { name: 'Timing', key: '2', fill: timingTab },
  {
    name: 'Annotations',
    key: '3',
    count: (node) => sizeOf(node.annotations),
    fill: annotationsTab,
  },
  { name: 'Metadata', key: '4', count: (node) => sizeOf(node.metadata), fill: metadataTab },
  {
    name: 'Exceptions',
    key: '5',
    count: (node) => node.exceptions.length + (node.cause_id ? 1 : 0),
    fill: exceptionsTab,
  },
  { name: 'Raw', key: '6', fill: rawTab },
];

export class Details {
  /** `goTo(index)` selects another node, `close()` puts the pane away. */
  constructor({ goTo, close }) {
    this.goTo = goTo;
    this.current = recall('details-tab', 'Overview');
    this.head = h('div', { class: 'details-head' });
    this.tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Details' });
    this.panel = h('div', {
      class: 'tab-panel',
      role: 'tabpanel',
      tabindex: 0,
      id: 'details-panel',
    });
    this.closing = h('button', {
      class: 'icon-button',
      type: 'button',
      'aria-label': 'Close the details',
      text: '×',
      on: { click: close },
    });
    this.element = h('aside', { class: 'details', 'aria-label': 'Details', hidden: true }, [
      this.head,
      this.tabs,
      this.panel,
    ]);
    this.tabs.addEventListener('keydown', (event) => this.moveAlong(event));
  }

  show(model, index) {
    const wasSame = this.key === model.keys[index];
    Object.assign(this, { model, index, key: model.keys[index] });
    const node = model.nodes[index];
    replace(this.head, [
      h('span', { class: 'dot', style: { '--colour': serviceColour(model.service[index]) } }),
      statusBadge(node),
      h('h2', { class: 'cut', text: node.name || '(no name)', title: node.name }),
      this.closing,
    ]);
    if (this.shownBy() !== this.filledBy) {
      const scrolled = wasSame ? this.panel.scrollTop : 0;
      this.fill();
      this.panel.scrollTop = scrolled;
    }
    this.element.hidden = false;
  }

  // What somebody unfolded stays so while it is the same, whatever else of the trace changes.
  shownBy() {
    const node = this.model.nodes[this.index];
    const { documents, row } = this.model.trace;
    const unfolded = {
      Annotations: node.annotations,
      Metadata: node.metadata,
      Raw: documents[node.document]?.text,
    };
    return JSON.stringify([this.key, this.current, unfolded[this.current] ?? row.revision]);
  }

  fill() {
    this.filledBy = this.shownBy();
    const node = this.model.nodes[this.index];
    const tab = TABS.find(({ name }) => name === this.current) ?? TABS[0];
    const hadFocus = this.tabs.contains(document.activeElement);
    replace(
      this.tabs,
      TABS.map((each) => this.button(each, each === tab, each.count?.(node))),
    );
    if (hadFocus) this.tabs.querySelector('[aria-selected=true]').focus();
    this.panel.setAttribute('aria-label', tab.name);
    const filled = tab.fill({ model: this.model, index: this.index, node, goTo: this.goTo });
    keepFocus(this.panel, () => replace(this.panel, filled));
  }

  button(tab, isCurrent, count) {
    return h(
      'button',
      {
        type: 'button',
        class: 'tab',
        role: 'tab',
        'aria-selected': String(isCurrent),
        'aria-controls': 'details-panel',
        tabindex: isCurrent ? 0 : -1,
        title: `${tab.name} (${tab.key})`,
        data: { tab: tab.name },
        on: { click: () => this.open(tab.name) },
      },
      [tab.name, count ? h('span', { class: 'tab-count', text: count }) : null],
    );
  }

  open(name) {
    this.current = name;
    remember('details-tab', name);
    this.panel.scrollTop = 0;
    if (this.model) this.fill();
  }

  moveAlong(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = TABS.findIndex(({ name }) => name === this.current);
    this.open(TABS[(at + by + TABS.length) % TABS.length].name);
    this.tabs.querySelector('[aria-selected=true]').focus();
  }

  focus() {
    this.panel.focus();
  }

  hide() {
    this.element.hidden = true;
    this.key = null;
  }
}

/** A key for each tab; `open(name)` shows it. */
export function detailsKeys(open) {
  const run = (event) => open(TABS[Number(event.key) - 1].name);
  const key = TABS.map((tab) => tab.key);
  return [{ key, label: 'A tab of the details', shown: '1 … 6', run }];
}
