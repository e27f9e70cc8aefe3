// The times of one node in numbers.
import { h } from './dom.js';
import { facts, section } from './details_tabs.js';
import { dateTime, duration, percent } from './format.js';
import { criticalOf, durationOf, endOf, gapsOf, offsetOf } from './trace_model.js';
import { colourOf } from './waterfall_row.js';

const MOST_PARTS = 100;

export function timingTab({ model, index, node, goTo }) {
  const took = durationOf(model, index);
  const critical = criticalOf(node);
  const ofTrace = (seconds) =>
    model.duration > 0 ? ` (${percent(seconds / model.duration)} of the trace)` : '';
  return [
    facts([
      ['Begins', `${duration(offsetOf(model, index))} after the trace`],
      ['Took', `${duration(took)}${node.in_progress ? ' so far' : ''}${ofTrace(took)}`],
      ['Self', `${duration(node.self)}: none of its parts ran`],
      [
        'Ends',
        node.end === null
          ? 'not told yet'
          : `${duration(endOf(model, index))} after the trace's begin`,
      ],
      [
        'Critical',
        critical > 0
          ? `${duration(critical)}${ofTrace(critical)}: the end waited for this itself`
          : 'the end did not wait for this itself',
      ],
      ['Skew', node.skew ? `${duration(Math.abs(node.skew))}: clocks that differ` : null],
      ['Start', dateTime(node.start, 6)],
      ['End', node.end === null ? null : dateTime(node.end, 6)],
    ]),
    phasesOf(model, index, goTo),
    partsOf(model, index, goTo),
    gapList(model, index),
  ];
}

function phasesOf(model, index, goTo) {
  const call = callOf(model, index);
  if (call < 0) return null;
  const phases = [];
  for (let at = call + 1; at < model.behind[call]; at += 1) {
    if (model.roles[at] === 'phase' && callOf(model, at) === call) phases.push(at);
  }
  return phases.length ? section('Phases', table(model, call, phases, goTo)) : null;
}

// The call or the attempt whose phases a person wants to see who looks at this node; -1 where there
// is none.
function callOf(model, index) {
  let at = index;
  while (at >= 0 && model.roles[at] === 'phase') at = model.nodes[at].parent;
  return at >= 0 && ['call', 'attempt'].includes(model.roles[at]) ? at : -1;
}

function partsOf(model, index, goTo) {
  const parts = model.children[index].filter((child) => model.roles[child] !== 'phase');
  if (!parts.length) return null;
  const longest = [...parts]
    .sort((one, other) => durationOf(model, other) - durationOf(model, one))
    .slice(0, MOST_PARTS);
  return section(
    parts.length > MOST_PARTS ? `The longest ${MOST_PARTS} of ${parts.length} parts` : 'Parts',
    table(model, index, longest, goTo),
  );
}

function table(model, whole, parts, goTo) {
  const head = ['Name', 'Begins', 'Took', 'Until'];
  const rows = parts.map((part) => {
    const from = offsetOf(model, part) - offsetOf(model, whole);
    const took = durationOf(model, part);
    const times = [from, took, from + took];
    return h('tr', {}, [
      nameCell(model, whole, part, goTo),
      times.map((it) => h('td', { text: duration(it) })),
    ]);
  });
  return h('table', { class: 'times' }, [
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        head.map((text) => h('th', { scope: 'col', text })),
      ),
    ),
    h('tbody', {}, rows),
  ]);
}

// The name, and below it where the part lies in the whole.
function nameCell(model, whole, part, goTo) {
  const total = durationOf(model, whole) || 1;
  const share = (seconds) => `${Math.min(Math.max(seconds / total, 0), 1) * 100}%`;
  const style = {
    left: share(offsetOf(model, part) - offsetOf(model, whole)),
    width: share(durationOf(model, part)),
    background: colourOf(model, part),
  };
  const indent = Math.max(model.nodes[part].depth - model.nodes[whole].depth - 1, 0);
  const button = h('button', {
    class: 'link cut',
    type: 'button',
    text: model.nodes[part].name || '(no name)',
    on: { click: () => goTo(part) },
  });
  return h('th', { scope: 'row', style: { 'padding-left': `${indent * 12 + 4}px` } }, [
    button,
    h('span', { class: 'times-bar', style }),
  ]);
}

function gapList(model, index) {
  const gaps = gapsOf(model, index);
  if (!gaps.length) return null;
  return section(
    'Unexplained',
    h(
      'ul',
      { class: 'plain' },
      gaps.map(([from, to]) => {
        const place = `${duration(to - from)} from ${duration(from - offsetOf(model, index))} on`;
        return h('li', { text: `${place}, ${between(model, index, from, to)}` });
      }),
    ),
  );
}

function between(model, index, from, to) {
  const near = (moment, edge) =>
    model.children[index].find((child) => Math.abs(edge(model, child) - moment) < 1e-9);
  const before = near(from, endOf);
  const behind = near(to, offsetOf);
  if (before !== undefined && behind !== undefined)
    return `between ${model.nodes[before].name} and ${model.nodes[behind].name}`;
  if (behind !== undefined) return `before ${model.nodes[behind].name}`;
  return before !== undefined ? `behind ${model.nodes[before].name}` : 'with nothing beside it';
}
