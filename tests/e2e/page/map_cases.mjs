// Service maps, comparisons, and both in a narrow window.
import assert from 'node:assert/strict';
import { answered, call, now, segment } from './documents.mjs';
import { market, order } from './trace_documents.mjs';
import { open, ROW } from './trace_page.mjs';
import { until } from './stage.mjs';

const node = (page, name) => page.getByRole('button', { name: new RegExp(`^${name},`) });
const panel = (page) => page.getByRole('complementary', { name: 'Numbers' });

async function openMap(stage, options) {
  await stage.send(market(120));
  const page = await stage.page('/map', options);
  await node(page, 'shop').waitFor();
  return page;
}

// Nothing that is seen goes beyond the right edge.
async function fits(page) {
  return page.evaluate(() => {
    if (document.documentElement.scrollWidth > innerWidth) return 'the page';
    const wide = [
      ...document.querySelectorAll(
        '#view > *, .trace-head *, .trace-bar *, .map-bar *, .compare-heads *, .verdict *',
      ),
    ];
    return wide
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.right > innerWidth + 1 && !element.closest('.cut, .unseen');
      })
      .map((element) => element.className || element.tagName)
      .join();
  });
}

export const cases = [
  {
    name: 'the map shows who calls whom with numbers, and leads to the traces of a range of times',
    async run(stage) {
      const page = await openMap(stage);
      assert.match(
        await node(page, 'shop').getAttribute('aria-label'),
        /^shop, service, 120 requests, .*median .*, 95 percent /,
      );
      assert.match(
        await page
          .getByRole('button', { name: /^catalogue calls orders@db:/ })
          .getAttribute('aria-label'),
        /calls, all ok/,
      );
      assert.match(await node(page, 'orders@db').getAttribute('aria-label'), /inferred/);
      await stage.screenshot(page, 'map-dark');
      await node(page, 'shop').click();
      await panel(page).getByText('120, ').waitFor();
      const canvas = panel(page).locator('canvas');
      await until('the histogram is drawn', async () =>
        /120 response times/.test((await canvas.getAttribute('aria-label')) ?? ''),
      );
      const box = await canvas.boundingBox();
      await page.mouse.move(box.x + box.width * 0.4, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.9, box.y + 40, { steps: 4 });
      await page.mouse.up();
      await page.waitForURL((url) => url.pathname === '/');
      assert.match(
        new URL(page.url()).searchParams.get('filter'),
        /^service\("shop"\) \{ responsetime >= [\d.]+ AND responsetime <= [\d.]+ \}$/,
      );
      await page.getByText(/^\d+ of 120 traces$/).waitFor();
    },
  },
  {
    name: 'a click on a bar of the response times filters by them',
    async run(stage) {
      await stage.send([0.1, 0.1, 0.1, 2].map((duration) => answered(200, { duration })));
      const page = await stage.page();
      const canvas = page.locator('.chart-histogram canvas');
      await until('the histogram is drawn', async () =>
        /4 traces/.test((await canvas.getAttribute('aria-label')) ?? ''),
      );
      const { width, height } = await canvas.boundingBox();
      const tip = page.locator('.chart-histogram .tip');
      let x = 10;
      await until('a bar is found', async () => {
        await canvas.hover({ position: { x, y: height - 30 } });
        x += 8;
        return /: 3 traces$/.test(await tip.innerText()) || x > width;
      });
      await canvas.click({ position: { x: x - 8, y: height - 30 } });
      await page.getByText('3 of 4 traces').waitFor();
    },
  },
  {
    name: 'the map is walked through by key, and is there as tables',
    async run(stage) {
      const page = await openMap(stage, { colorScheme: 'light' });
      for (const key of ['j', 'ArrowRight']) await page.keyboard.press(key);
      await panel(page).getByRole('heading', { name: 'shop' }).waitFor();
      await page.keyboard.press('ArrowRight');
      await until(
        'another is chosen',
        async () => (await panel(page).getByRole('heading').innerText()) !== 'shop',
      );
      await page.keyboard.press('v');
      const services = page.getByRole('table', { name: 'Services' });
      assert.match(await services.getByRole('row', { name: /^shop/ }).innerText(), /120/);
      assert.equal(await services.getByRole('row', { name: /^Clients/ }).count(), 0);
      await page
        .getByRole('table', { name: 'Calls' })
        .getByRole('button', { name: 'catalogue' })
        .click();
      await panel(page).getByRole('heading', { name: 'catalogue → orders@db' }).waitFor();
      await page.keyboard.press('v');
      await page.keyboard.press('Escape');
      await panel(page).waitFor({ state: 'hidden' });
      await stage.screenshot(page, 'map-light');
    },
  },
  {
    name: 'the map follows its filter, and what comes in',
    async run(stage) {
      const page = await openMap(stage);
      await page.goto('/map?filter=service(%22search%22)');
      await node(page, 'search').waitFor();
      assert.equal(await node(page, 'catalogue').count(), 0);
      await page.locator('header .live-live').waitFor();
      const root = answered(200, { name: 'desk' });
      await stage.send(
        root,
        segment({ name: 'search', trace_id: root.trace_id, parent_id: root.id, start_time: now() }),
      );
      await node(page, 'desk').waitFor();
    },
  },
  {
    name: "a trace's own map leads to the rows of its services",
    async run(stage) {
      const page = await open(stage, order());
      await page.getByRole('button', { name: 'Map', exact: true }).click();
      await node(page, 'pay').click();
      assert.equal(await page.locator(`${ROW}[aria-selected=true] .wf-title`).innerText(), 'pay');
    },
  },
  {
    name: 'two traces are compared node by node, and the difference has a place',
    async run(stage) {
      const [quick, slow] = [order(), order({ slower: 1 })];
      slow.root.subsegments.splice(0, 1);
      await stage.send(quick.documents, slow.documents);
      const page = await stage.page('/');
      await page.locator('.list-canvas .row').nth(1).waitFor();
      await page.goto(`/compare/${quick.id}/${slow.id}`);
      const verdict = page.locator('.verdict');
      await verdict.getByText('B is 1 s slower (+167 %).').waitFor();
      const said = await verdict.innerText();
      assert.match(
        said,
        /All of the regression is in pay\.test|in Attempt:1 › response|in Attempt:1 › pay/,
      );
      assert.match(said, /Only in A: checkout › validate\./);
      const row = (name) => page.locator('.cmp-row', { hasText: name }).first();
      assert.match(await row('pay.test').innerText(), /450 ms\s+F?\s*1.45 s\s+\+1 s/);
      await stage.screenshot(page, 'compare');
      await page.keyboard.press('d');
      await until(
        'what is alike is gone',
        async () =>
          (await page.locator('.cmp-row:not([hidden])', { hasText: 'backoff' }).count()) === 0,
      );
      await page.keyboard.press('w');
      await verdict.getByText('B is 1 s faster').waitFor();
    },
  },
  {
    name: 'a comparison that goes on stays where it is read',
    async run(stage) {
      const [one, other] = ['one', 'other'].map((name) => {
        const root = segment({ name, duration: 1, start_time: now() - 1 });
        root.subsegments = Array.from({ length: 60 }, (_, index) =>
          call(root, { name: `call-${index}`, after: index * 0.01 }),
        );
        return root;
      });
      await stage.send(one, other);
      const page = await stage.page(`/compare/${one.trace_id}/${other.trace_id}`);
      const marked = page.locator('.cmp-row.wf-selected:not([hidden])');
      await page.locator('.cmp-bar').first().waitFor();
      await page.locator('header .live-live').waitFor();
      for (let count = 0; count < 12; count += 1) await page.keyboard.press('j');
      await marked.getByText('call-10', { exact: true }).waitFor();
      const only = page.getByRole('button', { name: 'Only differences' });
      await only.focus();
      const scrolled = () => page.locator('.cmp-viewport').evaluate(({ scrollTop }) => scrollTop);
      await page.locator('.cmp-viewport').evaluate((viewport) => {
        viewport.scrollTop = 77;
      });
      // It makes B the slower one, of which the verdict above has a button then.
      const late = segment({
        name: 'late',
        trace_id: other.trace_id,
        parent_id: other.id,
        duration: 2,
        start_time: other.start_time,
      });
      await stage.send(late);
      await page.getByText(/Only in B: .*late/).waitFor();
      assert.equal(await scrolled(), 77);
      assert.ok(await marked.getByText('call-10', { exact: true }).isVisible());
      assert.ok(await only.evaluate((button) => button === document.activeElement));
    },
  },
  {
    name: 'traces, maps and comparisons fit a window of 400 pixels',
    async run(stage) {
      const [one, other] = [order(), order({ slower: 0.2 })];
      await stage.send(other.documents);
      const page = await open(stage, one, { viewport: { width: 400, height: 800 } });
      assert.equal(await fits(page), '');
      await page.locator(ROW).nth(2).click();
      await page.keyboard.press('Enter');
      assert.ok(await page.getByRole('tabpanel').isVisible());
      await stage.screenshot(page, 'trace-narrow');
      for (const address of ['/map', `/compare/${one.id}/${other.id}`]) {
        await page.goto(address);
        await page.locator('.map-node, .cmp-bar').first().waitFor();
        assert.equal(await fits(page), '', address);
        await stage.screenshot(page, address === '/map' ? 'map-narrow' : 'compare-narrow');
      }
    },
  },
  {
    name: 'a layout keeps neighbours apart, and callers before those they call',
    async run(stage) {
      const page = await stage.page('/map');
      const faults = await page.evaluate(async () => {
        const { layout } = await import('/assets/graph_layout.js');
        const found = [];
        for (let count = 0; count < 60; count += 7) {
          const edges = Array.from({ length: count * 2 }, (_, at) => ({
            from: (at * 31) % count,
            to: (at * 17 + 5) % count,
          }));
          const forward = edges.filter(({ from, to }) => from < to);
          for (const [given, most] of [
            [edges, 6],
            [forward, Infinity],
            [[], 3],
          ]) {
            const { nodes, routes, breadth, layers } = layout(count, given, most);
            nodes.forEach((one, index) => {
              const isFar = (other, at) =>
                at === index ||
                other.layer !== one.layer ||
                Math.abs(other.across - one.across) > 0.999;
              if (!nodes.every(isFar)) found.push(`${count}: ${index} is too near to another`);
              if (!(one.across >= -1e-9 && one.across <= breadth && one.layer < layers))
                found.push('outside');
            });
            given.forEach(({ from, to }, edge) => {
              const [begin, end] = [routes[edge][0], routes[edge].at(-1)];
              if (begin.layer !== nodes[from].layer || end.across !== nodes[to].across)
                found.push('off');
              if (given === forward && begin.layer >= end.layer) found.push(`${from} behind ${to}`);
            });
          }
        }
        return found;
      });
      assert.deepEqual(faults, []);
    },
  },
];
