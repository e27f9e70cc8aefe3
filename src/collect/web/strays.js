// Documents that belong to no trace: no JSON, or no trace id that is one.
import { api } from './api.js';
import { copyButton, h, keepFocus, replace } from './dom.js';
import * as format from './format.js';
import { keepLoading } from './live_view.js';

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
  let isClosed = false;
  let told = -1;
  const show = async () => {
    try {
      const [{ strays }, stats] = await Promise.all([api.strays(), api.stats()]);
      if (isClosed) return;
      told = stats.strays;
      const drawn = [...strays].sort((a, b) => b.received - a.received).map(drawStray);
      keepFocus(list, () =>
        replace(list, drawn.length > 0 ? drawn : h('p', { text: 'There are none.' })),
      );
    } catch (error) {
      replace(list, h('p', { class: 'chip-bad', role: 'alert', text: error.message }));
    }
  };
  const loading = keepLoading({
    load: show,
    concerns: ({ stats }) => Boolean(stats) && stats.strays !== told,
  });
  return {
    unmount() {
      isClosed = true;
      loading.close();
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
