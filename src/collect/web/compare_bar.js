// The traces that are marked, and the way to see them side by side.
import { h, replace } from './dom.js';
import * as format from './format.js';
import { comparePath, marks } from './marks.js';
import { navigate } from './router.js';

/** A bar that is there while something is marked: `{element, destroy}`. */
export function createCompareBar() {
  const element = h('div', { class: 'compare-bar', role: 'region', 'aria-label': 'Comparison' });
  const draw = () => {
    const ids = marks.list();
    element.hidden = ids.length === 0;
    if (ids.length === 0) return;
    replace(element, [
      h('span', {}, ids.length === 1 ? 'Marked, one more to compare:' : 'Marked:'),
      ids.map((id) =>
        h('a', {
          class: 'mono',
          href: `/t/${encodeURIComponent(id)}`,
          text: `…${format.shortId(id)}`,
        }),
      ),
      comparePath() && h('a', { class: 'button-link', href: comparePath(), text: 'Compare' }),
      h('button', { type: 'button', text: 'Unmark', on: { click: () => marks.clear() } }),
    ]);
  };
  draw();
  const undo = marks.listen(draw);
  return { element, destroy: undo };
}

export function goCompare() {
  const path = comparePath();
  if (path) navigate(path);
  return path !== null;
}
