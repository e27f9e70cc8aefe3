// JSON as a tree that folds. What is folded has no elements yet, so that size and depth cost
// nothing until opened.
import { append, h } from './dom.js';

const OPEN_LEVELS = 2;
const AT_ONCE = 200;

/** A value under a name; the first levels are open. */
export function jsonTree(name, value, level = 0) {
  if (value === null || typeof value !== 'object')
    return h('div', { class: 'json-leaf' }, [nameOf(name), leaf(value)]);
  const entries = Object.entries(value);
  const shape = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (!entries.length)
    return h('div', { class: 'json-leaf' }, [
      nameOf(name),
      h('span', { class: 'muted', text: shape }),
    ]);
  const branch = h(
    'details',
    { class: 'json-branch' },
    h('summary', {}, [nameOf(name), h('span', { class: 'muted', text: shape })]),
  );
  const fill = () => {
    if (branch.open && branch.children.length === 1)
      append(branch, h('div', { class: 'json-below' }, batch(entries, 0, level)));
  };
  branch.open = level < OPEN_LEVELS;
  fill();
  branch.addEventListener('toggle', fill);
  return branch;
}

function batch(entries, from, level) {
  const shown = entries
    .slice(from, from + AT_ONCE)
    .map(([key, value]) => jsonTree(key, value, level + 1));
  const left = entries.length - from - AT_ONCE;
  if (left <= 0) return shown;
  const more = h('button', { type: 'button', class: 'copy', text: `${left} more` });
  more.addEventListener('click', () => more.replaceWith(...batch(entries, from + AT_ONCE, level)));
  return [...shown, more];
}

const nameOf = (name) => h('span', { class: 'json-name', text: name === '' ? '""' : name });

function leaf(value) {
  const kind = value === null ? 'null' : typeof value;
  return h('span', {
    class: `json-${kind}`,
    text: kind === 'string' ? JSON.stringify(value) : String(value),
  });
}

/**
 * JSON text with line breaks and indents and otherwise as it was: numbers keep their digits, and
 * what is no JSON (NaN, a broken end) stays where it stood.
 */
export function indented(text) {
  let depth = 0;
  const lineBreak = () => `\n${'  '.repeat(Math.min(depth, 60))}`;
  const pieces = text.match(/"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/gs) ?? [];
  return pieces
    .map((piece, index) => {
      if (piece === '{' || piece === '[') {
        depth += 1;
        const closes = pieces[index + 1] === '}' || pieces[index + 1] === ']';
        return closes ? piece : piece + lineBreak();
      }
      if (piece === '}' || piece === ']') {
        depth = Math.max(depth - 1, 0);
        const opens = pieces[index - 1] === '{' || pieces[index - 1] === '[';
        return opens ? piece : lineBreak() + piece;
      }
      if (piece === ',') return piece + lineBreak();
      return piece === ':' ? ': ' : piece;
    })
    .join('');
}
