// The edge between the names and the bars of a waterfall, which moves by pointer and by key.
import { h } from './dom.js';
import { recall, remember } from './storage.js';

const LEAST = 90;
const MOST = 900;
const STEP = 20;
const STEPS = { ArrowLeft: -STEP, ArrowRight: STEP };

export class NameWidth {
  /** The width becomes `--name-width` of `styled`; `measured` is what begins behind the names. */
  constructor(styled, measured) {
    Object.assign(this, { styled, measured });
    this.element = h('div', {
      class: 'wf-handle',
      role: 'separator',
      tabindex: 0,
      'aria-orientation': 'vertical',
      'aria-label': 'Width of the names',
      'aria-valuemin': LEAST,
      'aria-valuemax': MOST,
      'aria-valuenow': recall('name-width', 300),
    });
    this.element.addEventListener('pointerdown', (event) => this.drag(event));
    this.element.addEventListener('keydown', (event) => this.step(event));
    const remembered = recall('name-width', 0);
    if (remembered) this.set(remembered);
  }

  set(pixels) {
    const width = Math.round(Math.min(Math.max(pixels, LEAST), MOST));
    this.styled.style.setProperty('--name-width', `${width}px`);
    this.element.setAttribute('aria-valuenow', width);
  }

  left() {
    return this.styled.getBoundingClientRect().left;
  }

  keep() {
    remember('name-width', this.measured.getBoundingClientRect().left - this.left());
  }

  drag(event) {
    event.preventDefault();
    event.stopPropagation();
    this.element.setPointerCapture(event.pointerId);
    const move = (moved) => this.set(moved.clientX - this.left());
    const end = () => {
      this.element.removeEventListener('pointermove', move);
      this.keep();
    };
    this.element.addEventListener('pointermove', move);
    this.element.addEventListener('lostpointercapture', end, { once: true });
  }

  step(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    this.set(this.measured.getBoundingClientRect().left - this.left() + step);
    this.keep();
  }
}
