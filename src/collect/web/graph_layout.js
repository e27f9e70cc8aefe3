// Places the nodes of a directed graph in layers, callers before those they call, with few
// crossings and straight edges: Sugiyama's method. Nothing here touches the page.

const SWEEPS = 12;

/**
 * Of `count` nodes and `edges` `[{from, to}]`: `{layer, across}` for each node, `routes` (for each
 * edge its points `{layer, across}`, ends included), and `layers` and `breadth`, how far both go.
 * `across` is in units of the least distance between two neighbours. An edge that closes a circle
 * keeps its direction; one to itself has two equal points. A layer holds `most` nodes; what is too
 * much for it stands in the next.
 */
export function layout(count, edges, most = Infinity) {
  const whole = { nodes: new Array(count), routes: new Array(edges.length), layers: 0, breadth: 0 };
  for (const part of partsOf(count, edges)) {
    const inside = new Map(part.nodes.map((node, index) => [node, index]));
    const own = part.edges.map((edge) => ({
      from: inside.get(edges[edge].from),
      to: inside.get(edges[edge].to),
    }));
    const placed = layOutPart(part.nodes.length, own, most);
    const moved = ({ layer, across }) => ({ layer, across: across + whole.breadth });
    part.nodes.forEach((node, index) => {
      whole.nodes[node] = moved(placed.nodes[index]);
    });
    part.edges.forEach((edge, index) => {
      whole.routes[edge] = placed.routes[index].map(moved);
    });
    whole.layers = Math.max(whole.layers, placed.layers);
    whole.breadth += placed.breadth;
  }
  return whole;
}

// What hangs together, the largest first, each in the order of its nodes.
function partsOf(count, edges) {
  const root = [...Array(count).keys()];
  const rootOf = (node) => {
    let at = node;
    while (root[at] !== at) at = root[at] = root[root[at]];
    return at;
  };
  for (const { from, to } of edges)
    root[Math.max(rootOf(from), rootOf(to))] = Math.min(rootOf(from), rootOf(to));
  const parts = new Map();
  for (let node = 0; node < count; node += 1) {
    if (!parts.has(rootOf(node))) parts.set(rootOf(node), { nodes: [], edges: [] });
    parts.get(rootOf(node)).nodes.push(node);
  }
  edges.forEach(({ from }, index) => parts.get(rootOf(from)).edges.push(index));
  return [...parts.values()].sort((one, other) => other.nodes.length - one.nodes.length);
}

function layOutPart(count, edges, most) {
  const graph = {
    layer: assignLayers(count, edges, most),
    weight: new Array(count).fill(1),
    above: [],
    below: [],
  };
  for (let index = 0; index < count; index += 1) addVertex(graph);
  const chains = edges.map((edge) => chainOf(graph, edge));
  const order = orderLayers(graph);
  const across = placeAcross(graph, order);
  const pointOf = (vertex) => ({ layer: graph.layer[vertex], across: across[vertex] });
  return {
    nodes: Array.from({ length: count }, (_, index) => pointOf(index)),
    routes: chains.map((chain) => chain.map(pointOf)),
    layers: order.length,
    breadth: across.reduce((high, value) => Math.max(high, value), 0) + 1,
  };
}

function addVertex(graph) {
  graph.above.push([]);
  graph.below.push([]);
}

// The longest way from a node that nobody calls, where edges that close a circle do not count; or
// deeper, where there is room.
function assignLayers(count, edges, most) {
  const next = Array.from({ length: count }, () => []);
  const called = new Array(count).fill(0);
  for (const { from, to } of edges) {
    if (from === to) continue;
    next[from].push(to);
    called[to] += 1;
  }
  const starts = [...Array(count).keys()].sort(
    (a, b) => Math.min(called[a], 1) - Math.min(called[b], 1) || a - b,
  );
  const finished = finishingOrder(starts, next);
  const layer = new Array(count).fill(0);
  const taken = [];
  const place = new Map(finished.map((vertex, index) => [vertex, index]));
  for (let index = finished.length - 1; index >= 0; index -= 1) {
    const vertex = finished[index];
    while ((taken[layer[vertex]] ?? 0) >= most) layer[vertex] += 1;
    taken[layer[vertex]] = (taken[layer[vertex]] ?? 0) + 1;
    for (const to of next[vertex]) {
      if (place.get(to) < index) layer[to] = Math.max(layer[to], layer[vertex] + 1);
    }
  }
  return closeUp(layer, taken, called, next, most);
}

// Who is called by nobody stands right before the first that it calls, where that layer has room:
// the first layer would be as wide as there are starts, and their edges as long as the map.
function closeUp(layer, taken, called, next, most) {
  next.forEach((callees, vertex) => {
    if (called[vertex] > 0 || callees.length === 0) return;
    const wanted = Math.min(...callees.map((to) => layer[to])) - 1;
    if (wanted <= layer[vertex] || (taken[wanted] ?? 0) >= most) return;
    taken[layer[vertex]] -= 1;
    taken[wanted] = (taken[wanted] ?? 0) + 1;
    layer[vertex] = wanted;
  });
  return layer;
}

