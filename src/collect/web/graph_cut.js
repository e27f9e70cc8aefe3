// As much of a service graph as can be drawn. Nothing here touches the page.

const MOST_NODES = 200;
const MOST_EDGES = 600;

/**

 * The graph with its busiest nodes, and the busiest edges between them; `all` is how many nodes

 * there are.

 */
export function busiest(graph) {
  const all = graph.nodes.length;
  if (all <= MOST_NODES && graph.edges.length <= MOST_EDGES) return { ...graph, all };
  const kept = largest(graph.nodes, MOST_NODES);
  const places = new Map(kept.map((index, place) => [index, place]));
  const between = graph.edges.filter(({ from, to }) => places.has(from) && places.has(to));
  const edges = largest(between, MOST_EDGES).map((index) => {
    const edge = between[index];
    return { ...edge, from: places.get(edge.from), to: places.get(edge.to) };
  });
  return { ...graph, nodes: kept.map((index) => graph.nodes[index]), edges, all };
}

// Indices, in their order.
function largest(things, most) {
  const byCount = things.map((_, index) => index);
  byCount.sort((one, other) => things[other].count - things[one].count);
  return byCount.slice(0, most).sort((one, other) => one - other);
}
