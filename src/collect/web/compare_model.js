// Two traces beside each other: which node of the one is which of the other, and where the
// difference lies. Nothing here touches the page.

import { statusOf } from './status.js';
import { criticalOf, durationOf, modelOf } from './trace_model.js';

/**
 * Rows `{name, depth, path, left, right, parent}`, where `left` and `right` are indices in the two
 * models or -1: nodes are the same where their names and those above them are, the first to the
 * first, the second to the second.
 */
export function align(left, right) {
  const rows = [];
  const stack = [{ left: rootsOf(left), right: rootsOf(right), depth: 0, path: [], parent: -1 }];
  while (stack.length) {
    const level = stack.pop();
    if (level.row) rows.push(level.row);
    const at = rows.length - 1;
    const parent = level.row ? at : -1;
    const pairs = level.row
      ? pairUp(left, right, level.left, level.right)
      : pairRoots(left, right, level);
    for (let place = pairs.length - 1; place >= 0; place -= 1) {
      stack.push(
        levelBelow(left, right, pairs[place], {
          ...level,
          parent,
          depth: level.row ? level.depth + 1 : 0,
        }),
      );
    }
  }
  return rows;
}

const rootsOf = (model) => model.nodes.flatMap((node, index) => (node.parent < 0 ? [index] : []));

function levelBelow(left, right, [one, other], above) {
  const name = one >= 0 ? left.nodes[one].name : right.nodes[other].name;
  const path = [...above.path, name];
  return {
    row: { name, depth: above.depth, path, left: one, right: other, parent: above.parent },
    left: one >= 0 ? left.children[one] : [],
    right: other >= 0 ? right.children[other] : [],
    depth: above.depth,
    path,
  };
}

// Two that are compared are one and the other of something, whatever their entries are called.
function pairRoots(left, right, level) {
  if (level.left.length === 1 && level.right.length === 1) return [[level.left[0], level.right[0]]];
  return pairUp(left, right, level.left, level.right);
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
