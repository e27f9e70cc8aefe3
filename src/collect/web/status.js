// X-Ray's four colours, each also a letter; a service's colour; the phases' hues.
// The colours themselves are custom properties in style.css: `--ok --error --throttle --fault
// --progress`, `--service-0` to `--service-11`, `--phase-dns` and so on.
import { h } from './dom.js';

const STATUSES = {
  ok: { name: 'ok', letter: '', label: 'OK', rank: 3 },
  error: { name: 'error', letter: 'E', label: 'Error (4xx)', rank: 2 },
  throttle: { name: 'throttle', letter: 'T', label: 'Throttled (429)', rank: 1 },
  fault: { name: 'fault', letter: 'F', label: 'Fault (5xx)', rank: 0 },
};
const SERVICE_COLOURS = 12;
const PHASES = new Set(['dns', 'dial', 'tls', 'request', 'response', 'body', 'proxy', 'wait']);
const PHASE_OF = {
  connect: 'dial',
  dns_wait: 'wait',
  queue: 'wait',
  retry_wait: 'wait',
  'dial wait': 'wait',
};

/**
 * Of anything with the flags `error`, `throttle` and `fault`: `{name, letter, label, rank}`, where the
 * worst ranks lowest.
 */
export function statusOf(thing) {
  if (thing.fault) return STATUSES.fault;
  if (thing.throttle) return STATUSES.throttle;
  return thing.error ? STATUSES.error : STATUSES.ok;
}

/** All four, the worst first. */
export function allStatuses() {
  return [STATUSES.fault, STATUSES.throttle, STATUSES.error, STATUSES.ok];
}

/** A mark for lists and headings: a colour, a letter, and a name for those who see neither. */
export function statusBadge(thing) {
  const status = statusOf(thing);
  const label = thing.in_progress ? `${status.label}, in progress` : status.label;
  const kind = `badge badge-${status.name}${thing.in_progress ? ' badge-progress' : ''}`;
  return h('span', {
    class: kind,
    role: 'img',
    'aria-label': label,
    title: label,
    text: status.letter,
  });
}

/** `var(--service-7)`: the same for a name at all times and in all views. */
export function serviceColour(name) {
  return `var(--service-${serviceIndex(name)})`;
}

export function serviceIndex(name) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  hash ^= hash >>> 15;
  return (hash >>> 0) % SERVICE_COLOURS;
}

/** The phase that a subsegment's name says, `dns` or `tls`, or null. */
export function phaseOf(name) {
  const known = PHASE_OF[name] || name;
  return PHASES.has(known) ? known : null;
}

export function phaseColour(phase) {
  return `var(--phase-${phase})`;
}
