// The service map of every trace, or of those that a filter takes.
import { api } from './api.js';
import { h, keepFocus, replace } from './dom.js';
import { FilterBox } from './filter_box.js';
import { count, plural } from './format.js';
import { busiest } from './graph_cut.js';
import { keepLoading } from './live_view.js';
import { legend } from './map_drawing.js';
import { MapPanel } from './map_panel.js';
import { mapTables } from './map_table.js';
import { goBack, navigate } from './router.js';
import { ServiceMap } from './service_map.js';
import { recall, remember } from './storage.js';
import { moving } from './waterfall_keys.js';

const PAUSE = 1000;

export function mount(root, params) {
  const view = new MapView(root, params);
  return {
    unmount: () => view.close(),
    update: (changed) => view.setFilter(changed.query.get('filter') ?? ''),
    keys: () => view.keys(),
  };
}

class MapView {
  constructor(root, params) {
    this.isTable = recall('map-table', false);
    root.className = 'map-view';
    document.title = 'Service map · xtrace';
    this.map = new ServiceMap({ chosen: (kind, index) => this.chosen(kind, index) });
    this.panel = new MapPanel({ filter: () => this.filter, close: () => this.letGo() });
    this.box = new FilterBox({
      onFilter: (text) => navigate(text ? `/map?${new URLSearchParams({ filter: text })}` : '/map'),
      services: () =>
        (this.map.graph?.nodes ?? []).filter(({ client }) => !client).map(({ name }) => name),
    });
    this.tables = h('div', { class: 'map-tables', hidden: true });
    this.empty = h('div', { class: 'notice', hidden: true });
    this.stage = h('div', { class: 'map-stage' }, [
      this.map.element,
      this.tables,
      this.empty,
      this.panel.element,
    ]);
    replace(root, [h('h1', { class: 'unseen', text: 'Service map' }), this.bar(), this.stage]);
    this.map.setSizing(recall('map-sizing', 'traffic'));
    this.showSizing();
    this.showKind();
    this.filter = params.query.get('filter') ?? '';
    this.box.setText(this.filter);
    this.loading = keepLoading({ load: () => this.load(), concerns: () => true, pause: PAUSE });
  }

  bar() {
    const button = (text, title, click) =>
      h('button', { type: 'button', text, title, 'aria-label': title, on: { click } });
    this.sizings = ['traffic', 'health'].map((sizing) =>
      button(sizing, `Circles as large as their ${sizing} (s)`, () => this.setSizing(sizing)),
    );
    this.kind = button('Table', 'The same as tables (v)', () => this.toggleTable());
    this.about = h('span', { class: 'muted', role: 'status' });
    return h('div', { class: 'map-bar' }, [
      this.box.element,
      h('div', { class: 'map-controls' }, [
        h('span', { class: 'group', role: 'group', 'aria-label': 'Size of the circles' }, [
          h('span', { class: 'muted', text: 'Size by' }),
          ...this.sizings,
        ]),
        h('span', { class: 'group' }, [
          button('−', 'Zoom out (-)', () => this.map.zoom(1.3)),
          button('+', 'Zoom in (+)', () => this.map.zoom(1 / 1.3)),
          button('Whole', 'All of it (0)', () => this.map.showWhole()),
        ]),
        this.kind,
        legend(),
        h('span', { class: 'grow' }),
        this.about,
      ]),
    ]);
  }

  async load() {
    const asked = this.filter;
    try {
      const graph = busiest(await api.graph({ filter: asked }));
      if (asked !== this.filter || this.isClosed) return;
      this.box.setProblem(null);
      this.show(graph);
    } catch (error) {
      if (asked !== this.filter || this.isClosed) return;
      this.box.setProblem(error);
    }
  }

  show(graph) {
    const text = JSON.stringify(graph);
    if (text === this.shown) return;
    this.shown = text;
    this.map.setGraph(graph);
    this.map.draw();
    const services = graph.nodes.filter(({ client }) => !client).length;
    this.about.textContent = services ? aboutOf(graph, services) : '';
    this.empty.hidden = services > 0;
    replace(this.empty, [
      h('h2', { text: this.filter ? 'No trace matches' : 'Nothing has been received yet' }),
      h('p', {
        class: 'muted',
        text: this.filter
          ? 'The map shows the traces that the filter takes.'
          : 'The map draws itself as traces come in.',
      }),
      h(
        'p',
        {},
        h('a', {
          href: this.filter ? '/map' : '/',
          text: this.filter ? 'The map of all traces' : 'How to send some',
        }),
      ),
    ]);
    if (this.isTable) this.fillTables();
    const chosen = this.map.chosen();
    if (chosen && !this.panel.element.hidden) this.panel.show(graph, ...chosen);
    else if (!chosen) this.panel.hide();
  }

  setFilter(filter) {
    this.filter = filter;
    this.box.setText(filter);
    this.load();
  }

  chosen(kind, index) {
    if (kind) this.panel.show(this.map.graph, kind, index);
    else this.panel.hide();
  }

  letGo() {
    this.map.choose(null, -1);
  }

  setSizing(sizing) {
    remember('map-sizing', sizing);
    this.map.setSizing(sizing);
    this.showSizing();
  }

  showSizing() {
    this.sizings.forEach((button) =>
      button.setAttribute('aria-pressed', String(button.textContent === this.map.sizing)),
    );
  }

  toggleTable() {
    this.isTable = !this.isTable;
    remember('map-table', this.isTable);
    this.showKind();
  }

  showKind() {
    this.kind.setAttribute('aria-pressed', String(this.isTable));
    this.tables.hidden = !this.isTable;
    this.map.element.hidden = this.isTable;
    if (this.isTable && this.map.graph) this.fillTables();
  }

  fillTables() {
    const tables = mapTables(this.map.graph, (kind, index) => this.map.choose(kind, index));
    keepFocus(this.tables, () => replace(this.tables, tables));
  }

  keys() {
    const go = (key, label, x, y) => ({ key, label, run: moving(() => this.map.go(x, y)) });
    return [
      go(['ArrowRight', 'l'], 'To the right', 1, 0),
      go(['ArrowLeft', 'h'], 'To the left', -1, 0),
      go(['ArrowDown', 'j'], 'Down', 0, 1),
      go(['ArrowUp', 'k'], 'Up', 0, -1),
      { key: ['+', '='], label: 'Zoom in', run: () => this.map.zoom(1 / 1.3) },
      { key: '-', label: 'Zoom out', run: () => this.map.zoom(1.3) },
      { key: '0', label: 'All of it', run: () => this.map.showWhole() },
      {
        key: 's',
        label: 'Size by traffic or health',
        run: () => this.setSizing(this.map.sizing === 'traffic' ? 'health' : 'traffic'),
      },
      { key: 'v', label: 'Tables or map', run: () => this.toggleTable() },
      { key: '/', label: 'Filter', run: () => this.box.focus() },
      {
        key: 'Escape',
        label: 'Let go, or back',
        shown: 'Esc',
        run: () => (this.map.choice === null ? goBack() : this.letGo()),
      },
    ];
  }

  close() {
    this.isClosed = true;
    this.loading.close();
    this.panel.hide();
    this.map.close();
  }
}

function aboutOf({ nodes, edges, all }, services) {
  const what = `${plural(services, 'service')}, ${plural(edges.length, 'connection')}`;
  return all > nodes.length ? `${what}: the busiest of ${count(all)} nodes` : what;
}
