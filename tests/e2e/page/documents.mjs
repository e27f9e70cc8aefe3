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

const ROUTES = [
  ['GET', '/cart', 0.018],
  ['GET', '/products/', 0.009],
  ['POST', '/orders', 0.14],
  ['GET', '/search?q=lamp', 0.05],
  ['POST', '/login', 0.03],
];

function order(random, index, at) {
  const [method, path, usual] = ROUTES[Math.floor(random() * random() * ROUTES.length)];
  const luck = random();
  const status = luck < 0.03 ? 503 : luck < 0.04 ? 429 : luck < 0.08 ? 404 : 200;
  const duration =
    usual * (0.4 + 1.4 * random()) * (status === 503 ? 7 : 1) * (random() < 0.02 ? 12 : 1);
  const url = `http://shop.test${path}${path.endsWith('/') ? index % 40 : ''}`;
  const root = answered(status, {
    name: 'shop',
    url,
    method,
    start_time: at,
    duration,
    annotations: { customer: `c${index % 17}`, region: 'eu' },
  });
  const inner =
    path === '/orders' ? 'payments' : path.startsWith('/search') ? 'search' : 'catalogue';
  const calling = call(root, {
    name: inner,
    after: duration * 0.15,
    duration: duration * 0.7,
    http: {
      request: { method: 'GET', url: `http://${inner}.test/v1${path}` },
      response: { status: status === 503 ? 503 : 200 },
    },
  });
  if (status === 503) calling.fault = true;
  root.subsegments = [
    call(root, {
      name: 'session',
      after: duration * 0.02,
      duration: duration * 0.1,
      namespace: 'aws',
    }),
    calling,
  ];
  const callee = answered(status === 503 ? 503 : 200, {
    name: inner,
    trace_id: root.trace_id,
    parent_id: calling.id,
    url: calling.http.request.url,
    start_time: at + duration * 0.2,
    duration: duration * 0.6,
  });
  callee.subsegments = [
    call(callee, {
      name: 'orders@db',
      after: duration * 0.1,
      duration: duration * 0.35,
      sql: { database_type: 'PostgreSQL', sanitized_query: 'select * from items where id = $1' },
    }),
  ];
  return [root, callee];
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
