// A service map that is drawn, moved, and chosen from.
import { h, oncePerFrame, replace, svg } from './dom.js';
import { layout } from './graph_layout.js';
import { LabelRoom } from './label_room.js';
import { drawEdge, drawNode, nodeName, radii, takeRoom } from './map_drawing.js';

const ALONG = { across: 196, down: 164 };
const ASIDE = { across: 112, down: 132 };
const MARGIN = { x: 76, y: 62 };
const MOST_SCALE = 1.25;
const LABELLED_EDGES = 24;
const LEAST_TEXT = 0.8;
const MOST_GROWTH = 1.65;
const BOUNDS = [14, 11, 9, 7, 5];

export class ServiceMap {
  /** `chosen(kind, index)`: `node`, `edge`, or null where nothing is any more. */
  constructor({ chosen }) {
    Object.assign(this, {
      onChosen: chosen,
      graph: null,
      sizing: 'traffic',
      choice: null,
      shapes: new Map(),
      box: null,
      isMoved: false,
    });
    this.svg = svg('svg', { class: 'map-svg', role: 'group', 'aria-label': 'Service map' });
    this.element = h('div', { class: 'map-canvas' }, this.svg);
    this.drawSoon = oncePerFrame(() => this.draw());
    this.observer = new ResizeObserver(this.drawSoon);
    this.observer.observe(this.element);
    this.listen();
  }

  setGraph(graph) {
    this.graph = graph;
    const shape = JSON.stringify([
      graph.nodes.length,
      graph.edges.map(({ from, to }) => [from, to]),
    ]);
    if (shape !== this.shape) this.plans = null;
    this.shape = shape;
    this.places = new Map([
      ...graph.nodes.map((_, index) => [this.nameOf('node', index), ['node', index]]),
      ...graph.edges.map((_, index) => [this.nameOf('edge', index), ['edge', index]]),
    ]);
    this.drawSoon();
  }

  setSizing(sizing) {
    this.sizing = sizing;
    this.drawSoon();
  }

