// Documents that belong to no trace: no JSON, or no trace id that is one.
import { api } from './api.js';
import { copyButton, h, replace } from './dom.js';
import * as format from './format.js';
import { startLive, subscribe } from './live.js';

export function mount(root) {
  document.title = 'Strays · xtrace';
  root.className = 'page';
  const list = h('div', { class: 'strays' });
  replace(root, [
    h('h1', { text: 'Strays' }),
    h('p', {
      class: 'muted',
      text: 'What came and belongs to no trace, the newest first: X-Ray would refuse it.',
    }),
    list,
  ]);
  const asking = new AbortController();
  let told = -1;
  const show = async () => {
    try {
      const [{ strays }, stats] = await Promise.all([
        api.strays(asking.signal),
        api.stats(asking.signal),
      ]);
      told = stats.strays;
      replace(
        list,
        strays.length === 0
          ? h('p', { text: 'There are none.' })
          : [...strays].sort((a, b) => b.received - a.received).map(drawStray),
      );
    } catch (error) {
      if (error.name !== 'AbortError')
        replace(list, h('p', { class: 'chip-bad', role: 'alert', text: error.message }));
    }
  };
  show();
  api
    .traces({ limit: 1, signal: asking.signal })
    .then(({ revision }) => startLive(revision))
    .catch(() => {});
  const undo = subscribe({
    change: ({ stats }) => {
      if (stats && stats.strays !== told) show();
    },
    restart: show,
  });
  return {
    unmount() {
      undo();
      asking.abort();
    },
    keys: [{ key: 'r', label: 'Ask again', run: show }],
  };
}

function drawStray(stray) {
  return h('article', { class: 'stray' }, [
    h('div', { class: 'stray-head' }, [
      h('span', { class: 'chip chip-warn', text: stray.code }),
      h('span', { class: 'grow', text: stray.reason }),
      h('span', {
        class: 'muted',
        title: format.dateTime(stray.received),
        text: `${stray.door}, ${format.clock(stray.received)}`,
      }),
      copyButton(stray.text, 'document'),
    ]),
    h('pre', { tabindex: '0', 'aria-label': 'The document', text: stray.text }),
  ]);
}
