// What the tabs of the details hold: all but the times.
import { copyButton, h } from './dom.js';
import { annotationTerm, filterPath, serviceTerm } from './filter_terms.js';
import { bytes, dateTime, duration } from './format.js';
import { indented, jsonTree } from './json_tree.js';
import { statusOf } from './status.js';

/** Names and values, without those that have none. */
export function facts(pairs) {
  const shown = pairs.filter(
    ([, value]) => value !== null && value !== undefined && value !== '' && value !== false,
  );
  return h(
    'dl',
    { class: 'facts' },
    shown.flatMap(([name, value]) => [h('dt', { text: name }), h('dd', {}, value)]),
  );
}

export const section = (title, children) =>
  h('section', { class: 'details-section' }, [h('h3', { text: title }), children]);
export const nothing = (sentence) => h('p', { class: 'muted', text: sentence });

const code = (text) => h('code', { class: 'wrap', text });
const withCopy = (text, name) => [code(text), ' ', copyButton(text, name)];
const ROLES = {
  segment: 'segment',
  call: 'subsegment: a call',
  phase: 'subsegment: a phase of its call',
  attempt: 'subsegment: an attempt of its call',
  backoff: 'subsegment: the wait before the next attempt',
  local: 'subsegment',
};

export function overviewTab({ model, index, node, goTo }) {
  const service = model.service[index];
  const status = statusOf(node);
  const document = model.trace.documents[node.document];
  return [
    ...warnings(model, node, document),
    facts([
      [
        'Kind',
        node.inferred
          ? `${ROLES[model.roles[index]]}; its callee sent nothing, and is inferred`
          : ROLES[model.roles[index]],
      ],
      [
        'Service',
        h('a', {
          href: filterPath(serviceTerm(service)),
          title: 'The traces with this service',
          text: service,
        }),
      ],
      ['Status', status.letter ? status.label : null],
      ['Took', node.end === null ? null : duration(node.end - node.start)],
      ['Id', node.id ? withCopy(node.id, 'the id') : null],
      ['Parent', parentLink(model, node, goTo)],
      ['Namespace', node.namespace],
      ['Origin', node.origin],
      ['User', node.user],
      ['Resource', node.resource_arn ? code(node.resource_arn) : null],
      ['Received', document ? `${dateTime(document.received)} by ${document.door}` : null],
    ]),
    node.http ? section('HTTP', httpFacts(node.http)) : null,
    node.sql ? section('SQL', sqlFacts(node.sql)) : null,
    node.aws ? section('AWS', blockTree(node.aws)) : null,
    node.service ? section('Service', blockTree(node.service)) : null,
    node.links ? section('Links', linkList(node.links)) : null,
  ];
}

function warnings(model, node, document) {
  const warning = (kind, text) => h('p', { class: `remark remark-${kind}`, text });
  return [
    document?.refusal
      ? warning('bad', `X-Ray would refuse the document this came with. ${document.refusal}`)
      : null,
    node.in_progress ? warning('note', 'In progress: its end has not been told yet.') : null,
    node.waiting
      ? warning('note', `Waits for its parent ${node.parent_id ?? ''}, of which nothing has come.`)
      : null,
    node.skew
      ? warning(
          'note',
          `Its clock and its parent's differ by ${duration(Math.abs(node.skew))} at least.`,
        )
      : null,
  ];
}

function parentLink(model, node, goTo) {
  if (node.parent < 0) return node.parent_id ? code(node.parent_id) : null;
  return h('button', {
    class: 'link',
    type: 'button',
    text: model.nodes[node.parent].name || '(no name)',
    on: { click: () => goTo(node.parent) },
  });
}

function httpFacts(http) {
  return facts([
    ['Method', http.method],
    ['URL', http.url ? withCopy(http.url, 'the URL') : null],
    ['Status', http.status || null],
    ['Length', http.content_length === null ? null : bytes(http.content_length)],
    ['User agent', http.user_agent],
    [
      'Client',
      http.client_ip
        ? `${http.client_ip}${http.forwarded ? ', as X-Forwarded-For tells' : ''}`
        : null,
    ],
    ['Traced', http.traced ? 'the callee records a segment of its own' : null],
  ]);
}

function sqlFacts(sql) {
  const { sanitized_query: query, ...rest } = sql;
  return [
    typeof query === 'string' ? h('pre', { class: 'code', text: query }) : null,
    blockTree(rest),
  ];
}

