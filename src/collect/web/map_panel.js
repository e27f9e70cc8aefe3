// The numbers of what is chosen in a service map, and ways from there to its traces.
import { h, keepFocus, replace } from './dom.js';
import { facts } from './details_tabs.js';
import { addTerm, filterPath, quoted, rangeTerm, serviceTerm } from './filter_terms.js';
import { count, duration, percent, rate } from './format.js';
import { nodeName } from './map_drawing.js';
import { NumbersHistogram } from './numbers_histogram.js';
import { navigate } from './router.js';
import { allStatuses } from './status.js';

export class MapPanel {
  /** `filter()` is what the map was made with, `close()` lets go of the choice. */
  constructor({ filter, close }) {
    Object.assign(this, { filter, closeChoice: close, histogram: null });
    this.element = h('aside', { class: 'map-panel', 'aria-label': 'Numbers', hidden: true });
    this.shown = null;
  }

  /** Another thing, or other numbers of the same: then somebody may be drawing a range. */
  show(graph, kind, index) {
    const thing = kind === 'node' ? graph.nodes[index] : graph.edges[index];
    const title =
      kind === 'node'
        ? nodeName(thing)
        : `${nodeName(graph.nodes[thing.from])} → ${nodeName(graph.nodes[thing.to])}`;
    const about = kind === 'node' ? kindOf(thing) : null;
    const term = kind === 'node' ? nodeTerm(thing) : edgeTerm(graph, thing);
    const shown = JSON.stringify([kind, title, about, term]);
    if (shown !== this.shown) this.build({ title, about, term });
    this.shown = shown;
    replace(this.facts, this.factsOf(thing));
    if (term) keepFocus(this.links, () => replace(this.links, this.linksOf(thing, term)));
    this.element.hidden = false;
    this.histogram.setNumbers(thing);
  }

  build({ title, about, term }) {
    this.hide();
    const go = (inner) => navigate(filterPath(addTerm(this.filter(), `${term} { ${inner} }`)));
    this.histogram = new NumbersHistogram(term ? (low, high) => go(rangeTerm(low, high)) : null);
    this.facts = h('div');
    this.links = h('div', { class: 'map-links' });
    replace(this.element, [
      this.head(title),
      about && h('p', { class: 'muted', text: about }),
      this.facts,
      this.histogram.element,
      term && [
        h('p', {
          class: 'muted',
          text: 'Drag over the histogram for the traces with these times.',
        }),
        this.links,
      ],
    ]);
  }

  factsOf(thing) {
    return facts([
      ['Requests', `${count(thing.count)}, ${rate(thing.rate)}`],
      ...allStatuses().map(({ name }) => [
        NAMES[name],
        thing[name] ? `${count(thing[name])} (${percent(thing[name] / thing.count)})` : null,
      ]),
      ['Median', duration(thing.p50)],
      ['p95', duration(thing.p95)],
      ['p99', duration(thing.p99)],
      ['Mean', thing.count ? duration(thing.total / thing.count) : null],
    ]);
  }

  head(title) {
    return h('div', { class: 'details-head' }, [
      h('h2', { class: 'wrap', text: title }),
      h('button', {
        class: 'icon-button',
        type: 'button',
        'aria-label': 'Close the numbers',
        text: '×',
        on: { click: () => this.closeChoice() },
      }),
    ]);
  }

  linksOf(thing, term) {
    const link = (text, wanted) =>
      h('a', { class: 'button', href: filterPath(addTerm(this.filter(), wanted)), text });
    const failed = allStatuses().filter(({ name }) => name !== 'ok' && thing[name]);
    return [
      link('Its traces', term),
      ...failed.map(({ name }) =>
        link(`With a${name === 'error' ? 'n' : ''} ${name}`, `${term} { ${name} }`),
      ),
    ];
  }

  hide() {
    this.histogram?.destroy();
    this.histogram = null;
    this.shown = null;
    this.element.hidden = true;
    this.element.replaceChildren();
  }
}

const NAMES = { ok: 'Ok', error: 'Errors', throttle: 'Throttles', fault: 'Faults' };

function nodeTerm(node) {
  return node.client ? null : serviceTerm(node.name);
}

// Clients have no name that an expression could call them by; who is called by them is a service
// like any other.
function edgeTerm(graph, { from, to }) {
  const names = [from, to].map((index) => graph.nodes[index]);
  return names[0].client
    ? nodeTerm(names[1])
    : `edge(${quoted(names[0].name)}, ${quoted(names[1].name)})`;
}

function kindOf(node) {
  if (node.client) return 'Whoever called what no segment called.';
  return [
    node.type || 'service',
    node.inferred ? 'inferred: the numbers are what its callers saw' : null,
  ]
    .filter(Boolean)
    .join('; ');
}
