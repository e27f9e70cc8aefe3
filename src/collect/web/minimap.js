// The whole of a trace in a strip: a line for each node, and a frame around what the rows show.
import { h, oncePerFrame } from './dom.js';
import { chooseRange } from './time_view.js';
import { colour, onTheme } from './theme.js';
import { serviceIndex, statusOf } from './status.js';
import { endOf, offsetOf } from './trace_model.js';

const HEIGHT = 46;

export class Minimap {
  constructor(view) {
    this.view = view;
    this.canvas = h('canvas', { class: 'minimap-canvas' });
    this.frame = h('div', { class: 'minimap-frame' });
    this.element = h('div', { class: 'minimap', 'aria-hidden': 'true' }, [this.canvas, this.frame]);
    const edges = () => this.element.getBoundingClientRect();
    const chosen = (from, to) => view.set(from * view.total, to * view.total);
    this.element.append(chooseRange(this.element, edges, chosen));
    this.element.addEventListener('click', (event) => this.centre(event));
    this.element.addEventListener('dblclick', () => view.reset());
    this.paintSoon = oncePerFrame(() => this.paint());
    this.observer = new ResizeObserver(this.paintSoon);
    this.observer.observe(this.element);
    this.forgetTheme = onTheme(this.paintSoon);
  }

  setModel(model) {
    this.model = model;
    this.paintSoon();
  }

  showView() {
    const { from, to, total } = this.view;
    this.frame.style.left = `${(from / total) * 100}%`;
    this.frame.style.width = `${((to - from) / total) * 100}%`;
    this.frame.hidden = this.view.isWhole();
  }

  centre(event) {
    if (this.view.isWhole()) return;
    const { left, width } = this.element.getBoundingClientRect();
    const half = (this.view.to - this.view.from) / 2;
    const at = ((event.clientX - left) / width) * this.view.total;
    this.view.set(at - half, at + half);
  }

  paint() {
    const width = this.element.clientWidth;
    if (!this.model || !width) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = width * scale;
    this.canvas.height = HEIGHT * scale;
    const pen = this.canvas.getContext('2d');
    pen.scale(scale, scale);
    const { model } = this;
    const step = (HEIGHT - 4) / model.nodes.length;
    const colours = new Map();
    const colourOf = (name) => {
      if (!colours.has(name)) colours.set(name, colour(name));
      return colours.get(name);
    };
    model.nodes.forEach((node, index) => {
      if (!node.start) return;
      const status = statusOf(node);
      pen.fillStyle = colourOf(
        status.letter ? `--${status.name}` : `--service-${serviceIndex(model.service[index])}`,
      );
      const from = (offsetOf(model, index) / this.view.total) * width;
      const to = (endOf(model, index) / this.view.total) * width;
      pen.fillRect(
        from,
        2 + index * step,
        Math.max(to - from, 1),
        Math.max(Math.min(step * 0.8, 4), 0.7),
      );
    });
    this.showView();
  }

  close() {
    this.observer.disconnect();
    this.forgetTheme();
    this.paintSoon.cancel();
  }
}