  draw() {
    this.drawSoon.cancel();
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!this.graph || !width || !height) return;
    const focused = [...this.shapes].find(([, shape]) => shape === document.activeElement)?.[0];
    this.choosePlan(width, height);
    const radius = radii(this.graph.nodes, this.sizing);
    const most = Math.max(1, ...this.graph.edges.map((edge) => edge.count));
    const pairs = new Set(this.graph.edges.map(({ from, to }) => `${from} ${to}`));
    const room = new LabelRoom();
    const spots = this.plan.nodes.map((place) => this.point(place));
    this.graph.nodes.forEach((node, index) => takeRoom(room, node, spots[index], radius[index]));
    const edges = this.graph.edges.map((edge, index) =>
      drawEdge(
        edge,
        [edge.from, edge.to].map((at) => nodeName(this.graph.nodes[at])),
        this.plan.routes[index].map((point) => this.point(point)),
        [radius[edge.from], radius[edge.to]],
        {
          isAcross: this.isAcross,
          isPaired: edge.from !== edge.to && pairs.has(`${edge.to} ${edge.from}`),
          labelAt: this.labelAt(edge),
          room,
          most,
        },
      ),
    );
    const nodes = this.graph.nodes.map((node, index) =>
      drawNode(node, spots[index], radius[index], this.svg.classList.contains('map-far')),
    );
    this.shapes = new Map([
      ...nodes.map((shape, index) => [this.nameOf('node', index), shape]),
      ...edges.map((shape, index) => [this.nameOf('edge', index), shape]),
    ]);
    this.targets = new Map([
      ...nodes.map((shape, index) => [shape, ['node', index]]),
      ...edges.map((shape, index) => [shape, ['edge', index]]),
    ]);
    this.svg.classList.toggle('map-quiet', edges.length > LABELLED_EDGES);
    replace(this.svg, [...edges, ...nodes]);
    this.fit(width, height);
    this.showChoice();
    if (focused) this.shapes.get(focused)?.focus();
  }

  // Rather away from where other edges begin or end.
  labelAt({ from, to }) {
    const begin = this.graph.edges.filter((edge) => edge.from === from).length;
    const end = this.graph.edges.filter((edge) => edge.to === to).length;
    if (begin === end) return [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];
    return begin > end ? [0.66, 0.74, 0.58, 0.5, 0.82, 0.4] : [0.36, 0.28, 0.44, 0.5, 0.2, 0.6];
  }

  // The one that is drawn largest; a large map is given shorter layers, where that lets it fill
  // what there is.
  choosePlan(width, height) {
    const { nodes, edges } = this.graph;
    this.plans ??= boundsOf(nodes.length).map((bound) => layout(nodes.length, edges, bound));
    let best = 0;
    for (const plan of this.plans) {
      for (const way of ['across', 'down']) {
        const reach = this.reach(plan, way, width, height) * (way === 'across' ? 1.25 : 1);
        if (reach <= best * 1.05) continue;
        best = reach;
        this.plan = plan;
        this.isAcross = way === 'across';
      }
    }
  }

  // -- places -----------------------------------------------------------------------------------

  sizeOf(plan, way) {
    const along = Math.max(plan.layers - 1, 0) * ALONG[way];
    const aside = Math.max(plan.breadth - 1, 0) * ASIDE[way];
    const [width, height] = way === 'across' ? [along, aside] : [aside, along];
    return [width + 2 * MARGIN.x, height + 2 * MARGIN.y];
  }

  reach(plan, way, width, height) {
    const [wide, high] = this.sizeOf(plan, way);
    return Math.min(width / wide, height / high, MOST_SCALE);
  }

  point({ layer, across }) {
    const way = this.isAcross ? 'across' : 'down';
    const along = layer * ALONG[way];
    const aside = across * ASIDE[way];
    return this.isAcross
      ? { x: along + MARGIN.x, y: aside + MARGIN.y - 12 }
      : { x: aside + MARGIN.x, y: along + MARGIN.y - 12 };
  }

  fit(width, height) {
    const [wide, high] = this.sizeOf(this.plan, this.isAcross ? 'across' : 'down');
    const scale = Math.min(width / wide, height / high, MOST_SCALE);
    const whole = { width: width / scale, height: height / scale };
    this.whole = { ...whole, x: (wide - whole.width) / 2, y: (high - whole.height) / 2 };
    if (!this.isMoved) this.box = { ...this.whole };
    this.showBox();
  }

  showBox() {
    const { x, y, width, height } = this.box;
    this.svg.setAttribute('viewBox', `${x} ${y} ${width} ${height}`);
    // Names grow against the scale of a large map, as far as their neighbours leave room.
    const scale = this.element.clientWidth / width;
    const growth = Math.min(Math.max(LEAST_TEXT / scale, 1), MOST_GROWTH);
    this.svg.style.setProperty('--growth', growth.toFixed(2));
    const isFar = growth > 1.2;
    if (isFar === this.svg.classList.contains('map-far')) return;
    this.svg.classList.toggle('map-far', isFar);
    this.drawSoon();
  }

  /** Shows `factor` times as much; `at` (0 to 1 each) stays where it is. */
  zoom(factor, at = { x: 0.5, y: 0.5 }) {
    if (!this.whole) return;
    const wanted =
      Math.min(Math.max(this.box.width * factor, this.whole.width / 12), this.whole.width * 1.5) /
      this.box.width;
    this.box.x += this.box.width * at.x * (1 - wanted);
    this.box.y += this.box.height * at.y * (1 - wanted);
    this.box.width *= wanted;
    this.box.height *= wanted;
    this.isMoved = true;
    this.showBox();
  }

  showWhole() {
    this.isMoved = false;
    this.draw();
  }

  // -- choosing ---------------------------------------------------------------------------------

  // By names, so that a choice outlives another graph.
  nameOf(kind, index) {
    const node = (at) => {
      const { client, type, name } = this.graph.nodes[at];
      return JSON.stringify([client, type, name]);
    };
    const edge = this.graph.edges[index];
    return kind === 'node' ? node(index) : `${node(edge.from)} ${node(edge.to)}`;
  }

  choose(kind, index) {
    this.choice = kind ? this.nameOf(kind, index) : null;
    this.showChoice();
    this.onChosen(kind, index);
  }

  /** `[kind, index]` of what is chosen, or null. */
  chosen() {
    return (this.choice !== null && this.places?.get(this.choice)) || null;
  }

  showChoice() {
    const chosen = this.chosen();
    const near = new Set(chosen ? [this.choice, ...this.around(...chosen)] : []);
    this.svg.classList.toggle('map-chosen', Boolean(chosen));
    for (const [name, shape] of this.shapes) {
      shape.setAttribute('aria-pressed', String(name === this.choice));
      shape.classList.toggle('map-near', near.has(name));
    }
  }

  around(kind, index) {
    const { edges } = this.graph;
    if (kind === 'edge')
      return [this.nameOf('node', edges[index].from), this.nameOf('node', edges[index].to)];
    return edges.flatMap((edge, at) => {
      if (edge.from !== index && edge.to !== index) return [];
      return [
        this.nameOf('edge', at),
        this.nameOf('node', edge.from === index ? edge.to : edge.from),
      ];
    });
  }

  /** Goes to the nearest node in a direction, `x` and `y` of which are -1, 0 or 1. */
  go(x, y) {
    // Where tables stand in its place the map is not drawn, and its plan is of another graph.
    if (!this.graph?.nodes.length || this.plan?.nodes.length !== this.graph.nodes.length) return;
    const places = this.plan.nodes.map((place) => this.point(place));
    const chosen = this.chosen();
    if (!chosen || chosen[0] !== 'node') {
      const rank = (index) => this.plan.nodes[index].layer * 1e3 + this.plan.nodes[index].across;
      this.focus(
        [...places.keys()].reduce((first, index) => (rank(index) < rank(first) ? index : first)),
      );
      return;
    }
    const from = places[chosen[1]];
    let best = -1;
    let least = Infinity;
    places.forEach((place, index) => {
      const forth = (place.x - from.x) * x + (place.y - from.y) * y;
      const aside = Math.abs((place.x - from.x) * y) + Math.abs((place.y - from.y) * x);
      if (forth > 1 && forth + 2 * aside < least) [best, least] = [index, forth + 2 * aside];
    });
    if (best >= 0) this.focus(best);
  }

  focus(index) {
    this.choose('node', index);
    this.shapes.get(this.choice)?.focus();
  }

  listen() {
    this.svg.addEventListener('click', (event) => {
      if (this.wasDragged) return;
      const target = this.targetOf(event);
      this.choose(...(target ?? [null, -1]));
    });
    this.svg.addEventListener('keydown', (event) => {
      const target = event.key === 'Enter' || event.key === ' ' ? this.targetOf(event) : null;
      if (!target) return;
      event.preventDefault();
      this.choose(...target);
    });
    this.element.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const { left, top, width, height } = this.svg.getBoundingClientRect();
        this.zoom(Math.exp(event.deltaY * 0.004), {
          x: (event.clientX - left) / width,
          y: (event.clientY - top) / height,
        });
      },
      { passive: false },
    );
    this.svg.addEventListener('pointerdown', (event) => this.drag(event));
  }

  targetOf(event) {
    return this.targets?.get(event.target.closest('.map-node, .map-edge')) ?? null;
  }

  drag(event) {
    this.wasDragged = false;
    if (event.button !== 0 || !this.box) return;
    const begun = { x: event.clientX, y: event.clientY, box: { ...this.box } };
    const move = (moved) => {
      const [x, y] = [moved.clientX - begun.x, moved.clientY - begun.y];
      if (!this.wasDragged && Math.hypot(x, y) < 5) return;
      this.wasDragged = true;
      this.isMoved = true;
      const scale = this.box.width / this.element.clientWidth;
      this.box.x = begun.box.x - x * scale;
      this.box.y = begun.box.y - y * scale;
      this.showBox();
    };
    const end = () => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', end);
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
  }

  close() {
    this.observer.disconnect();
    this.drawSoon.cancel();
  }
}

// How many nodes a layer may hold, to try; of a very large map one guess has to do.
function boundsOf(count) {
  if (count <= 12) return [Infinity];
  return count <= 120 ? [Infinity, ...BOUNDS] : [Math.ceil(Math.sqrt(count) * 1.4)];
}
