// Filter expressions put together from things that were clicked. The language is X-Ray's; reading
// it is the program's business, this only writes.

export const EXAMPLES = [
  { text: 'fault', about: 'a 5xx somewhere' },
  { text: 'error OR throttle', about: 'a 4xx' },
  { text: 'responsetime > 0.5', about: 'slower than half a second' },
  { text: 'http.status = 503', about: 'by status' },
  { text: 'http.url CONTAINS "/api/"', about: 'by URL' },
  { text: 'service("checkout") { fault }', about: 'a service that failed' },
  { text: 'edge("web", "api") { responsetime > 1 }', about: 'a slow call' },
  { text: 'annotation.customer = "42"', about: 'by annotation' },
  { text: 'fault AND NOT http.method = "GET"', about: 'put together' },
];

/** A text as the language writes it. */
export function quoted(text) {
  return `"${String(text).replace(/[\\"]/g, '\\$&')}"`;
}

export function serviceTerm(name) {
  return `service(${quoted(name)})`;
}

export function methodTerm(method) {
  return `http.method = ${quoted(method)}`;
}

export function httpStatusTerm(status) {
  return `http.status = ${Number(status)}`;
}

/** `annotation.key = value`, for keys that need it in brackets. */
export function annotationTerm(key, value) {
  const name = /^[A-Za-z_]\w*$/.test(key) ? `annotation.${key}` : `annotation[${quoted(key)}]`;
  return `${name} = ${typeof value === 'string' ? quoted(value) : String(value)}`;
}

/** The range of response times from `low` to `high` seconds. */
export function rangeTerm(low, high) {
  return `responsetime >= ${seconds(low)} AND responsetime <= ${seconds(high)}`;
}

/** `filter` and `term` as well; a range takes the place of the range before. */
export function addTerm(filter, term) {
  const isRange = RANGE.test(term);
  const rest = (isRange ? filter.replace(RANGE, '').replace(LOOSE_AND, '') : filter).trim();
  if (rest === '') return term;
  if (terms(rest).includes(term)) return rest;
  return hasOr(rest) ? `(${rest}) AND ${term}` : `${rest} AND ${term}`;
}

/** `/?filter=...`, the address of the list with that filter. */
export function filterPath(filter) {
  return filter === '' ? '/' : `/?${new URLSearchParams({ filter })}`;
}

const RANGE = /responsetime >= [\d.]+ AND responsetime <= [\d.]+/;
const LOOSE_AND = /^\s*AND\s+|\s+AND\s*$|\s+AND(?=\s+AND\s)/gi;

function seconds(value) {
  return String(Number(value.toPrecision(3)));
}

// What is outside of quotes and brackets, where AND and OR join the whole.
function outer(filter) {
  let depth = 0;
  return filter.replace(/"(?:\\.|[^"\\])*"|[(){}[\]]|[^"(){}[\]]+/g, (part) => {
    if (part === '(' || part === '{' || part === '[') depth += 1;
    const isInside = depth > 0 || part.startsWith('"');
    if (part === ')' || part === '}' || part === ']') depth -= 1;
    return isInside ? '\u0001'.repeat(part.length) : part;
  });
}

function hasOr(filter) {
  return /\bOR\b|\|\|/i.test(outer(filter));
}

function terms(filter) {
  const shape = outer(filter);
  const parts = [];
  let begin = 0;
  for (const match of shape.matchAll(/\sAND\s/gi)) {
    parts.push(filter.slice(begin, match.index).trim());
    begin = match.index + match[0].length;
  }
  return [...parts, filter.slice(begin).trim()];
}
