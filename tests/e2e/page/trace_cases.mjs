// The waterfall of a trace: what it draws, and how one moves in it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import { large, order, recorded, troubled } from './trace_documents.mjs';
import { barOf, names, open, press, ROW, rowOf, rows, SELECTED, selected } from './trace_page.mjs';
import { until } from './stage.mjs';

// The program itself, against a server that is there for this one request.
async function fetchOnce(stage, documents) {
  const server = http.createServer((_, answer) => answer.end('hello')).listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  const { program, environment, udp } = stage.settings;
  const child = spawn(
    program,
    ['get', `http://127.0.0.1:${server.address().port}/hello`, '--emit', `udp://127.0.0.1:${udp}`],
    { env: environment, stdio: 'ignore' },
  );
  assert.equal(
    await new Promise((resolve) => {
      child.on('exit', resolve);
    }),
    0,
  );
  server.close();
  stage.received += documents;
  await until('its segment came', async () => (await stage.stats()).received >= stage.received);
}

export const cases = [
  {
    name: 'a trace that an SDK sent is drawn with what it called',
    async run(stage) {
      for (const sdk of ['node', 'python', 'go']) {
        const page = await open(stage, recorded(sdk));
        assert.deepEqual(await rows(page), [`bench-${sdk}`, 'api.example.com GET 200']);
        assert.match(
          await page.title(),
          new RegExp(`^bench-${sdk} → GET https://api.example.com/`),
        );
        assert.ok(
          await barOf(page, 'api.example.com').evaluate(
            (bar) =>
              bar.classList.contains('wf-inferred') && bar.getBoundingClientRect().width >= 2,
          ),
        );
      }
    },
  },
  {
    name: "the program's own requests show their phases in hues that no status has",
    async run(stage) {
      await fetchOnce(stage, 1);
      const page = await stage.page();
      await page.locator('.list-canvas .row').first().waitFor();
      await press(page, 'j', 'Enter');
      await page.waitForURL('**/t/1-*');
      await page.locator(ROW).first().waitFor();
      const seen = await names(page);
      for (const phase of ['connect', 'dial', 'request', 'response', 'body'])
        assert.ok(seen.includes(phase), `${phase} in ${seen}`);
      const colours = await page.evaluate((selector) => {
        const shown = (property) => {
          const probe = document.body.appendChild(document.createElement('i'));
          probe.style.color = `var(${property})`;
          const value = getComputedStyle(probe).color;
          probe.remove();
          return value;
        };
        const bars = [...document.querySelectorAll(`${selector} .wf-bar.wf-phase`)].map(
          (bar) => getComputedStyle(bar).backgroundColor,
        );
        return {
          bars,
          statuses: ['--ok', '--error', '--throttle', '--fault'].map(shown),
          response: shown('--phase-response'),
        };
      }, ROW);
      assert.ok(colours.bars.includes(colours.response));
      assert.ok(
        new Set(colours.bars).size >= 4 &&
          !colours.bars.some((bar) => colours.statuses.includes(bar)),
        JSON.stringify(colours),
      );
      await stage.screenshot(page, 'trace-get');
    },
  },
  {
    name: 'rows stand under their parents, and fold and unfold by key and by pointer',
    async run(stage) {
      const page = await open(stage, order());
      const all = [
        'checkout',
        'validate',
        'pay.test',
        'Attempt:0',
        'connect',
        'dns',
        'dial',
        'tls',
        'request',
        'response',
        'body',
        'backoff',
        'Attempt:1',
      ];
      assert.deepEqual((await names(page)).slice(0, all.length), all);
      assert.equal(await rowOf(page, 'tls').getAttribute('aria-level'), '5');
      await press(page, 'j', 'j', 'j', 'h');
      assert.deepEqual(await rows(page), [
        'checkout POST 500',
        'validate',
        'pay.test +18',
        'DynamoDB PutItem',
      ]);
      assert.equal(await rowOf(page, 'pay.test').getAttribute('aria-expanded'), 'false');
      await press(page, 'h');
      assert.equal(await selected(page), 'checkout');
      await rowOf(page, 'pay.test').locator('.wf-fold').click();
      assert.deepEqual((await names(page)).slice(0, all.length), all);
      await press(page, 'H');
      assert.deepEqual(await names(page), ['checkout', 'validate', 'pay.test', 'DynamoDB']);
      await press(page, 'L', 'End');
      assert.equal(await selected(page), 'DynamoDB');
      await stage.screenshot(page, 'trace-dark');
    },
  },
  {
    name: 'failures are gone through one after the other, and lead to what is folded',
    async run(stage) {
      const page = await open(stage, order());
      await press(page, 'H');
      const gone = [];
      for (let count = 0; count < 5; count += 1) {
        await press(page, ']');
        gone.push(await selected(page));
      }
      assert.deepEqual(gone, ['checkout', 'pay.test', 'Attempt:0', 'Attempt:1', 'pay']);
      await press(page, '[');
      assert.equal(await selected(page), 'Attempt:1');
      assert.ok(
        await rowOf(page, 'Attempt:1').getByRole('img', { name: 'Fault (5xx)' }).isVisible(),
      );
    },
  },
  {
    name: 'the time zooms by key and by drag, and comes back whole',
    async run(stage) {
      const page = await open(stage, order());
      const width = async () => (await barOf(page, 'validate').boundingBox()).width;
      const whole = await width();
      const ruler = await page.locator('.wf-ruler').boundingBox();
      await page.mouse.move(ruler.x + 6, ruler.y + 10);
      await page.mouse.down();
      await page.mouse.move(ruler.x + ruler.width / 2, ruler.y + 12, { steps: 4 });
      await page.mouse.up();
      await until('it is twice as wide', async () => Math.abs((await width()) / whole - 2) < 0.2);
      await press(page, '0');
      await until('it is whole again', async () => Math.abs((await width()) - whole) < 1);
      await press(page, '+', '+', '<', '<', '<', '<');
      await until('it is larger', async () => (await width()) > whole * 2);
      await page.getByRole('button', { name: 'The whole time' }).click();
      await until('all is in sight', async () => Math.abs((await width()) - whole) < 1);
    },
  },
  {
    name: 'what is missing, late, refused or of another clock is marked, and nothing is moved',
    async run(stage) {
      const trace = troubled();
      const page = await open(stage, trace, { colorScheme: 'light' });
      assert.deepEqual((await rows(page)).slice(-2), [
        'Waiting for a parent that has not come',
        'lost',
      ]);
      for (const text of [
        'in progress',
        '1 waiting for a parent',
        'X-Ray would refuse 1 document of this trace',
      ])
        await page.getByText(text, { exact: true }).waitFor();
      assert.ok(
        await barOf(page, 'working').evaluate((bar) => bar.classList.contains('wf-progress')),
      );
      await page.getByRole('img', { name: /The clocks differ by 50 ms/ }).waitFor();
      const left = async (bar) => (await bar.boundingBox()).x;
      assert.ok(
        (await left(barOf(page, 'late'))) >
          (await left(page.locator(`${ROW} .wf-segment.wf-bar`).nth(1))),
        'the callee begins first',
      );
      await rowOf(page, 'late').locator('.wf-title').click();
      await press(page, 'j', 'j');
      await page
        .getByRole('tabpanel')
        .getByText('X-Ray would refuse the document this came with')
        .waitFor();
      await stage.screenshot(page, 'trace-troubled');
    },
  },
  {
    name: 'a trace that goes on is drawn on, with its selection, its folds and its zoom',
    async run(stage) {
      const trace = troubled();
      const page = await open(stage, trace);
      await page.locator('header .live-live').waitFor();
      await rowOf(page, 'late').click();
      await press(page, 'h', '+', 'k', '4');
      const panel = page.getByRole('tabpanel');
      await panel.locator('summary', { hasText: 'further' }).click();
      const before = await page.locator('.tick').allInnerTexts();
      trace.working.end_time = trace.working.start_time + 0.2;
      delete trace.working.in_progress;
      trace.root.name = 'renamed';
      await stage.send(trace.root);
      await rowOf(page, 'renamed').waitFor();
      assert.ok(
        await barOf(page, 'working').evaluate((bar) => !bar.classList.contains('wf-progress')),
      );
      assert.equal(await selected(page), 'renamed');
      await page.getByRole('heading', { name: 'renamed', level: 2 }).waitFor();
      assert.ok(await panel.getByText('furthest').isVisible());
      assert.equal(await rowOf(page, 'late').getAttribute('aria-expanded'), 'false');
      assert.deepEqual(await page.locator('.tick').allInnerTexts(), before);
    },
  },
  {
    name: 'two thousand segments are there at once, and scroll with a few rows of elements',
    async run(stage) {
      const trace = large(2000);
      const page = await open(stage, trace);
      await page.getByText('2,000', { exact: true }).waitFor();
      assert.ok((await page.locator('.wf-row').count()) < 80);
      const drawn = await page.evaluate(
        () =>
          performance.getEntriesByName('xtrace.trace').at(-1).startTime -
          performance
            .getEntriesByType('resource')
            .filter(({ name }) => name.includes('/api/traces/'))
            .at(-1).responseEnd,
      );
      assert.ok(drawn < 1000, `${drawn} ms`);
      await press(page, 'End');
      assert.equal(await selected(page), trace.last.name);
      await press(page, ']', ']');
      assert.match(await page.locator(SELECTED).innerText(), /step-/);
      assert.ok(await page.locator('.minimap').isVisible());
      await stage.screenshot(page, 'trace-large');
    },
  },
];
