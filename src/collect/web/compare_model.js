// Two traces beside each other: which node of the one is which of the other, and where the
// difference lies. Nothing here touches the page.

import { statusOf } from './status.js';
import { criticalOf, durationOf, modelOf } from './trace_model.js';

/**
 * Rows `{name, depth, above, left, right}`, where `above` is the row of the parent or null, and
 * `left` and `right` are indices in the two models or -1: nodes are the same where their names and
 * those above them are, the first to the first, the second to the second.
 */
function align(left, right) {
  const rows = [];
  const stack = [];
  const push = (pairs, above) => {
    for (let place = pairs.length - 1; place >= 0; place -= 1) {
      stack.push(rowOf(left, right, pairs[place], above));
    }
  };
  push(pairRoots(left, right, rootsOf(left), rootsOf(right)), null);
  while (stack.length) {
    const row = stack.pop();
    rows.push(row);
    push(pairUp(left, right, childrenOf(left, row.left), childrenOf(right, row.right)), row);
  }
  return rows;
}

const rootsOf = (model) => model.nodes.flatMap((node, index) => (node.parent < 0 ? [index] : []));
const childrenOf = (model, index) => (index >= 0 ? model.children[index] : []);

function rowOf(left, right, [one, other], above) {
  const { name } = one >= 0 ? left.nodes[one] : right.nodes[other];
  return { name, depth: above ? above.depth + 1 : 0, above, left: one, right: other };
}

/** The names from the entry down to a row. */
export function pathOf(row) {
  const names = [];
  for (let at = row; at; at = at.above) names.push(at.name);
  return names.reverse();
}

// Two that are compared are one and the other of something, whatever their entries are called.
function pairRoots(left, right, ones, others) {
  if (ones.length === 1 && others.length === 1) return [[ones[0], others[0]]];
  return pairUp(left, right, ones, others);
}

// In the order of the left; what only the right has comes behind the one it followed there.
function pairUp(left, right, ones, others) {
  const waiting = new Map();
  others.forEach((other) => {
    const name = right.nodes[other].name;
    if (!waiting.has(name)) waiting.set(name, []);
    waiting.get(name).push(other);
  });
  const pairs = ones.map((one) => [one, waiting.get(left.nodes[one].name)?.shift() ?? -1]);
  const placeOf = new Map(pairs.filter((pair) => pair[1] >= 0).map((pair) => [pair[1], pair]));
  let place = 0;
  for (const other of others) {
    const pair = placeOf.get(other);
    if (pair) {
      place = pairs.indexOf(pair) + 1;
    } else {
      pairs.splice(place, 0, [-1, other]);
      place += 1;
    }
  }
  return pairs;
}

/** Both models, their rows with numbers, and the verdict. */
export function comparison(one, other) {
  const left = modelOf(one);
  const right = modelOf(other);
  const rows = align(left, right);
  for (const row of rows) {
    row.leftDuration = row.left >= 0 ? durationOf(left, row.left) : null;
    row.rightDuration = row.right >= 0 ? durationOf(right, row.right) : null;
    row.difference = (row.rightDuration ?? 0) - (row.leftDuration ?? 0);
    row.share = waitedFor(right, row.right) - waitedFor(left, row.left);
    row.statuses = [statusAt(left, row.left), statusAt(right, row.right)];
  }
  return { left, right, rows, verdict: verdictOf(left, right, rows) };
}

// The critical path hands every moment of a trace to one node, so that the shares add up to the
// whole difference.
const waitedFor = (model, index) => (index >= 0 ? criticalOf(model.nodes[index]) : 0);
const statusAt = (model, index) => (index >= 0 ? statusOf(model.nodes[index]).name : null);

const SAME_SHARE = 0.05;
const SAME_SECONDS = 0.0005;

/**
 * `{kind: 'same' | 'slower' | 'faster', difference, causes: [{row, share, part}]}`: of the second
 * trace to the first; the causes, largest first, are as many as explain nine tenths of it, three at
 * most.
 */
export function verdictOf(left, right, rows) {
  const difference = right.duration - left.duration;
  const least = Math.max(Math.max(left.duration, right.duration) * SAME_SHARE, SAME_SECONDS);
  if (Math.abs(difference) < least) return { kind: 'same', difference, causes: [] };
  const sign = Math.sign(difference);
  const suspects = rows
    .filter((row) => row.share * sign > 0)
    .sort((a, b) => (b.share - a.share) * sign);
  const causes = [];
  let explained = 0;
  for (const row of suspects.slice(0, 3)) {
    if (explained >= Math.abs(difference) * 0.9) break;
    explained += Math.abs(row.share);
    causes.push({ row, share: row.share, part: row.share / difference });
  }
  return { kind: sign > 0 ? 'slower' : 'faster', difference, causes };
}
