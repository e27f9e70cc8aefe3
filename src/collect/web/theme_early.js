// Runs before the first paint, so that a dark page never flashes white. theme.js has the rest.
'use strict';

(function chooseTheme() {
  let chosen = null;
  try {
    chosen = localStorage.getItem('xtrace.theme');
  } catch {
    // Storage may be forbidden; then the system's choice it is.
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = chosen || (dark ? 'dark' : 'light');
})();
