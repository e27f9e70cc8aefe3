// The page's entry: binds the header and shows what the address means.
import { startKeys } from './keys.js';
import { subscribe } from './live.js';
import { startRouter } from './router.js';
import { startTheme } from './theme.js';

const STATES = {
  connecting: { text: 'connecting', title: 'The page connects to the program.' },
  live: { text: 'live', title: 'What arrives is shown at once.' },
  lost: { text: 'reconnecting', title: 'The program does not answer; the page keeps trying.' },
};

startTheme(document.getElementById('theme'));
startKeys(document.getElementById('help'));
const live = document.getElementById('live');
subscribe({
  state(name) {
    live.className = `live live-${name}`;
    live.textContent = STATES[name].text;
    live.title = STATES[name].title;
  },
});
startRouter(document.getElementById('view'));