// Depth first, without recursion: each vertex after all that can be reached from it.
function finishingOrder(starts, next) {
  const seen = new Set();
  const finished = [];
  for (const start of starts) {
    const path = seen.has(start) ? [] : [[start, 0]];
    seen.add(start);
    while (path.length) {
      const top = path[path.length - 1];
      const to = next[top[0]][top[1]];
      top[1] += 1;
      if (to === undefined) {
        finished.push(path.pop()[0]);
      } else if (!seen.has(to)) {
        seen.add(to);
        path.push([to, 0]);
      }
    }
  }
  return finished;
}

// An edge over several layers gets a vertex in each of them, so that it finds a way between the
// nodes there.
function chainOf(graph, { from, to }) {
  if (from === to) return [from, to];
  const step = Math.sign(graph.layer[to] - graph.layer[from]) || 1;
  const chain = [from];
  for (let layer = graph.layer[from] + step; step * layer < step * graph.layer[to]; layer += step) {
    chain.push(graph.layer.length);
    graph.layer.push(layer);
    graph.weight.push(4);
    addVertex(graph);
  }
  chain.push(to);
  for (let index = 1; index < chain.length; index += 1) {
    const [high, low] =
      step > 0 ? [chain[index - 1], chain[index]] : [chain[index], chain[index - 1]];
    graph.below[high].push(low);
    graph.above[low].push(high);
  }
  return chain;
}

function orderLayers(graph) {
  const order = [];
  graph.layer.forEach((layer, vertex) => {
    while (order.length <= layer) order.push([]);
    order[layer].push(vertex);
  });
  let best = order.map((layer) => [...layer]);
  let fewest = crossingsOf(graph, best);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    sortByNeighbours(graph, order, sweep % 2 === 0);
    const crossings = crossingsOf(graph, order);
    if (crossings < fewest) {
      fewest = crossings;
      best = order.map((layer) => [...layer]);
    }
  }
  return best;
}

function sortByNeighbours(graph, order, isDownward) {
  const layers = isDownward ? order : [...order].reverse();
  const neighbours = isDownward ? graph.above : graph.below;
  for (let index = 1; index < layers.length; index += 1) {
    const place = new Map(layers[index - 1].map((vertex, at) => [vertex, at]));
    const own = new Map(layers[index].map((vertex, at) => [vertex, at]));
    const centre = new Map(
      layers[index].map((vertex) => [
        vertex,
        meanPlace(neighbours[vertex], place, own.get(vertex)),
      ]),
    );
    layers[index].sort((a, b) => centre.get(a) - centre.get(b) || own.get(a) - own.get(b));
  }
}

function meanPlace(neighbours, place, otherwise) {
  const places = neighbours
    .filter((vertex) => place.has(vertex))
    .map((vertex) => place.get(vertex));
  return places.length ? places.reduce((sum, at) => sum + at, 0) / places.length : otherwise;
}

function crossingsOf(graph, order) {
  let crossings = 0;
  for (let index = 1; index < order.length; index += 1) {
    const place = new Map(order[index - 1].map((vertex, at) => [vertex, at]));
    const ends = order[index].flatMap((vertex) =>
      graph.above[vertex]
        .filter((high) => place.has(high))
        .map((high) => place.get(high))
        .sort((a, b) => a - b),
    );
    crossings += inversionsOf(ends, place.size);
  }
  return crossings;
}

// How many pairs stand the wrong way round, by a tree of sums (Fenwick's).
function inversionsOf(values, size) {
  const sums = new Int32Array(size + 1);
  let inversions = 0;
  values.forEach((value, seen) => {
    let below = 0;
    for (let at = value + 1; at > 0; at -= at & -at) below += sums[at];
    inversions += seen - below;
    for (let at = value + 1; at <= size; at += at & -at) sums[at] += 1;
  });
  return inversions;
}

// Each vertex wants to be where its neighbours are on average; in turns from above and from below.
function placeAcross(graph, order) {
  const across = new Array(graph.layer.length).fill(0);
  order.forEach((layer) =>
    layer.forEach((vertex, at) => {
      across[vertex] = at - (layer.length - 1) / 2;
    }),
  );
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isDownward = sweep % 2 === 0;
    for (const layer of isDownward ? order : [...order].reverse()) {
      const wishes = layer.map((vertex) => {
        const near = isDownward ? graph.above[vertex] : graph.below[vertex];
        const all = near.length ? near : [...graph.above[vertex], ...graph.below[vertex]];
        return all.length
          ? all.reduce((sum, other) => sum + across[other], 0) / all.length
          : across[vertex];
      });
      spread(layer, wishes, graph.weight, across);
    }
  }
  const least = across.reduce((low, value) => Math.min(low, value), 0);
  return across.map((value) => value - least);
}

// The places nearest to the wishes, by least squares, that keep the order and a distance of one:
// neighbours whose wishes are too close become a block that goes to the mean of its wishes.
function spread(layer, wishes, weight, across) {
  const blocks = [];
  layer.forEach((vertex, at) => {
    let block = { mean: wishes[at] - at, weight: weight[vertex], size: 1 };
    while (blocks.length && blocks[blocks.length - 1].mean >= block.mean) {
      const before = blocks.pop();
      const total = before.weight + block.weight;
      const mean = (before.mean * before.weight + block.mean * block.weight) / total;
      block = { mean, weight: total, size: before.size + block.size };
    }
    blocks.push(block);
  });
  let at = 0;
  for (const block of blocks) {
    for (let index = 0; index < block.size; index += 1, at += 1)
      across[layer[at]] = block.mean + at;
  }
}
