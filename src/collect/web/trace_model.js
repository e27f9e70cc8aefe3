// What follows from the nodes of a trace (README.md) for those who draw it. Nothing here touches
// the page.
import { statusOf } from './status.js';

const PHASES = new Set([
  'queue',
  'dns_wait',
  'dns',
  'dial',
  'connect',
  'proxy',
  'tls',
  'request',
  'response',
  'body',
]);

/** The row that stands before the nodes that wait for their parents. */
export const WAITING_ROW = -1;

/**
 * The model of a trace: its nodes, and beside each, by index, `children`, `behind` (the index after
 * its last descendant), `roles`, `service` (the name it is coloured by) and `keys` (what names it
 * across updates).
 */
export function modelOf(trace) {
  const nodes = trace.nodes;
  const model = {
    trace,
    nodes,
    start: trace.start,
    duration: Math.max(trace.end - trace.start, 0),
    children: nodes.map(() => []),
    behind: nodes.map((_, index) => index + 1),
    roles: new Array(nodes.length),
    service: new Array(nodes.length),
    keys: new Array(nodes.length),
    byKey: new Map(),
    firstWaiting: -1,
  };
  nodes.forEach((node, index) => describe(model, node, index));
  for (let index = nodes.length - 1; index >= 0; index -= 1) {
    const parent = nodes[index].parent;
    if (parent >= 0) model.behind[parent] = Math.max(model.behind[parent], model.behind[index]);
  }
  return model;
}

function describe(model, node, index) {
  if (node.parent >= 0) model.children[node.parent].push(index);
  if (node.waiting && node.parent < 0 && model.firstWaiting < 0) model.firstWaiting = index;
  model.roles[index] = roleOf(model, node);
  const segment = model.nodes[node.segment];
  model.service[index] = node.inferred || !segment ? node.name : segment.name;
  const wanted = node.id || `row-${index}`;
  const key = model.byKey.has(wanted) ? `${wanted}-${index}` : wanted;
  model.keys[index] = key;
  model.byKey.set(key, index);
}

// A phase is known by its name, and only below a call: somebody's own subsegment may be called
// `request` too.
function roleOf(model, node) {
  if (node.is_segment) return 'segment';
  if (node.namespace === 'remote' || node.namespace === 'aws') return 'call';
  const above = node.parent >= 0 ? model.roles[node.parent] : null;
  if (above === 'call' || above === 'attempt' || above === 'phase') {
    if (PHASES.has(node.name)) return 'phase';
    if (/^Attempt:\d+$/.test(node.name)) return 'attempt';
    if (node.name === 'backoff') return 'backoff';
  }
  return 'local';
}

/** Seconds from the trace's start; 0 for a node that has no start. */
export function offsetOf(model, index) {
  const start = model.nodes[index].start;
  return start ? start - model.start : 0;
}

/**

 * Where its bar ends, in seconds from the trace's start: what is in progress goes on to the end of

 * what is known.

 */
export function endOf(model, index) {
  const node = model.nodes[index];
  if (!node.start) return 0;
  return (node.end ?? Math.max(model.trace.end, node.start)) - model.start;
}

export function durationOf(model, index) {
  return Math.max(endOf(model, index) - offsetOf(model, index), 0);
}

/** How long the end of the trace waited for this very node. */
export function criticalOf(node) {
  return node.critical.reduce((sum, [from, to]) => sum + (to - from), 0);
}

/** Indices of the rows to show, with WAITING_ROW where the waiting begin; `folded` holds keys. */
export function visibleRows(model, folded) {
  const rows = [];
  for (let index = 0; index < model.nodes.length;) {
    if (index === model.firstWaiting) rows.push(WAITING_ROW);
    rows.push(index);
    index = folded.has(model.keys[index]) ? model.behind[index] : index + 1;
  }
  return rows;
}

/** The key of every node that has children, and lies at `depth` or deeper. */
export function foldable(model, depth = 0) {
  const isDeepParent = (key, index) =>
    model.children[index].length > 0 && model.nodes[index].depth >= depth;
  return model.keys.filter(isDeepParent);
}

/** Those above a node, from its parent up. */
export function ancestorsOf(model, index) {
  const ancestors = [];
  for (let at = model.nodes[index].parent; at >= 0; at = model.nodes[at].parent) ancestors.push(at);
  return ancestors;
}

/**
 * Times in which a node that has children ran none of them: `[[from, to], ...]` in seconds from the
 * trace's start, those of at least `share` of its duration. What a phase or a backoff does is said
 * by its name.
 */
export function gapsOf(model, index, share = 0.05) {
  const role = model.roles[index];
  if (!model.children[index].length || role === 'phase' || role === 'backoff') return [];
  const from = offsetOf(model, index);
  const to = endOf(model, index);
  const least = Math.max((to - from) * share, 1e-6);
  const spans = model.children[index]
    .map((child) => [offsetOf(model, child), endOf(model, child)])
    .sort((one, other) => one[0] - other[0]);
  const gaps = [];
  let covered = from;
  for (const [begin, end] of [...spans, [to, to]]) {
    const next = Math.min(begin, to);
    if (next - covered >= least) gaps.push([covered, next]);
    covered = Math.max(covered, end);
  }
  return gaps;
}

/** Indices of the nodes in which every word of `text` occurs, in what a person would look for. */
export function search(model, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  model.haystacks ??= model.nodes.map(haystackOf);
  const found = [];
  model.haystacks.forEach((haystack, index) => {
    if (words.every((word) => haystack.includes(word))) found.push(index);
  });
  return found;
}

function haystackOf(node) {
  const http = node.http ?? {};
  const exceptions = node.exceptions.map((one) => `${one.type} ${one.message}`);
  const blocks = [node.annotations, node.metadata, node.sql, node.aws]
    .filter(Boolean)
    .map((it) => JSON.stringify(it));
  const parts = [
    node.name,
    node.id,
    node.namespace,
    node.origin,
    node.user,
    http.method,
    http.url,
    http.status,
  ];
  return [...parts, statusOf(node).name, ...exceptions, ...blocks]
    .filter(Boolean)
    .join('\n')
    .toLowerCase();
}

/** Round steps for a ruler: about `wanted` of them between `from` and `to`. */
export function ticksOf(from, to, wanted) {
  const span = to - from;
  if (!(span > 0)) return [from];
  const raw = span / Math.max(wanted, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10]
    .map((factor) => factor * power)
    .find((candidate) => candidate >= raw * 0.999);
  const ticks = [];
  for (let count = Math.ceil(from / step - 1e-9); count * step <= to + step * 1e-9; count += 1)
    ticks.push(count * step);
  return ticks;
}
