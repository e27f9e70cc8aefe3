// The figures of tools/bench's line `page-live`: ten thousand traces painted, and one that comes.
import { answered, shop } from './documents.mjs';
import { liveDelay } from './live_cases.mjs';

const TRACES = 10000;
const RUNS = 5;

/** Prints `{"paint_ms": ..., "load_ms": ..., "live_ms": ...}`, medians. */
export async function measure(stage) {
  const roots = shop(TRACES, { span: 3600 }).filter((document) => !document.parent_id);
  await stage.send(roots);
  const paints = [];
  const loads = [];
  const delays = [];
  for (let turn = 0; turn < RUNS; turn += 1) {
    const page = await stage.page();
    const figures = await page.evaluate(paintTimes, TRACES);
    paints.push(figures.paint);
    loads.push(figures.load);
    await page.locator('header .live-live').waitFor();
    delays.push(1000 * (await liveDelay(stage, page, `live${turn}`)));
    await page.context().close();
  }
  await stage.send(answered(200));
  console.log(
    JSON.stringify({ paint_ms: median(paints), load_ms: median(loads), live_ms: median(delays) }),
  );
}

/**
 * In the page: `paint` is from the last byte of the rows to the frame that shows them, `load` from
 * the beginning of navigation to that frame.
 */
async function paintTimes(wanted) {
  const isThere = () => {
    const count = document.querySelector('.list-count')?.textContent ?? '';
    return count.startsWith(`${wanted / 1000},`) && performance.getEntriesByName('xtrace.list')[0];
  };
  while (!isThere()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
  const painted = performance.getEntriesByName('xtrace.list').at(-1).startTime;
  const answers = performance.getEntriesByType('resource');
  const answer = answers.filter(({ name }) => name.includes('/api/traces?')).at(-1);
  return { paint: painted - answer.responseEnd, load: painted };
}

function median(values) {
  return (
    Math.round(
      [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] * 10,
    ) / 10
  );
}
