// What is said of a trace as a whole, above its waterfall.
import { api } from './api.js';
import { copyButton, h } from './dom.js';
import { filterPath, serviceTerm } from './filter_terms.js';
import { age, count, dateTime, duration, path, plural } from './format.js';
import { serviceColour, statusBadge } from './status.js';

const MOST_SERVICES = 16;

/** `actions` is the element with the buttons of the view. */
export function traceHead(trace, actions) {
  const { row } = trace;
  return [
    h('div', { class: 'trace-title' }, [
      statusBadge(row),
      h('h1', { class: 'cut', title: row.url ?? titleOf(trace) }, titleOf(trace)),
      actions,
    ]),
    h(
      'dl',
      { class: 'trace-facts' },
      factsOf(trace).map(([name, value]) =>
        h('div', {}, [h('dt', { text: name }), h('dd', {}, value)]),
      ),
    ),
    h('div', { class: 'chips' }, chipsOf(trace)),
    refusals(trace),
  ];
}

/** For headings and the window's title. What serves nobody is known by its one call. */
export function titleOf({ row, nodes }) {
  const name = row.name || '(no name)';
  if (row.method || row.url) return [name, ...requestOf(row, path(row.url))].join(' ');
  const calls = nodes.filter((node) => node.parent === 0 && node.http?.url);
  if (calls.length !== 1) return [name, row.status].filter(Boolean).join(' ');
  return [name, '→', ...requestOf(calls[0].http, calls[0].http.url)].join(' ');
}

const requestOf = ({ method, status }, place) => [method, place, status].filter(Boolean);

function factsOf({ row }) {
  const isLonger = Math.abs(row.duration - row.response_time) > row.duration * 0.005;
  return [
    ['Total', duration(row.duration)],
    isLonger ? ['Response', duration(row.response_time)] : null,
    row.start ? ['Started', `${dateTime(row.start)} (${ago(row.start)})`] : null,
    ['Segments', segmentsOf(row)],
    ['Id', [h('code', { text: row.id }), ' ', copyButton(row.id, 'the trace id')]],
  ].filter(Boolean);
}

function segmentsOf({ segments, subsegments }) {
  return subsegments
    ? `${count(segments)} + ${plural(subsegments, 'subsegment')}`
    : count(segments);
}

function ago(seconds) {
  const passed = age(seconds);
  return passed === 'now' || passed.startsWith('in ') ? passed : `${passed} ago`;
}

function chipsOf({ row, nodes }) {
  const failing = (flag) => nodes.filter((node) => node[flag]).length;
  const throttles = failing('throttle');
  const more = row.services.length - MOST_SERVICES;
  const chip = (text, kind = '', title = null) => h('span', { class: `chip ${kind}`, text, title });
  return [
    ...row.services.slice(0, MOST_SERVICES).map((name) =>
      h(
        'a',
        {
          class: 'chip chip-service',
          href: filterPath(serviceTerm(name)),
          title: `The traces with ${name}`,
        },
        [
          h('span', { class: 'dot', style: { '--colour': serviceColour(name) } }),
          h('span', { class: 'cut', text: name || '(no name)' }),
        ],
      ),
    ),
    more > 0 ? chip(`and ${count(more)} more services`) : null,
    failing('fault') ? chip(plural(failing('fault'), 'fault'), 'chip-bad') : null,
    throttles ? chip(plural(throttles, 'throttle'), 'chip-throttle') : null,
    failing('error') > throttles
      ? chip(plural(failing('error') - throttles, 'error'), 'chip-warn')
      : null,
    row.in_progress
      ? chip('in progress', 'chip-progress', 'Something of it has not told its end yet.')
      : null,
    !row.complete && !row.in_progress
      ? chip('partial', 'chip-warn', 'Something of it is known to be missing.')
      : null,
    row.waiting ? chip(`${row.waiting} waiting for a parent`, 'chip-warn') : null,
    row.duplicates
      ? chip(
          plural(row.duplicates, 'duplicate'),
          '',
          'Nodes that came more than once were left out; the last finished one of an id stays.',
        )
      : null,
  ];
}

function refusals({ documents }) {
  const refused = documents.filter(({ refusal }) => refusal);
  if (!refused.length) return null;
  return h('details', { class: 'refusals' }, [
    h('summary', {
      text: `X-Ray would refuse ${plural(refused.length, 'document')} of this trace`,
    }),
    h(
      'ul',
      { class: 'plain' },
      refused.map(({ id, refusal }) => h('li', {}, [h('code', { text: id }), ' ', refusal])),
    ),
  ]);
}

/** The downloads, as a menu that opens, and closes with Escape, a choice, and a click elsewhere. */
export function downloads(id) {
  const link = (format, name, title) =>
    h('a', { href: api.exportPath(id, format), download: true, title, text: name });
  const menu = h('details', { class: 'menu' }, [
    h('summary', { text: 'Download' }),
    h('div', { class: 'menu-body' }, [
      link('json', 'X-Ray JSON', 'As BatchGetTraces answers'),
      link('har', 'HAR', 'For the network tab of a browser'),
      link('perfetto.json', 'Perfetto', 'Chrome trace events, for ui.perfetto.dev'),
      link('otlp.json', 'OTLP JSON', 'For OpenTelemetry collectors'),
    ]),
  ]);
  const close = () => {
    menu.open = false;
  };
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    // The view's own Escape leaves the trace.
    event.preventDefault();
    close();
    menu.firstChild.focus();
  });
  const leave = ({ target }) => {
    if (!menu.contains(target)) close();
  };
  menu.addEventListener('toggle', () => {
    if (menu.open) document.addEventListener('pointerdown', leave);
    else document.removeEventListener('pointerdown', leave);
  });
  menu.lastChild.addEventListener('click', close);
  return menu;
}
