// Traces for the views that draw one: each is `{id, documents}`.
import fs from 'node:fs';
import { answered, call, newId, now, segment } from './documents.mjs';

const DATAGRAMS = new URL('../data/sdk_datagrams/', import.meta.url);

/** A trace that an SDK sent, as it came: `node`, `python` or `go`. */
export function recorded(sdk) {
  const [, text] = fs.readFileSync(new URL(`${sdk}.txt`, DATAGRAMS), 'utf8').split('\n');
  return { id: JSON.parse(text).trace_id, documents: [text] };
}

function part(start, [name, after, duration, parts = []], fields = {}) {
  return {
    id: newId(),
    name,
    start_time: start + after,
    end_time: start + after + duration,
    subsegments: parts.map((each) => part(start, each)),
    ...fields,
  };
}

const PHASES = (at, unit) => [
  [
    'connect',
    at,
    4 * unit,
    [
      ['dns', at, unit],
      ['dial', at + unit, unit],
      ['tls', at + 2 * unit, 2 * unit],
    ],
  ],
  ['request', at + 4 * unit, unit / 5],
  ['response', at + 4.2 * unit, 5 * unit],
  ['body', at + 9.2 * unit, 0.8 * unit],
];

/**
 * An order of a shop: a call that is tried twice, with phases, into a segment of its own;
 * annotations, metadata and an exception; a call nobody recorded; `slower` seconds are spent in the
 * answer of the second attempt.
 */
export function order({ slower = 0, start = now() - 5 } = {}) {
  const root = answered(500, {
    name: 'checkout',
    method: 'POST',
    url: 'http://shop.test/orders',
    start_time: start,
    duration: 0.6 + slower,
    user: 'ada',
    annotations: { cart: 17, premium: true, region: 'eu "west"' },
    metadata: {
      default: { items: [{ sku: 'a1', deep: { deeper: { deepest: 'found' } } }], note: 'gift' },
    },
  });
  root.cause = {
    exceptions: [
      {
        id: newId(),
        type: 'CardDeclined',
        message: 'the card was declined',
        truncated: 12,
        stack: [{ path: '/srv/pay.js', label: 'charge', line: 42 }],
      },
    ],
  };
  const paying = call(root, {
    name: 'pay.test',
    after: 0.1,
    duration: 0.45 + slower,
    fault: true,
    http: { request: { method: 'POST', url: 'http://pay.test/charge' }, response: { status: 503 } },
  });
  const second = part(start, ['Attempt:1', 0.26, 0.29 + slower, PHASES(0.26, 0.02)], {
    fault: true,
  });
  second.subsegments.find(({ name }) => name === 'response').end_time += slower;
  paying.subsegments = [
    part(start, ['Attempt:0', 0.1, 0.1, PHASES(0.1, 0.01)], { fault: true }),
    part(start, ['backoff', 0.2, 0.06]),
    second,
  ];
  root.subsegments = [
    part(start, ['validate', 0.004, 0.02]),
    paying,
    call(root, {
      name: 'DynamoDB',
      namespace: 'aws',
      after: 0.56,
      duration: 0.0001,
      aws: { operation: 'PutItem' },
    }),
  ];
  const callee = answered(503, {
    name: 'pay',
    trace_id: root.trace_id,
    parent_id: second.id,
    start_time: start + 0.35,
    duration: 0.05 + slower,
  });
  return { id: root.trace_id, documents: [root, callee], root, paying };
}

/**

 * What is not as it should be: no end, no parent, another clock, and what the service would not

 * take.

 */
export function troubled() {
  const start = now() - 5;
  const root = segment({ name: 'web', url: 'http://web.test/', start_time: start, duration: 1 });
  root.metadata = { own: { far: { further: { furthest: 1 } } } };
  const calling = call(root, { name: 'late', after: 0.2, duration: 0.3 });
  const working = { id: newId(), name: 'working', start_time: start + 0.6, in_progress: true };
  root.subsegments = [calling, working];
  const skewed = segment({
    name: 'late',
    trace_id: root.trace_id,
    parent_id: calling.id,
    start_time: start + 0.15,
    duration: 0.2,
  });
  const lost = segment({
    name: 'lost',
    trace_id: root.trace_id,
    parent_id: newId(),
    start_time: start + 0.3,
    duration: 0.1,
  });
  const refused = segment({
    name: 'who?|',
    trace_id: root.trace_id,
    parent_id: calling.id,
    start_time: start + 0.25,
    duration: 0.1,
  });
  return { id: root.trace_id, documents: [root, skewed, lost, refused], root, working };
}

/** `count` segments: a batch that calls another service again and again. */
export function large(count) {
  const root = segment({
    name: 'batch',
    url: 'http://batch.test/',
    method: 'PUT',
    start_time: now() - 20,
    duration: count * 0.002,
  });
  const documents = Array.from({ length: count - 1 }, (_, index) =>
    segment({
      name: `step-${index % 9}`,
      trace_id: root.trace_id,
      parent_id: root.id,
      start_time: root.start_time + index * 0.002,
      duration: 0.003 + (index % 7) * 0.002,
      fault: index % 500 === 499,
    }),
  );
  return {
    id: root.trace_id,
    documents: [root, ...documents],
    last: documents[documents.length - 1],
  };
}

/** Markup wherever a text can be. */
export function hostile() {
  const evil = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';
  const root = answered(500, {
    name: evil,
    method: evil,
    url: 'javascript:window.harmed=1',
    user: evil,
    origin: evil,
    annotations: { [evil]: evil, key: evil, __proto__: evil },
    metadata: { [evil]: { [evil]: [evil] } },
    sql: { sanitized_query: evil, url: evil },
    aws: { operation: evil },
    service: { version: evil },
  });
  root.http.request.user_agent = evil;
  root.http.request.client_ip = evil;
  root.cause = {
    exceptions: [
      { id: evil, type: evil, message: evil, stack: [{ path: evil, label: evil, line: 1 }] },
    ],
  };
  root.subsegments = [
    call(root, {
      name: `\u202e${evil.repeat(20)}`,
      http: { request: { method: 'GET', url: evil } },
    }),
    call(root, { name: '' }),
  ];
  return { id: root.trace_id, documents: [root] };
}

/** `count` requests of a shop whose catalogue asks a database; each fifth is a search instead. */
export function market(count) {
  return Array.from({ length: count }, (_, index) => {
    const duration = 0.02 + (index % 10) * 0.01;
    const start = now() - 60 + (index * 50) / count;
    const root = segment({ name: 'shop', url: 'http://shop.test/', start_time: start, duration });
    const name = index % 5 === 4 ? 'search' : 'catalogue';
    const calling = call(root, { name: `${name}.test`, after: 0.001, duration: duration - 0.002 });
    root.subsegments = [calling];
    const callee = segment({
      name,
      trace_id: root.trace_id,
      parent_id: calling.id,
      start_time: start + 0.002,
      duration: duration - 0.005,
    });
    callee.subsegments = [call(callee, { name: 'orders@db', duration: 0.005 })];
    return [root, callee];
  }).flat();
}
