// One stream of changes for the whole page. It is opened again where it breaks, from the last
// revision that was seen, so that nothing is missed; EventSource's own reconnecting would begin
// where the page began.

const FIRST_RETRY = 500;
const LAST_RETRY = 5000;

const listeners = new Set();
const state = { source: null, revision: 0, name: 'connecting', retry: FIRST_RETRY, version: '', stats: null };

/**
 * `change({revision, traces, removed, stats})` on every change, `restart()` where the program is
 * another one than before and everything must be asked again, `state(name)` with `connecting`, `live`
 * or `lost`. Returns the undoing.
 */
export function subscribe(listener) {
  listeners.add(listener);
  if (listener.state) listener.state(state.name);
  return () => listeners.delete(listener);
}

/** The counters as they were told last, null before that. */
export function lastStats() {
  return state.stats;
}

/**
 * Opens the stream behind `revision`, the one of what the caller was just told; does nothing where
 * it is open. Changes that the caller knows already may come again.
 */
export function startLive(revision) {
  if (state.source) return;
  state.revision = revision;
  open();
}

function open() {
  const source = new EventSource(`/api/events?revision=${state.revision}`);
  state.source = source;
  source.addEventListener('hello', (event) => welcome(JSON.parse(event.data)));
  source.addEventListener('change', (event) => change(JSON.parse(event.data)));
  source.addEventListener('error', () => {
    source.close();
    if (state.source !== source) return;
    setState('lost');
    setTimeout(open, state.retry);
    state.retry = Math.min(state.retry * 2, LAST_RETRY);
  });
}

function welcome(hello) {
  state.retry = FIRST_RETRY;
  const isOther = hello.revision < state.revision;
  if (isOther) {
    state.revision = hello.revision;
    tell('restart');
  }
  setState('live');
}

function change(news) {
  if (news.revision) state.revision = Math.max(state.revision, news.revision);
  if (news.stats) state.stats = news.stats;
  tell('change', news);
}

function setState(name) {
  state.name = name;
  tell('state', name);
}

function tell(what, news) {
  for (const listener of listeners) if (listener[what]) listener[what](news);
}
