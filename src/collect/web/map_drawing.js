// The shapes of a service map: circles with rings, and the curves between them.
import { h, svg } from './dom.js';
import { count, duration, plural } from './format.js';
import { allStatuses } from './status.js';

const LEAST_RADIUS = 23;
const MOST_RADIUS = 36;
const LABEL_LENGTH = 22;
const FAR_LENGTH = 11;
const LABEL_ROOM = 34;

/** Of a node or an edge: the share of what failed. */
const failedShare = (numbers) => (numbers.count ? 1 - numbers.ok / numbers.count : 0);

/** The radius of each node: by `traffic` what it did, by `health` how much of it failed. */
export function radii(nodes, sizing) {
  const weight = (node) => (sizing === 'health' ? node.count - node.ok : node.count);
  const most = Math.max(1, ...nodes.filter((node) => !node.client).map(weight));
  const grown = (node) =>
    (MOST_RADIUS - LEAST_RADIUS) * Math.sqrt(Math.min(weight(node) / most, 1));
  return nodes.map((node) => LEAST_RADIUS + (node.client ? 0 : grown(node)));
}

/** In the order a person reads it: what failed first. */
function healthText(numbers) {
  const parts = allStatuses()
    .filter(({ name }) => name !== 'ok' && numbers[name])
    .map(({ name }) => plural(numbers[name], name));
  return parts.length ? parts.join(', ') : 'all ok';
}

/** In words, for who does not see the picture. */
export function percentiles({ p50, p95 }) {
  return `median ${duration(p50)}, 95 percent ${duration(p95)}`;
}

export function nodeName(node) {
  return node.client ? 'Clients' : node.name || '(no name)';
}

/** A node at its place: a group to be focused and pressed. From far its name has less room. */
export function drawNode(node, { x, y }, radius, isFar) {
  const spoken = node.client
    ? 'Clients'
    : `${nodeName(node)}, ${node.type || 'service'}${node.inferred ? ', inferred' : ''}, ` +
      `${plural(node.count, 'request')}, ${healthText(node)}, ${percentiles(node)}`;
  const group = svg(
    'g',
    {
      class: `map-node${node.inferred ? ' map-inferred' : ''}${node.client ? ' map-client' : ''}`,
      transform: `translate(${x} ${y})`,
      tabindex: 0,
      role: 'button',
      'aria-label': spoken,
      'aria-pressed': 'false',
    },
    [
      svg('circle', { class: 'map-halo', r: radius + 7 }),
      svg('circle', { class: 'map-disc', r: radius }),
      ...(node.client ? person() : [...ring(node, radius), ...inside(node, radius)]),
      text('map-label', radius + 17, shortened(nodeName(node), isFar ? FAR_LENGTH : LABEL_LENGTH)),
      node.client || !node.type ? null : text('map-type', radius + 31, shortened(node.type)),
    ],
  );
  group.prepend(svg('title', { text: spoken }));
  return group;
}

/** What a node's circle and the lines below it take of the map. */
export function takeRoom(room, node, place, radius) {
  const lines = [nodeName(node), ...(node.client || !node.type ? [] : [node.type])].map((line) =>
    shortened(line),
  );
  const letters = Math.max(...lines.map((line) => line.length));
  room.takeNode(place, radius, { lines: lines.length, letters });
}

const text = (name, y, content) => svg('text', { class: name, y, text: content });

function shortened(name, most = LABEL_LENGTH) {
  const letters = [...name];
  const end = Math.floor(most / 3);
  return letters.length <= most
    ? name
    : `${letters.slice(0, most - end - 1).join('')}…${letters.slice(-end).join('')}`;
}

function inside(node, radius) {
  const time = text('map-time', -1, duration(node.p50));
  time.style.setProperty(
    'font-size',
    `${Math.min(12, ((radius - 6) * 3.1) / time.textContent.length).toFixed(1)}px`,
  );
  return [time, text('map-count', 12, count(node.count))];
}

function person() {
  return [
    svg('circle', { class: 'map-person', cy: -4, r: 5 }),
    svg('path', { class: 'map-person', d: 'M-9 11 A9 8 0 0 1 9 11 Z' }),
  ];
}

// Shares of the circle, from the top on, what is ok first.
function ring(node, radius) {
  if (!node.count) return [];
  let begun = 0;
  return [...allStatuses()]
    .reverse()
    .filter(({ name }) => node[name] > 0)
    .map(({ name }) => {
      const share = node[name] / node.count;
      const arc = svg('circle', {
        class: `map-ring map-${name}`,
        r: radius,
        pathLength: 1000,
        transform: 'rotate(-90)',
        'stroke-dasharray': `${share * 1000} ${1000 - share * 1000}`,
        'stroke-dashoffset': -begun * 1000,
      });
      begun += share;
      return arc;
    });
}

