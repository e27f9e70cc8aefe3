// The service map of one trace, which opens above its waterfall.
import { api } from './api.js';
import { h } from './dom.js';
import { busiest } from './graph_cut.js';
import { ServiceMap } from './service_map.js';
import { recall, remember } from './storage.js';

export class TraceMap {
  /** `picked(name)` is told of the service whose node was chosen. */
  constructor(id, { picked }) {
    this.id = id;
    this.map = new ServiceMap({
      chosen: (kind, index) => {
        if (kind)
          picked(
            this.map.graph.nodes[kind === 'node' ? index : this.map.graph.edges[index].to].name,
          );
      },
    });
    this.element = h(
      'section',
      { class: 'trace-map', 'aria-label': 'Map of this trace' },
      this.map.element,
    );
    this.button = h('button', {
      type: 'button',
      text: 'Map',
      title: 'Map of this trace (M)',
      on: { click: () => this.toggle() },
    });
    this.show(recall('trace-map', false));
  }

  /** The trace is another than before. */
  changed() {
    this.isOld = true;
    this.load();
  }

  async load() {
    if (this.element.hidden || !this.isOld) return;
    this.isOld = false;
    try {
      this.map.setGraph(busiest(await api.graph({ trace: this.id })));
    } catch {
      // The waterfall below says what is wrong.
      this.isOld = true;
    }
  }

  toggle() {
    this.show(this.element.hidden);
    remember('trace-map', !this.element.hidden);
  }

  show(isShown) {
    this.element.hidden = !isShown;
    this.button.setAttribute('aria-pressed', String(isShown));
    this.load();
  }

  close() {
    this.map.close();
  }
}