const blockTree = (block) =>
  h(
    'div',
    { class: 'json' },
    Object.entries(block).map(([key, value]) => jsonTree(key, value, 2)),
  );

function linkList(links) {
  const all = Array.isArray(links) ? links : [links];
  return h(
    'ul',
    { class: 'plain' },
    all.map((link) => {
      const trace = link?.trace_id;
      return h(
        'li',
        {},
        typeof trace === 'string'
          ? h('a', { href: `/t/${encodeURIComponent(trace)}`, text: trace })
          : jsonTree('link', link, 2),
      );
    }),
  );
}

export function annotationsTab({ node }) {
  const entries = Object.entries(node.annotations ?? {});
  if (!entries.length) return nothing('It has no annotations.');
  return [
    h(
      'ul',
      { class: 'plain annotations' },
      entries.map(([key, value]) => {
        const term = annotationTerm(key, value);
        const isSimple = ['string', 'number', 'boolean'].includes(typeof value);
        const text = [
          h('span', { class: 'json-name', text: key }),
          h('span', { text: typeof value === 'string' ? value : JSON.stringify(value) }),
        ];
        return h(
          'li',
          {},
          isSimple
            ? h('a', { href: filterPath(term), title: `The traces with ${term}` }, text)
            : text,
        );
      }),
    ),
    nothing('Follow one to the traces that have the same.'),
  ];
}

export function metadataTab({ node }) {
  const entries = Object.entries(node.metadata ?? {});
  if (!entries.length) return nothing('It has no metadata.');
  return h(
    'div',
    { class: 'json' },
    entries.map(([key, value]) => jsonTree(key, value)),
  );
}

export function exceptionsTab({ model, node, goTo }) {
  const isEmpty = !node.exceptions.length && !node.cause_id;
  if (isEmpty)
    return nothing(
      statusOf(node).letter ? 'It failed, and recorded no exception.' : 'It recorded no exception.',
    );
  return [
    elsewhere(model, node, goTo),
    ...node.exceptions.map((exception) => exceptionCard(node, exception)),
  ];
}

function elsewhere(model, node, goTo) {
  if (!node.cause_id) return null;
  const index = model.nodes.findIndex((other) =>
    other.exceptions.some(({ id }) => id === node.cause_id),
  );
  if (index < 0)
    return h('p', {}, [
      'Its cause is exception ',
      code(node.cause_id),
      ', of which nothing has come.',
    ]);
  const button = h('button', {
    class: 'link',
    type: 'button',
    text: model.nodes[index].name,
    on: { click: () => goTo(index) },
  });
  return h('p', {}, ['Its cause is an exception of ', button, '.']);
}

function exceptionCard(node, exception) {
  const cause = exception.cause ? node.exceptions.find(({ id }) => id === exception.cause) : null;
  const frames = exception.stack.map((frame) =>
    h('li', {}, [
      h('span', { class: 'frame-label', text: frame.label || '(anonymous)' }),
      frame.path
        ? h('span', { class: 'muted', text: ` ${frame.path}${frame.line ? `:${frame.line}` : ''}` })
        : null,
    ]),
  );
  if (exception.truncated)
    frames.push(
      h('li', { class: 'muted', text: `and ${exception.truncated} more, which were left out` }),
    );
  return h('article', { class: 'exception' }, [
    h('h4', {}, [
      exception.type || 'exception',
      exception.remote ? h('span', { class: 'chip', text: 'remote' }) : null,
    ]),
    h('p', { class: 'exception-message wrap', text: exception.message }),
    exception.cause
      ? nothing(
          cause
            ? `It wraps ${cause.type || 'another one'}.`
            : `It wraps exception ${exception.cause}.`,
        )
      : null,
    frames.length ? h('ol', { class: 'stack' }, frames) : nothing('Without a stack.'),
  ]);
}

export function rawTab({ model, node }) {
  const document = model.trace.documents[node.document];
  if (!document) return nothing('Its document is not kept.');
  const text = indented(document.text);
  const place = `${node.document + 1} of ${model.trace.documents.length}`;
  const which = `Document ${place}, ${bytes(new Blob([document.text]).size)}`;
  return [
    h('p', { class: 'raw-head' }, [
      h('span', { class: 'muted', text: `${which}, as it came but for its line breaks ` }),
      copyButton(document.text, 'the document'),
    ]),
    h('pre', { class: 'code raw', text }),
  ];
}
