// The keyboard. A view gives its keys as a list of `{key, label, run(event), shown?}`: `key` is
// KeyboardEvent.key, or a list of them that mean the same; `shown` is how help writes it. Nothing is
// taken from who types into a field, except Escape, which leaves the field.
import { h, replace } from './dom.js';
import { goBack, navigate, viewKeys } from './router.js';
import { recall, remember } from './storage.js';
import { toggleTheme } from './theme.js';

const EVERYWHERE = [
  { key: 'm', label: 'The service map', run: () => navigate('/map') },
  { key: 'l', label: 'The list of traces', run: () => navigate('/') },
  { key: 't', label: 'Dark or light', run: toggleTheme },
  { key: '?', label: 'This help', run: () => openHelp() },
  { key: 'Escape', label: 'Back', run: goBack, shown: 'Esc' },
];
const NAMES = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': 'Space',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
};

let dialog = null;

export function startKeys(helpButton) {
  document.addEventListener('keydown', onKey);
  helpButton.addEventListener('click', openHelp);
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return;
  if (dialog && dialog.open) return;
  if (isField(event.target)) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  if (event.key.length === 1 && !recall('letters', true)) return;
  // A focused button or link does what it is for on Enter and Space.
  if ((event.key === 'Enter' || event.key === ' ') && event.target.closest('a, button, summary'))
    return;
  const binding = [...viewKeys(), ...EVERYWHERE].find((candidate) => means(candidate, event.key));
  if (!binding || binding.run(event) === false) return;
  event.preventDefault();
}

function isField(target) {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

function means(binding, key) {
  return Array.isArray(binding.key) ? binding.key.includes(key) : binding.key === key;
}

/** A list of keys and what they do, for the view that is shown. */
function openHelp() {
  if (!dialog) {
    dialog = h('dialog', { class: 'help', 'aria-label': 'Keys' });
    // A click on the backdrop is one on the dialog itself.
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener('keydown', (event) => {
      if (event.key !== '?') return;
      dialog.close();
      // The document would open it again.
      event.stopPropagation();
    });
    document.body.append(dialog);
  }
  const own = viewKeys();
  const taken = new Set(own.flatMap((binding) => binding.key));
  const others = EVERYWHERE.filter((binding) => !taken.has(binding.key));
  replace(
    dialog,
    h('div', { class: 'help-body' }, [
      h('div', { class: 'help-head' }, [
        h('h2', { text: 'Keys' }),
        h('button', {
          class: 'icon-button',
          type: 'button',
          'aria-label': 'Close',
          text: '×',
          on: { click: () => dialog.close() },
        }),
      ]),
      own.length > 0 && keyTable('In this view', own),
      keyTable('Everywhere', others),
      letterSwitch(),
    ]),
  );
  dialog.showModal();
}

// Who speaks to the computer, or uses letters for a screen reader, needs them to do nothing here.
function letterSwitch() {
  const box = h('input', { type: 'checkbox' });
  box.checked = recall('letters', true);
  box.addEventListener('change', () => remember('letters', box.checked));
  return h('label', { class: 'help-switch' }, [box, ' Letters and signs are keys']);
}

function keyTable(title, bindings) {
  return h('section', {}, [
    h('h3', { text: title }),
    h(
      'dl',
      { class: 'key-table' },
      bindings.map((binding) =>
        h('div', {}, [
          h(
            'dt',
            {},
            shownKeys(binding).map((name) => h('kbd', { text: name })),
          ),
          h('dd', { text: binding.label }),
        ]),
      ),
    ),
  ]);
}

function shownKeys(binding) {
  if (binding.shown) return [].concat(binding.shown);
  return [].concat(binding.key).map((key) => NAMES[key] || key);
}
