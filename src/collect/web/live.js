// One stream of changes for the whole page. The browser opens it again where it breaks and says
// which event it saw last; where the browser gives up, this does, from the last revision.
//
// A page that nobody sees holds no connection: a browser has six for all its pages of one program.

const RETRY = 1000;

const listeners = new Set();
const state = { source: null, revision: 0, name: 'connecting', epoch: null, stats: null };

/**
 * `change({revision, traces, removed, missed, stats})` on every change, `restart()` where the
 * program is another than before or told less than all, so that everything must be asked again,
 * `state(name)` with `connecting`, `live` or `lost`. Returns the undoing.
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
  document.addEventListener('visibilitychange', onVisibility);
  open();
}

function onVisibility() {
  if (document.visibilityState === 'visible') {
    open();
  } else {
    state.source?.close();
  }
}

function open() {
  if (document.visibilityState !== 'visible') return;
  state.source?.close();
  const source = new EventSource(`/api/events?revision=${state.revision}`);
  state.source = source;
  source.addEventListener('hello', (event) =>
    welcome(JSON.parse(event.data), event.lastEventId.split('-')[0]),
  );
  source.addEventListener('change', (event) => change(JSON.parse(event.data)));
  source.addEventListener('error', () => {
    setState('lost');
    if (source.readyState === EventSource.CLOSED && source === state.source)
      setTimeout(open, RETRY);
  });
}

// `epoch` is the program's own: revisions of another one mean nothing.
function welcome(hello, epoch) {
  const isOther =
    hello.reset ||
    hello.revision < state.revision ||
    (state.epoch !== null && epoch !== state.epoch);
  state.epoch = epoch;
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
  if (news.missed) tell('restart');
}

function setState(name) {
  if (name === state.name) return;
  state.name = name;
  tell('state', name);
}

function tell(what, news) {
  for (const listener of listeners) if (listener[what]) listener[what](news);
}
