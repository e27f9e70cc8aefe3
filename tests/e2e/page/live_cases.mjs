// What changes while the page is open, and what the page looks like to whom.
import assert from 'node:assert/strict';
import { answered, now, segment, shop } from './documents.mjs';
import { seesServices, services } from './list_cases.mjs';
import { until } from './stage.mjs';

const ROW = '.list-canvas .row:not([hidden])';
const LIVE = 'header .live-live';

/** `count` traces, the last the newest; enough to scroll. */
function many(count) {
  return Array.from({ length: count }, (_, index) =>
    segment({ name: `s${index}`, start_time: now() - 100 + index * 0.1 }),
  );
}

async function topOf(page, name) {
  return page
    .locator(ROW)
    .filter({ hasText: name })
    .first()
    .evaluate((row) => row.getBoundingClientRect().top);
}

/** Seconds from sending a document to the paint of its row, with the page in front. */
export async function liveDelay(stage, page, name) {
  const seen = page.evaluate(
    (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          const isThere = [...document.querySelectorAll('.list-canvas .row:not([hidden])')].some(
            (row) => row.textContent.includes(wanted),
          );
          if (isThere) resolve(Date.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
    name,
  );
  const sent = Date.now();
  await stage.send(segment({ name }));
  return ((await seen) - sent) / 1000;
}

export const cases = [
  {
    name: 'a trace is on the open page within a second of its document',
    async run(stage) {
      const page = await stage.page();
      await page.locator(LIVE).waitFor();
      const delays = [];
      // A machine that is busy elsewhere may be late once.
      for (const name of ['early', 'again', 'third'])
        delays.push(await liveDelay(stage, page, name));
      assert.ok(Math.min(...delays) <= 1, `${delays} s`);
      await seesServices(page, ['third', 'again', 'early']);
    },
  },
  {
    name: 'a trace in progress says so, and is completed in place',
    async run(stage) {
      const whole = segment({ name: 'worker', duration: 3, url: 'http://worker.test/' });
      const { end_time: end, ...begun } = whole;
      await stage.send({ ...begun, in_progress: true });
      const page = await stage.page();
      await page.getByRole('button', { name: 'OK, in progress' }).waitFor();
      await stage.send({ ...whole, end_time: end, fault: true });
      await page.locator(ROW).getByText('3 s', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Fault (5xx)' }).waitFor();
      assert.equal(await page.locator(ROW).count(), 1);
    },
  },
  {
    name: 'what arrives joins a filtered list where it matches, and leaves it where it no longer does',
    async run(stage) {
      await stage.send(answered(503, { name: 'old' }));
      const page = await stage.page('/?filter=fault+OR+partial');
      await seesServices(page, ['old']);
      await page.locator(LIVE).waitFor();
      const whole = segment({ name: 'begun', duration: 1 });
      const { end_time: end, ...begun } = whole;
      await stage.send(
        answered(200, { name: 'fine' }),
        { ...begun, in_progress: true },
        answered(500, { name: 'broken' }),
      );
      await until(
        'all that match show',
        async () => (await services(page)).sort().join() === 'begun,broken,old',
      );
      await stage.send({ ...begun, end_time: end });
      await until(
        'what no longer matches is gone',
        async () => (await services(page)).sort().join() === 'broken,old',
      );
      await page.getByText('2 of 4 traces').waitFor();
    },
  },
  {
    name: 'a list that is held still shows nothing new until it goes on',
    async run(stage) {
      await stage.send(many(3));
      const page = await stage.page();
      await seesServices(page, ['s2', 's1', 's0']);
      await page.locator(LIVE).waitFor();
      await page.keyboard.press('p');
      await stage.send(segment({ name: 'new' }), segment({ name: 'newer', start_time: now() + 1 }));
      await page.getByRole('button', { name: 'Resume, 2 new' }).waitFor();
      await seesServices(page, ['s2', 's1', 's0']);
      await page.getByRole('button', { name: 'Resume, 2 new' }).click();
      await seesServices(page, ['newer', 'new', 's2', 's1', 's0']);
    },
  },
  {
    name: 'rows in sight of a scrolled list stay where they are when others come above them',
    async run(stage) {
      await stage.send(many(120));
      const page = await stage.page();
      await page.getByText('120 traces').waitFor();
      await page.locator(LIVE).waitFor();
      await page.locator('.list-scroller').evaluate((scroller) => {
        scroller.scrollTop = 1203;
      });
      await page.locator(ROW).filter({ hasText: 's75' }).waitFor();
      const before = await topOf(page, 's75');
      await stage.send(Array.from({ length: 7 }, () => segment({ name: 'above' })));
      await page.getByText('127 traces').waitFor();
      assert.equal(await topOf(page, 's75'), before);
    },
  },
  {
    name: 'a pinned trace stays on top, in every order and behind every filter',
    async run(stage) {
      await stage.send(many(3));
      const page = await stage.page();
      await seesServices(page, ['s2', 's1', 's0']);
      await page.keyboard.press('End');
      await page.keyboard.press('i');
      await seesServices(page, ['s0', 's2', 's1']);
      await page.goto('/?filter=service("s1")');
      await seesServices(page, ['s0', 's1']);
    },
  },
  {
    name: 'clearing forgets the traces here and in the program, once Enter says so',
    async run(stage) {
      await stage.send(many(3));
      const page = await stage.page();
      await page.locator(ROW).first().waitFor();
      // What somebody types who takes the page for a field.
      await page.keyboard.type('account');
      assert.equal((await stage.stats()).traces, 3);
      await page.getByRole('button', { name: 'Clear' }).waitFor();
      await page.keyboard.press('c');
      await page.getByRole('button', { name: 'Forget all?' }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
      assert.equal((await stage.stats()).traces, 0);
    },
  },
  {
    name: 'the page says when the program is gone, and shows what another one has',
    async run(stage) {
      stage.allow(
        /ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)/,
      );
      await stage.send(segment({ name: 'before' }));
      const page = await stage.page();
      await seesServices(page, ['before']);
      await page.locator(LIVE).waitFor();
      await stage.stop();
      await page.getByRole('status').filter({ hasText: 'reconnecting' }).waitFor();
      await stage.start();
      await page.locator(LIVE).waitFor();
      await stage.send(segment({ name: 'after' }));
      await seesServices(page, ['after']);
    },
  },
  {
    name: 'a page that nobody sees holds no connection, and catches up when it is seen again',
    async run(stage) {
      const page = await stage.page();
      await page.locator(LIVE).waitFor();
      const turn = (visibility) =>
        page.evaluate((state) => {
          Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }, visibility);
      const isCut = page.waitForEvent('requestfailed', (request) =>
        request.url().includes('/api/events'),
      );
      await turn('hidden');
      await isCut;
      await stage.send(segment({ name: 'meanwhile' }));
      await turn('visible');
      await seesServices(page, ['meanwhile']);
    },
  },
  {
    name: 'strays are shown with what is wrong with them, as they come',
    async run(stage) {
      const page = await stage.page('/strays');
      await page.getByRole('heading', { name: 'Strays' }).waitFor();
      await page.locator(LIVE).waitFor();
      await stage.send('{"name":"lost", nonsense');
      await page.getByText('{"name":"lost", nonsense').waitFor();
      await page.getByRole('link', { name: 'Traces', exact: true }).click();
      await page.getByRole('link', { name: /rejected/ }).waitFor();
    },
  },
  {
    name: 'colours follow the system until one is chosen, which is remembered',
    async run(stage) {
      await stage.send(shop(60));
      const page = await stage.page();
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await page.locator(ROW).first().waitFor();
      const dark = await background();
      await stage.screenshot(page, 'list-dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await until('it is light', async () => (await background()) !== dark);
      const light = await background();
      await stage.screenshot(page, 'list-light');
      await page.keyboard.press('t');
      assert.equal(await background(), dark);
      await page.reload();
      assert.equal(await background(), dark);
      await page.getByRole('button', { name: 'Use light colours' }).click();
      assert.equal(await background(), light);
    },
  },
  {
    name: 'a window of 400 pixels needs no scrolling sideways and hides nothing that is needed',
    async run(stage) {
      await stage.send(shop(60));
      const page = await stage.page('/', { viewport: { width: 400, height: 800 } });
      await page.locator(ROW).first().waitFor();
      for (const name of ['Pause', 'Clear', 'Keys and help'])
        assert.ok(await page.getByRole('button', { name }).isVisible(), name);
      const fits = () =>
        page.evaluate(() => {
          const wide = [...document.querySelectorAll('body *')].filter((element) => {
            const box = element.getBoundingClientRect();
            return (
              box.width > 0 &&
              box.right > innerWidth + 1 &&
              !element.closest('.unseen, pre, .list-canvas')
            );
          });
          return document.documentElement.scrollWidth <= innerWidth
            ? wide.map((element) => element.className).join()
            : 'the page';
        });
      assert.equal(await fits(), '');
      await stage.screenshot(page, 'list-narrow');
      await page
        .locator(ROW)
        .first()
        .click({ position: { x: 200, y: 8 } });
      await page.waitForURL('**/t/1-*');
      await page.goBack();
      await page.locator(ROW).first().waitFor();
    },
  },
  {
    name: 'help names the keys, and Escape closes it',
    async run(stage) {
      const page = await stage.page();
      await page.getByRole('heading', { name: 'Waiting' }).waitFor();
      await page.keyboard.press('?');
      const help = page.getByRole('dialog', { name: 'Keys' });
      await help.getByText('Mark for comparison').waitFor();
      await page.keyboard.press('Escape');
      await help.waitFor({ state: 'hidden' });
      assert.equal(new URL(page.url()).pathname, '/');
    },
  },
];
