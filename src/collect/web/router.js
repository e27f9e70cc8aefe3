// Which view an address means, and going there. A view is a module that exports
//
//   mount(root, params) -> { unmount(), keys, update?(params), title? }
//
// `root` is an empty element; `params` is `{path, query: URLSearchParams, ...parts of the path}`;
// `keys` is a list of `{key, label, run(event)}` (keys.js), which may also be a function that
// returns one. Where only the query changed and the view has `update`, it is called instead of
// mounting the view again.
import { h, replace } from './dom.js';

const ROUTES = [
  { view: 'list', pattern: /^\/$/, names: [], load: () => import('./list.js') },
  { view: 'strays', pattern: /^\/strays$/, names: [], load: () => import('./strays.js') },
  { view: 'map', pattern: /^\/map$/, names: [], load: () => import('./map.js') },
  { view: 'trace', pattern: /^\/t\/([^/]+)$/, names: ['id'], load: () => import('./trace.js') },
  {
    view: 'compare',
    pattern: /^\/compare\/([^/]+)\/([^/]+)$/,
    names: ['left', 'right'],
    load: () => import('./compare.js'),
  },
];

const state = { root: null, view: null, mounted: null, address: null, path: null, turn: 0 };

/** Starts with the address that the page was opened with. */
export function startRouter(root) {
  state.root = root;
  window.addEventListener('popstate', () => show());
  document.addEventListener('click', followLink);
  show();
}

/** Goes to `/t/ID`, `/?filter=...`; `replace` leaves no entry for Back. */
export function navigate(address, { replace: isReplacing = false } = {}) {
  if (address === location.pathname + location.search) return;
  history[isReplacing ? 'replaceState' : 'pushState']({ inside: true }, '', address);
  show();
}

/** Back where the page was before, or to the list where it was opened here. */
export function goBack() {
  if (history.state && history.state.inside) history.back();
  else navigate('/');
}

/** The keys of the view that is shown. */
export function viewKeys() {
  const keys = state.mounted && state.mounted.keys;
  return (typeof keys === 'function' ? keys() : keys) || [];
}

function followLink(event) {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (!link || link.hasAttribute('download') || link.target) return;
  const address = new URL(link.href);
  if (address.origin !== location.origin || address.hash || !match(address.pathname)) return;
  event.preventDefault();
  navigate(address.pathname + address.search);
}

function match(path) {
  for (const route of ROUTES) {
    const found = route.pattern.exec(path);
    if (found) return { route, parts: found.slice(1).map(decode) };
  }
  return null;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function show() {
  const path = location.pathname;
  const address = path + location.search;
  const isSame = address === state.address;
  state.address = address;
  const params = { path, query: new URLSearchParams(location.search) };
  if (path === state.path && state.mounted && state.mounted.update) {
    state.mounted.update(params);
    return;
  }
  // Only the fragment is another, as behind the link that skips the header.
  if (isSame && state.mounted) return;
  state.turn += 1;
  const turn = state.turn;
  const found = match(path);
  if (found)
    found.route.names.forEach((name, index) => {
      params[name] = found.parts[index];
    });
  leave();
  state.path = path;
  state.view = found ? found.route.view : null;
  markNavigation();
  if (!found) {
    showFailure('There is no such page.', `Nothing is at ${path}.`);
    return;
  }
  try {
    const module = await found.route.load();
    if (turn !== state.turn) return;
    document.title = 'xtrace';
    state.mounted = module.mount(state.root, params);
    // Who came by the keyboard goes on from the view's beginning, not from that of the page.
    if (turn > 1 && document.activeElement === document.body)
      state.root.focus({ preventScroll: true });
  } catch (error) {
    if (turn === state.turn)
      showFailure('This view could not be shown.', String(error && error.message));
    console.error(error);
  }
}

function leave() {
  if (state.mounted) state.mounted.unmount();
  state.mounted = null;
  state.root.replaceChildren();
  state.root.className = '';
}

function markNavigation() {
  for (const link of document.querySelectorAll('nav [data-view]')) {
    if (link.dataset.view === state.view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function showFailure(title, sentence) {
  replace(
    state.root,
    h('div', { class: 'notice' }, [
      h('h1', { text: title }),
      h('p', { text: sentence }),
      h('p', {}, h('a', { href: '/', text: 'All traces' })),
    ]),
  );
}
