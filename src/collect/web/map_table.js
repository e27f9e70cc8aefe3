// A service map as two tables, for who reads rather than looks.
import { h } from './dom.js';
import { count, duration, rate } from './format.js';
import { nodeName } from './map_drawing.js';

const COLUMNS = ['Requests', 'Rate', 'Faults', 'Throttles', 'Errors', 'p50', 'p95'];

/** `choose(kind, index)` is told of a row that is pressed. */
export function mapTables(graph, choose) {
  const byCount = (things) =>
    things.map((_, index) => index).sort((one, other) => things[other].count - things[one].count);
  const isService = (index) => !graph.nodes[index].client;
  return [
    table(
      'Services',
      ['Service', 'Type'],
      // Clients have no numbers of their own: those of their calls are below.
      byCount(graph.nodes)
        .filter(isService)
        .map((index) => {
          const node = graph.nodes[index];
          return {
            node,
            name: nodeName(node),
            more: [node.type || '–'],
            press: () => choose('node', index),
          };
        }),
    ),
    table(
      'Calls',
      ['From', 'To'],
      byCount(graph.edges).map((index) => {
        const edge = graph.edges[index];
        return {
          node: edge,
          name: nodeName(graph.nodes[edge.from]),
          more: [nodeName(graph.nodes[edge.to])],
          press: () => choose('edge', index),
        };
      }),
    ),
  ];
}

function table(caption, first, rows) {
  return h('table', { class: 'map-table' }, [
    h('caption', { text: caption }),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        [...first, ...COLUMNS].map((name) => h('th', { scope: 'col', text: name })),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map(({ node, name, more, press }) =>
        h('tr', {}, [
          h(
            'th',
            { scope: 'row' },
            h('button', { class: 'link', type: 'button', text: name, on: { click: press } }),
          ),
          ...more.map((text) => h('td', { class: 'text', text })),
          ...[
            count(node.count),
            rate(node.rate),
            count(node.fault),
            count(node.throttle),
            count(node.error),
            duration(node.p50),
            duration(node.p95),
          ].map((text) => h('td', { text })),
        ]),
      ),
    ),
  ]);
}
