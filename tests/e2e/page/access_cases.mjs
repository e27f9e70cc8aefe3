// The page for everybody: contrast, colours of one's own, large letters, keys, what has the focus.
import assert from 'node:assert/strict';
import { answered, call, now, segment, shop } from './documents.mjs';
import { until } from './stage.mjs';
import { open, press, selected } from './trace_page.mjs';

const ROW = '.list-canvas .row:not([hidden])';
const LIVE = 'header .live-live';

const focused = (page) => page.evaluate(() => document.activeElement.textContent);

/** Pairs of colours that stand upon each other below the contrast that WCAG's AA asks for. */
function faintColours() {
  const statuses = ['ok', 'error', 'throttle', 'fault'];
  const texts = ['text', 'muted', 'accent', 'progress', 'phase-dns', 'phase-response'];
  texts.push('ok', 'throttle', 'fault');
  const grounds = ['surface', 'background', 'raised', 'accent-soft'];
  const marks = Array.from({ length: 12 }, (_, index) => `service-${index}`);
  for (const phase of ['wait', 'dns', 'dial', 'proxy', 'tls', 'request', 'response', 'body'])
    marks.push(`phase-${phase}`);
  const style = getComputedStyle(document.documentElement);
  const light = (name) => {
    const hex = style.getPropertyValue(`--${name}`).trim();
    const [red, green, blue] = [1, 3, 5]
      .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const faint = (pairs, least) =>
    pairs
      .filter(([one, other]) => !(contrast(one, other) >= least))
      .map((pair) => pair.join(' on '));
  const upon = (names) => names.flatMap((name) => grounds.map((ground) => [name, ground]));
  return [
    ...faint([...upon(texts), ['surface', 'accent']], 4.5),
    // Darker it would be no yellow; as a text it stands on the first two only.
    ...faint(upon(['error']).slice(0, 2), 4.5),
    ...faint(upon(['error']), 3),
    ...faint(
      statuses.map((name) => ['on-status', name]),
      4.5,
    ),
    ...faint(
      marks.flatMap((name) => ['surface', 'accent-soft'].map((ground) => [name, ground])),
      3,
    ),
  ];
}

/** Labels of the map that lie upon each other or upon a circle that is not theirs. */
function labelsThatCollide() {
  const boxOf = (element) => ({ text: element.textContent, box: element.getBoundingClientRect() });
  const labels = [...document.querySelectorAll('.map-edge-label')].map(boxOf);
  const others = [...document.querySelectorAll('.map-disc, .map-label, .map-type')].map(boxOf);
  const collide = ({ box: one }, { box: other }) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 2;
  return labels.flatMap((label, at) =>
    [...labels.slice(at + 1), ...others]
      .filter((other) => collide(label, other))
      .map((other) => `${label.text} / ${other.text}`),
  );
}

export const cases = [
  {
    name: 'texts and marks have the contrast that AA asks for, in dark and in light',
    async run(stage) {
      const page = await stage.page();
      for (const theme of ['dark', 'light']) {
        await page.evaluate((name) => {
          document.documentElement.dataset.theme = name;
        }, theme);
        assert.deepEqual(await page.evaluate(faintColours), [], theme);
      }
    },
  },
  {
    name: 'colours of the system leave bars, marks and what is chosen to be seen',
    async run(stage) {
      const root = segment({ name: 'root', duration: 0.2 });
      root.subsegments = [call(root)];
      const trace = { id: root.trace_id, documents: [root] };
      const page = await open(stage, trace, { forcedColors: 'active' });
      await press(page, 'j');
      const styleOf = (selector, name) =>
        page
          .locator(selector)
          .first()
          .evaluate((element, property) => getComputedStyle(element)[property], name);
      const ground = await styleOf('.wf-row', 'backgroundColor');
      assert.notEqual(await styleOf('.wf-bar', 'backgroundColor'), ground);
      assert.equal(await styleOf('.wf-selected', 'outlineStyle'), 'solid');
      await stage.screenshot(page, 'trace-forced-colors');
    },
  },
  {
    name: 'letters of twice the size hide nothing that cannot be scrolled to',
    async run(stage) {
      await stage.send(shop(40));
      const page = await stage.page('/', { viewport: { width: 640, height: 400 } });
      await page.locator(ROW).first().waitFor();
      const reached = (selector) =>
        page
          .locator(selector)
          .first()
          .evaluate((element) => {
            element.scrollIntoView({ block: 'nearest' });
            const { top, bottom, height } = element.getBoundingClientRect();
            return height > 0 && top >= 0 && bottom <= innerHeight;
          });
      for (const selector of ['.counters', '.toolbar', '.list-head', ROW])
        assert.ok(await reached(selector), selector);
      const height = (await page.locator('.list-grid').boundingBox()).height;
      assert.ok(height >= 280, `the rows have ${height}`);
    },
  },
  {
    name: 'help closes by the key that opens it, and switches letters off',
    async run(stage) {
      const page = await stage.page();
      const help = page.getByRole('dialog', { name: 'Keys' });
      await page.getByRole('heading', { name: 'Waiting' }).waitFor();
      await press(page, '?');
      await help.getByRole('checkbox', { name: 'Letters and signs are keys' }).uncheck();
      await press(page, '?');
      assert.equal(await help.isVisible(), false);
      await press(page, 'm', '?');
      assert.equal(new URL(page.url()).pathname, '/');
      assert.equal(await help.isVisible(), false);
      await page.getByRole('button', { name: 'Keys and help' }).click();
      await help.getByRole('checkbox').check();
      await press(page, 'Escape', 'm');
      await page.waitForURL('**/map');
    },
  },
  {
    name: 'keys that move through a list scroll what is read where there is none',
    async run(stage) {
      const page = await stage.page('/', { viewport: { width: 700, height: 600 } });
      await page.locator('.snippet pre').first().focus();
      await press(page, 'PageDown');
      await until('the snippets have scrolled', () =>
        page.locator('.list-empty').evaluate((element) => element.scrollTop > 0),
      );
    },
  },
  {
    name: 'another view has the focus of the one that went, and a row is there once',
    async run(stage) {
      await stage.send(shop(200));
      const page = await stage.page();
      await page.locator(ROW).first().waitFor();
      await press(page, 'End', 'Home', 'PageDown', 'PageDown', 'PageUp');
      const ids = await page.$$eval('[id^=row-]', (rows) => rows.map(({ id }) => id));
      assert.equal(new Set(ids).size, ids.length);
      await press(page, 'Enter');
      await page.waitForURL('**/t/1-*');
      await page.locator('.wf-row').first().waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'view');
    },
  },
  {
    name: 'what has the focus keeps it, and a range goes on being drawn, while others come',
    async run(stage) {
      await stage.send(shop(60), 'no document');
      const page = await stage.page();
      await page.locator(LIVE).waitFor();
      const received = async () => (await page.locator('.counters b').first().innerText()) | 0;
      await page.getByRole('link', { name: '1 rejected' }).focus();
      const before = await received();
      await stage.send(shop(1));
      await until('the counters have gone on', async () => (await received()) > before);
      assert.equal(await focused(page), '1 rejected');

      await page.goto('/map');
      await page.getByRole('button', { name: /^storefront,/ }).press('Enter');
      const panel = page.getByRole('complementary', { name: 'Numbers' });
      const canvas = panel.locator('canvas');
      const box = await canvas.boundingBox();
      await page.mouse.move(box.x + 20, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width - 20, box.y + 40, { steps: 3 });
      const requests = await panel.locator('.facts dd').first().innerText();
      await stage.send(answered(200, { name: 'storefront', url: 'http://storefront.test/' }));
      await until(
        'the numbers have gone on',
        async () => (await panel.locator('.facts dd').first().innerText()) !== requests,
      );
      await page.mouse.up();
      await page.waitForURL(/filter=service.*responsetime/);
    },
  },
  {
    name: 'the numbers of calls stand beside each other',
    async run(stage) {
      await stage.send(shop(400, { seed: 7 }));
      const page = await stage.page('/map');
      await page.locator('.map-edge-label').first().waitFor();
      assert.deepEqual(await page.evaluate(labelsThatCollide), []);
    },
  },
  {
    name: 'a list held still for days asks again rather than keep all that came',
    async run(stage) {
      const page = await stage.page();
      await page.locator(LIVE).waitFor();
      const held = await page.evaluate(async () => {
        const { listModel } = await import('/assets/list_model.js');
        const rows = Array.from({ length: 12000 }, (_, index) => ({ id: `1-${index}` }));
        listModel.setPaused(true);
        for (let at = 0; at < rows.length; at += 500)
          listModel.change({ traces: rows.slice(at, at + 500), removed: [] });
        return [listModel.held, listModel.isBehind];
      });
      assert.deepEqual(held, [10000, true]);
    },
  },
  {
    name: 'times are those that were sent, to the last digit',
    async run(stage) {
      const page = await stage.page();
      const texts = await page.evaluate(async () => {
        const { age, clock, dateTime } = await import('/assets/format.js');
        return [
          clock(1763685600.123).slice(-4),
          clock(1763685600.123456, 6).slice(-7),
          clock(1763685599.9999999, 0) === clock(1763685600, 0),
          dateTime(1763685600.999, 3).slice(-4),
          age(1000, 700),
        ];
      });
      assert.deepEqual(texts, ['.123', '.123456', true, '.999', 'in 5 m']);
    },
  },
  {
    name: 'a trace that was forgotten while it is read says so, and can still be copied from',
    async run(stage) {
      stage.allow(/404/);
      const root = segment({ name: 'root', start_time: now() - 1 });
      const page = await open(stage, { id: root.trace_id, documents: [root] });
      await page.locator(LIVE).waitFor();
      await press(page, 'j');
      assert.equal(await selected(page), 'root');
      await fetch(`${stage.base}/api/clear`, { method: 'POST', headers: { 'X-Xtrace': '1' } });
      await page.locator('.trace-gone').waitFor();
      const said = await page
        .locator('.trace-gone')
        .evaluate((element) => getComputedStyle(element, '::after').content);
      assert.match(said, /No longer in the program's memory/);
      // As for a page that was called by another name than this machine's.
      await page.evaluate(() =>
        Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true }),
      );
      await page.getByRole('button', { name: 'Copy the trace id' }).click();
      await page.getByRole('button', { name: 'Copy the trace id' }).getByText('copied').waitFor();
    },
  },
  {
    name: 'a link with a filter that cannot be read is live, and past the header it is the same view',
    async run(stage) {
      stage.allow(/status of 400/);
      const page = await stage.page('/?filter=((');
      await page.getByRole('alert').filter({ hasText: 'column' }).waitFor();
      await page.locator(LIVE).waitFor();
      await page.goto('/strays');
      await page.getByRole('heading', { name: 'Strays' }).evaluate((heading) => {
        heading.dataset.same = 'yes';
      });
      await press(page, 'Tab', 'Enter');
      await page.waitForURL('**/strays#view');
      assert.equal(await page.locator('h1[data-same]').count(), 1);
    },
  },
  {
    name: 'a view that was opened while the program did not answer is filled when it does',
    async run(stage) {
      stage.allow(/ERR_FAILED/);
      const root = segment({ name: 'root' });
      await stage.send(root);
      const page = await stage.page('/health');
      await page.route('**/api/traces**', (route) => route.abort());
      await page.goto(`/t/${root.trace_id}`);
      await page.getByRole('heading', { name: 'The trace could not be loaded' }).waitFor();
      await page.unroute('**/api/traces**');
      await stage.send(segment({ name: 'child', trace_id: root.trace_id, parent_id: root.id }));
      await page.locator('.wf-row').first().waitFor();
    },
  },
];
