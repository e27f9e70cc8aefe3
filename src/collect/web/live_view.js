// Asks again for what a view shows whenever the program tells that it changed.
import { api } from './api.js';
import { startLive, subscribe } from './live.js';

const LEAST_PAUSE = 250;

/**
 * Calls `load()` (a promise) now and again after each change that `concerns(news)`, one at a time
 * and `pause` milliseconds apart at least. Returns `{close()}`.
 */
export function keepLoading({ load, concerns, pause = LEAST_PAUSE }) {
  const state = { isClosed: false, isLoading: false, isWanted: false, isLost: false, timer: 0 };
  const again = async () => {
    if (state.isClosed) return;
    if (state.isLoading || state.timer) {
      state.isWanted = true;
      return;
    }
    state.isLoading = true;
    await load();
    state.isLoading = false;
    state.timer = setTimeout(() => {
      state.timer = 0;
      if (!state.isWanted) return;
      state.isWanted = false;
      again();
    }, pause);
  };
  const forget = subscribe({
    change: (news) => {
      if (news.missed || concerns(news)) again();
    },
    restart: again,
    // What could not be asked while the program was away.
    state: (name) => {
      if (name === 'live' && state.isLost) again();
      state.isLost = name === 'lost';
    },
  });
  // The stream begins where the store is now, or it would first tell of every trace there is.
  // Where it does not answer yet, being told of all of them is what is needed.
  api
    .traces({ limit: 1 })
    .then(
      ({ revision }) => revision,
      () => 0,
    )
    .then((revision) => {
      startLive(revision);
      again();
    });
  return {
    close() {
      state.isClosed = true;
      clearTimeout(state.timer);
      forget();
    },
  };
}
