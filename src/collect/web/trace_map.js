// The service map of one trace, which opens above its waterfall.
import { api } from './api.js';
import { h } from './dom.js';
import { ServiceMap } from './service_map.js';
import { recall, remember } from './storage.js';

export class TraceMap {
  /** `picked(name)` is told of the service whose node was chosen. */
  constructor(id, { picked }) {
    this.id = id;
    this.map = new ServiceMap({
      chosen: (kind, index) => {
        if (kind) picked(this.map.graph.nodes[kind === 'node' ? index : this.map.graph.edges[index].to].name);
      },
    });
    this.element = h('details', { class: 'trace-map' }, [h('summary', { text: 'Map of this trace' }), this.map.element]);
    this.element.open = recall('trace-map', false);
    this.element.addEventListener('toggle', () => {
      remember('trace-map', this.element.open);
      this.load();
    });
  }

  /** The trace is another than before. */
  changed() {
    this.isOld = true;
    this.load();
  }

  async load() {
    if (!this.element.open || !this.isOld) return;
    this.isOld = false;
    try {
      this.map.setGraph(await api.graph({ trace: this.id }));
    } catch {
      // The waterfall below says what is wrong.
      this.isOld = true;
    }
  }

  toggle() {
    this.element.open = !this.element.open;
  }

  close() {
    this.map.close();
  }
}
