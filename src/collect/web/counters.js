// The program's counters under the list, and a warning where something was lost on the way.
import { announce, h, keepFocus, replace } from './dom.js';
import * as format from './format.js';

const LOSSES = [
  {
    number: (stats) => stats.kernel_drops,
    text: 'lost in the socket buffer',
    why: 'Datagrams came faster than they could be read; a larger net.core.rmem_max helps.',
  },
  {
    number: (stats) => stats.journal && stats.journal.lost,
    text: 'not saved',
    why: 'The file of --save could not be written.',
  },
  {
    number: (stats) => sum(stats.forward, 'failed') + sum(stats.forward, 'dropped'),
    text: 'not forwarded',
    why: 'What --forward names did not take them.',
  },
];

const told = new Set();

/** `stats` as /api/stats has it; null draws nothing. */
export function drawCounters(root, stats) {
  if (!stats) root.replaceChildren();
  else keepFocus(root, () => draw(root, stats));
}

function draw(root, stats) {
  const lost = LOSSES.filter(({ number }) => number(stats) > 0);
  const rejected = Object.entries(stats.rejected || {}).filter(([, number]) => number > 0);
  replace(root, [
    figure(stats.received, 'received', 'Documents that came in'),
    figure(
      stats.documents,
      'kept',
      `Documents that are held, in ${format.bytes(stats.bytes || 0)}`,
    ),
    stats.evicted > 0 &&
      figure(
        stats.evicted,
        'evicted',
        'Traces that made room for newer ones (--max-traces, --max-memory)',
      ),
    rejected.length > 0 && drawRejected(rejected),
    lost.map(({ number, text, why }) =>
      h('span', {
        class: 'chip chip-bad',
        title: why,
        text: `⚠ ${format.count(number(stats))} ${text}`,
      }),
    ),
    h('span', { class: 'grow' }),
    stats.bytes >= 0 &&
      h('span', {
        class: 'figure',
        title: 'Memory that the traces take',
        text: format.bytes(stats.bytes),
      }),
    stats.version && h('span', { class: 'figure', text: `xtrace ${stats.version}` }),
  ]);
}

/** Says once of each kind that something was lost; the numbers go on in silence. */
export function announceLosses(stats) {
  const first = LOSSES.filter(({ text, number }) => number(stats) > 0 && !told.has(text));
  for (const { text } of first) told.add(text);
  if (first.length > 0)
    announce(first.map(({ text, why }) => `Documents were ${text}. ${why}`).join(' '));
}

function figure(value, name, title) {
  return h('span', { class: 'figure', title }, [
    h('b', { text: format.count(value || 0) }),
    ` ${name}`,
  ]);
}

function drawRejected(rejected) {
  const total = rejected.reduce((sum, [, number]) => sum + number, 0);
  const reasons = rejected
    .map(([reason, number]) => `${format.count(number)} ${reason}`)
    .join(', ');
  return h('a', {
    class: 'chip chip-warn',
    href: '/strays',
    title: `The X-Ray service would have refused them: ${reasons}`,
    text: `${format.count(total)} rejected`,
  });
}

function sum(list, name) {
  return (list || []).reduce((total, entry) => total + (entry[name] || 0), 0);
}
