// The list's columns and the orders they can be put in.
import { statusOf } from './status.js';

const byText = new Intl.Collator('en', { numeric: true });

/** `value` is what is compared; `descending` is how a column is sorted when it is first chosen. */
export const COLUMNS = [
  {
    name: 'age',
    label: 'Age',
    value: (row) => row.start,
    descending: true,
    hint: 'the newest first',
  },
  {
    name: 'duration',
    label: 'Duration',
    value: (row) => row.duration,
    descending: true,
    hint: 'the slowest first',
  },
  { name: 'status', label: 'Status', value: worst, descending: true, hint: 'the worst first' },
  {
    name: 'service',
    label: 'Service',
    value: (row) => row.name || '',
    descending: false,
    hint: 'by name',
  },
  {
    name: 'request',
    label: 'Request',
    value: (row) => row.url || '',
    descending: false,
    hint: 'by URL',
  },
  {
    name: 'segments',
    label: 'Parts',
    value: (row) => row.segments + row.subsegments,
    descending: true,
    hint: 'the largest first',
  },
];

/** Which column `s` sorts by next. */
export function nextColumn(name) {
  const turn = ['age', 'status', 'duration'];
  return turn[(turn.indexOf(name) + 1) % turn.length];
}

/** A comparison for Array.sort; the newest first where a column says nothing. */
export function comparator({ column, descending }) {
  const { value } = COLUMNS.find((candidate) => candidate.name === column);
  const sign = descending ? -1 : 1;
  return (left, right) => {
    const a = value(left);
    const b = value(right);
    if (a !== b) {
      const order = typeof a === 'string' ? byText.compare(a, b) : a - b;
      if (order !== 0) return sign * order;
    }
    return right.start - left.start || (left.id < right.id ? -1 : 1);
  };
}

function worst(row) {
  return 10 * (3 - statusOf(row).rank) + (row.refused > 0 ? 5 : 0) + (row.waiting > 0 ? 2 : 0);
}
