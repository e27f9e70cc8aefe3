// Segment documents as SDKs send them, made to order.
import crypto from 'node:crypto';

export function newId(bytes = 8) {
  return crypto.randomBytes(bytes).toString('hex');
}

export function newTraceId(at = now()) {
  return `1-${Math.floor(at).toString(16).padStart(8, '0')}-${newId(12)}`;
}

export function now() {
  return Date.now() / 1000;
}

/**
 * A segment, ended unless `in_progress`: `url`, `method` and `status` become its http block,
 * `duration` its end; everything else is taken as it is.
 */
export function segment({ url, method = 'GET', status = 200, duration = 0.01, ...fields } = {}) {
  const start = fields.start_time ?? now() - duration;
  const document = {
    trace_id: newTraceId(start),
    id: newId(),
    name: 'web',
    start_time: start,
    ...fields,
  };
  if (url) document.http = { request: { method, url }, response: { status } };
  if (!document.in_progress) document.end_time = start + duration;
  return document;
}

/** A segment that answered with a status, and the flags that go with it. */
export function answered(status, fields = {}) {
  const flags =
    status >= 500
      ? { fault: true }
      : status === 429
        ? { error: true, throttle: true }
        : status >= 400 && { error: true };
  return segment({ url: 'http://web.test/', status, ...flags, ...fields });
}

/** A call from inside of a segment. */
export function call(parent, { duration = 0.005, after = 0.001, ...fields } = {}) {
  const start = parent.start_time + after;
  return {
    id: newId(),
    name: 'api',
    namespace: 'remote',
    start_time: start,
    end_time: start + duration,
    ...fields,
  };
}

/** A shop of five services that is used: what lists, maps and pictures are made of. */
export function shop(count, { seed = 1, span = 600, end = now() } = {}) {
  const random = generator(seed);
  return Array.from({ length: count }, (_, index) => {
    const at = end - span + ((index + random() * 0.8) / count) * span;
    return order(random, index, at);
  }).flat();
}

// What is asked for, of which service, how long it usually takes, and whom that service asks.
const ROUTES = [
  { method: 'GET', path: '/products/', name: 'storefront', usual: 0.012, callee: 'catalogue' },
  { method: 'GET', path: '/cart', name: 'storefront', usual: 0.022, callee: 'catalogue' },
  { method: 'GET', path: '/search?q=lamp', name: 'storefront', usual: 0.05, callee: 'search' },
  { method: 'POST', path: '/orders', name: 'checkout', usual: 0.18, callee: 'payments' },
  { method: 'POST', path: '/login', name: 'accounts', usual: 0.035, callee: 'sessions' },
];
const SLOW = 7;

function order(random, index, at) {
  const route = ROUTES[Math.floor(random() ** 1.6 * ROUTES.length)];
  const status = statusBy(random());
  const isBad = status === 503;
  const usual = route.usual * (0.4 + 1.4 * random()) * (random() < 0.02 ? 12 : 1);
  const duration = isBad ? usual * SLOW : usual;
  const path = route.path.endsWith('/') ? `${route.path}${index % 40}` : route.path;
  const root = answered(status, {
    name: route.name,
    url: `http://${route.name}.test:8080${path}`,
    method: route.method,
    start_time: at,
    duration,
    annotations: { customer: `c${index % 17}`, region: 'eu' },
  });
  const calling = callOf(root, route.callee, { isBad, path, after: 0.15, share: 0.75 });
  const cache = call(root, { name: 'cache', after: duration * 0.02, duration: duration * 0.1 });
  root.subsegments = [cache, calling];
  return [root, calleeOf(root, calling, isBad)];
}

function statusBy(luck) {
  if (luck < 0.03) return 503;
  if (luck < 0.04) return 429;
  return luck < 0.08 ? 404 : 200;
}

// A call as our own client records it, with the phases of its attempt.
function callOf(root, name, { isBad, path, after, share }) {
  const whole = root.end_time - root.start_time;
  const request = { method: 'GET', url: `http://${name}.test/v1${path}` };
  const calling = call(root, { name, after: whole * after, duration: whole * share });
  calling.http = { request: { ...request, traced: true }, response: { status: isBad ? 503 : 200 } };
  if (isBad) calling.fault = true;
  let from = 0;
  calling.subsegments = PHASES.map(([phase, part]) => {
    const begun = call(calling, { name: phase, after: from, duration: whole * share * part });
    from += whole * share * part;
    delete begun.namespace;
    return begun;
  });
  return calling;
}

const PHASES = [
  ['dns', 0.02],
  ['dial', 0.05],
  ['request', 0.01],
  ['response', 0.87],
  ['body', 0.05],
];

function calleeOf(root, calling, isBad) {
  const [begin, whole] = [calling.start_time, calling.end_time - calling.start_time];
  const callee = answered(isBad ? 503 : 200, {
    name: calling.name,
    trace_id: root.trace_id,
    parent_id: calling.id,
    url: calling.http.request.url,
    start_time: begin + whole * 0.09,
    duration: whole * 0.84,
  });
  const query = call(callee, {
    name: `${calling.name}@db`,
    after: whole * 0.1,
    duration: whole * 0.5,
    sql: { database_type: 'PostgreSQL', sanitized_query: 'select * from items where id = $1' },
  });
  if (isBad) {
    const message = 'canceling statement due to statement timeout';
    const stack = [{ path: 'store/items.py', line: 88, label: 'find' }];
    query.fault = true;
    query.cause = { exceptions: [{ id: newId(), type: 'QueryCanceled', message, stack }] };
  }
  callee.subsegments = [query];
  return callee;
}

// The same shop every time.
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