/**
 * An edge along its route. `points` are the middles of its ends and what lies between; `isAcross`
 * says that layers follow each other from left to right, `isPaired` that there is an edge back, and
 * this one keeps aside; its numbers stand where there is `room` (LabelRoom), at one of the shares
 * `labelAt` of its way.
 */
export function drawEdge(edge, names, points, ends, { isAcross, isPaired, labelAt, room, most }) {
  const isLoop = edge.from === edge.to;
  const curve = isLoop
    ? loop(points[0], ends[0])
    : route(points, ends, isAcross, { isPaired, labelAt });
  const numbers = `${count(edge.count)} · ${duration(edge.p50)}`;
  const places = curve.middles.map(({ x, y }) => ({ x, y: y - 5 }));
  const label = room.takeText(places, numbers.length);
  const failed = failedShare(edge);
  const worst = failed >= 0.05 ? allStatuses().find(({ name }) => edge[name] > 0).name : null;
  const calls = `${names[0]} calls ${names[1]}: ${plural(edge.count, 'call')}`;
  const spoken = `${calls}, ${healthText(edge)}, ${percentiles(edge)}`;
  const width = 1.2 + 3 * Math.sqrt(edge.count / most);
  return svg(
    'g',
    {
      class: `map-edge${worst ? ` map-${worst}` : ''}`,
      tabindex: 0,
      role: 'button',
      'aria-label': spoken,
      'aria-pressed': 'false',
    },
    [
      svg('title', { text: spoken }),
      svg('path', { class: 'map-edge-hit', d: curve.d }),
      svg('path', { class: 'map-edge-line', d: curve.d, 'stroke-width': width.toFixed(2) }),
      svg('path', {
        class: 'map-arrow',
        d: 'M0 0 L-9 -4.5 L-9 4.5 Z',
        transform: `translate(${curve.tip.x} ${curve.tip.y}) rotate(${curve.angle})`,
      }),
      svg('text', {
        class: 'map-edge-label',
        x: label.x,
        y: label.y,
        text: numbers,
      }),
    ],
  );
}

function route(points, ends, isAcross, { isPaired, labelAt }) {
  const along = isAcross ? 'x' : 'y';
  const aside = isAcross ? 'y' : 'x';
  const step = Math.sign(points[points.length - 1][along] - points[0][along]) || 1;
  const shift = isPaired ? 9 * step : 0;
  const way = points.map((point) => ({ ...point, [aside]: point[aside] + shift }));
  // Below a circle stands its name.
  const below = isAcross ? 0 : LABEL_ROOM;
  way[0][along] += step * (ends[0] + (step > 0 ? below : 0));
  way[way.length - 1][along] -= step * (ends[1] + 4 + (step < 0 ? below : 0));
  let d = `M${way[0].x} ${way[0].y}`;
  for (let index = 1; index < way.length; index += 1) {
    const [from, to] = [way[index - 1], way[index]];
    const half = (from[along] + to[along]) / 2;
    d += isAcross
      ? ` C${half} ${from.y} ${half} ${to.y} ${to.x} ${to.y}`
      : ` C${from.x} ${half} ${to.x} ${half} ${to.x} ${to.y}`;
  }
  const forward = isAcross ? 0 : 90;
  return {
    d,
    tip: way[way.length - 1],
    angle: step > 0 ? forward : forward + 180,
    middles: labelAt.map((share) => pointAt(way, share, along)),
  };
}

// On a curve as `route` draws it, at a share of its way.
function pointAt(way, share, along) {
  const index = Math.min(Math.floor(share * (way.length - 1)), way.length - 2);
  const [from, to] = [way[index], way[index + 1]];
  const at = share * (way.length - 1) - index;
  const rest = 1 - at;
  const half = (from[along] + to[along]) / 2;
  const straight = rest ** 3 * from[along] + 3 * rest * at * half + at ** 3 * to[along];
  const aside = along === 'x' ? 'y' : 'x';
  const bent = from[aside] + (to[aside] - from[aside]) * (3 * at ** 2 - 2 * at ** 3);
  return { [along]: straight, [aside]: bent };
}

function loop({ x, y }, radius) {
  const top = y - radius;
  const d = `M${x - 8} ${top + 1} C${x - 26} ${top - 34} ${x + 26} ${top - 34} ${x + 8} ${top - 2}`;
  return { d, tip: { x: x + 8, y: top - 2 }, angle: 112, middles: [{ x, y: top - 26 }] };
}

/** What the shapes mean. */
export function legend() {
  const item = (kind, name) =>
    h('span', { class: 'legend-item' }, [
      h('span', { class: `legend-mark legend-${kind}`, 'aria-hidden': 'true' }),
      name,
    ]);
  return h('div', { class: 'legend muted' }, [
    item('ok', 'ok'),
    item('error', 'error'),
    item('throttle', 'throttle'),
    item('fault', 'fault'),
    item('inferred', 'inferred: sent no segment'),
  ]);
}
