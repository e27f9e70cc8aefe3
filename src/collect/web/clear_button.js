// The button that forgets all traces. What is forgotten is gone, and whoever types what was meant for
// a field presses its key by accident: so it asks, and takes a second click, or Enter.
import { announce, h } from './dom.js';

const PATIENCE = 5000;

export class ClearButton {
  constructor(onClear) {
    this.onClear = onClear;
    this.timer = 0;
    this.element = h('button', {
      type: 'button',
      on: {
        click: () => this.press(),
        blur: () => this.calm(),
        keydown: (event) => {
          if (event.key !== 'Enter' && event.key !== ' ' && event.key !== 'c') this.calm();
        },
      },
    });
    this.calm();
  }

  /** Asks, and no more than that: however often its key is pressed. */
  ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.calm(), PATIENCE);
    this.element.classList.add('asking');
    this.element.textContent = 'Forget all?';
    this.element.title = 'Click, or press Enter, to forget all traces';
    this.element.focus();
    announce('Press Enter to forget all traces.');
  }

  press() {
    if (this.timer === 0) {
      this.ask();
    } else {
      this.calm();
      this.onClear();
    }
  }

  calm() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.element.classList.remove('asking');
    this.element.textContent = 'Clear';
    this.element.title = 'Forget all traces (c)';
  }
}
