// What the comparison of two traces comes to, in sentences.
import { pathOf } from './compare_model.js';
import { h } from './dom.js';
import { duration, percent } from './format.js';

/** `goTo(row)` shows a row that is spoken of. */
export function verdictOf({ left, right, rows, verdict }, goTo) {
  const place = ({ row }) =>
    h('button', {
      class: 'link',
      type: 'button',
      text: nameOf(row),
      title: pathOf(row).join(' › '),
      on: { click: () => goTo(row) },
    });
  return [
    h('p', { class: 'verdict-line' }, [
      h('strong', { text: headline(left, right, verdict) }),
      ...causes(verdict, place),
    ]),
    ...notes(left, right, rows).map((text) => h('p', { class: 'muted', text })),
  ];
}

function headline(left, right, { kind, difference }) {
  if (kind === 'same')
    return `Both take about the same: ${duration(left.duration)} and ${duration(right.duration)}. `;
  const share =
    left.duration > 0
      ? ` (${difference > 0 ? '+' : '−'}${percent(Math.abs(difference) / left.duration)})`
      : '';
  return `B is ${duration(Math.abs(difference))} ${kind}${share}. `;
}

function causes({ kind, causes: found }, place) {
  const what = kind === 'slower' ? 'regression' : 'gain';
  if (kind === 'same') return [];
  if (!found.length) return [`The waterfalls do not tell where the ${what} is.`];
  if (found[0].part >= 0.95)
    return [`All of the ${what} is in `, place(found[0]), excess(found[0]), '.'];
  const parts = found.flatMap((cause, index) => [
    index === 0 ? '' : index === found.length - 1 ? ' and ' : ', ',
    `${percent(cause.part)} in `,
    place(cause),
    excess(cause),
  ]);
  return [`Of the ${what}, `, ...parts, found.length === 1 ? '; the rest is spread.' : '.'];
}

const excess = ({ share }) => ` (${share > 0 ? '+' : ''}${duration(share)})`;

/** Its own name and the service's it is below, which tell a phase from another. */
export function nameOf(row) {
  return [row.above, row].flatMap((it) => (it ? [it.name] : [])).join(' › ') || '(no name)';
}

function notes(left, right, rows) {
  const [one, other] = [left.trace.row, right.trace.row];
  const missing = (side) => rows.filter((row) => row[side] < 0).length;
  const said = [];
  if (one.status !== other.status)
    said.push(`A was answered ${statusIn(one)}, B ${statusIn(other)}.`);
  const failed = rows.filter(({ statuses: [was, is] }) => is && is !== 'ok' && was === 'ok');
  if (failed.length) said.push(`Only in B there failed: ${listOf(failed)}.`);
  if (missing('right')) said.push(`Only in A: ${listOf(tops(rows, 'right'))}.`);
  if (missing('left')) said.push(`Only in B: ${listOf(tops(rows, 'left'))}.`);
  if (one.name !== other.name)
    said.push(`They are of different services, ${one.name} and ${other.name}.`);
  return said;
}

const statusIn = (row) => row.status ?? 'without a status';

// Those that are missing on a side, without what is below them.
function tops(rows, side) {
  return rows.filter((row) => row[side] < 0 && (!row.above || row.above[side] >= 0));
}

function listOf(rows) {
  const counts = new Map();
  for (const name of rows.map(nameOf)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const said = [...counts].map(([name, count]) => (count > 1 ? `${name} (${count} times)` : name));
  const names = said.slice(0, 4).join(', ');
  return said.length > 4 ? `${names} and ${said.length - 4} more` : names;
}
