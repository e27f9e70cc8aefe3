// The list: what it shows, how it is filtered and walked through.
import assert from 'node:assert/strict';
import { answered, call, newTraceId, now, segment, shop } from './documents.mjs';
import { until } from './stage.mjs';

const ROW = '.list-canvas .row:not([hidden])';

/** The names of the entry services, from the top. */
export async function services(page) {
  return page.$$eval(ROW, (rows) =>
    rows
      .map((row) => ({
        top: new DOMMatrix(getComputedStyle(row).transform).f,
        name: row.querySelector('.cell-service .term').textContent,
      }))
      .sort((left, right) => left.top - right.top)
      .map(({ name }) => name),
  );
}

export async function seesServices(page, names) {
  let seen = [];
  await until(`the list is ${names}`, async () => {
    seen = await services(page);
    return JSON.stringify(seen) === JSON.stringify(names);
  }).catch((error) => {
    throw new Error(`${error.message} It is ${seen}.`);
  });
}

function three() {
  return [
    answered(200, { name: 'one', duration: 0.3, start_time: now() - 30 }),
    answered(404, { name: 'two', duration: 0.1, start_time: now() - 20 }),
    answered(503, { name: 'three', duration: 0.2, start_time: now() - 10 }),
  ];
}

async function setFilter(page, text) {
  await page.keyboard.press('/');
  await page.fill('#filter', text);
  await page.keyboard.press('Enter');
}

export const cases = [
  {
    name: 'an empty list teaches how to send a first trace, and goes when there is one',
    async run(stage) {
      const page = await stage.page();
      await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
      await page.getByText('export AWS_XRAY_DAEMON_ADDRESS=').waitFor();
      await stage.screenshot(page, 'empty');
      await stage.send(segment({ name: 'first' }));
      await seesServices(page, ['first']);
      assert.equal(await page.locator('.welcome').isVisible(), false);
    },
  },
  {
    name: 'a row says what the trace is, in words, letters and colours',
    async run(stage) {
      await stage.send(
        answered(503, {
          name: 'checkout',
          method: 'POST',
          url: 'http://shop.test:8080/orders?id=1',
          duration: 0.612,
        }),
      );
      const page = await stage.page();
      const row = page.locator(ROW);
      await row.waitFor();
      const text = await row.innerText();
      for (const part of [
        '612 ms',
        'F',
        '503',
        'checkout',
        'POST',
        'http://shop.test:8080',
        '/orders?id=1',
      ])
        assert.ok(text.includes(part), `${part} in ${text}`);
      assert.equal(await row.getByRole('button', { name: 'Fault (5xx)' }).count(), 1);
    },
  },
  {
    name: "a filter is the program's to read, stays in the address, and Back undoes it",
    async run(stage) {
      await stage.send(three());
      const page = await stage.page();
      await seesServices(page, ['three', 'two', 'one']);
      await setFilter(page, 'http.status >= 400 AND responsetime < 0.15');
      await seesServices(page, ['two']);
      await page.getByText('1 of 3 traces').waitFor();
      assert.equal(
        new URL(page.url()).searchParams.get('filter'),
        'http.status >= 400 AND responsetime < 0.15',
      );
      await page.reload();
      await seesServices(page, ['two']);
      await page.goBack();
      await seesServices(page, ['three', 'two', 'one']);
    },
  },
  {
    name: 'a filter that cannot be read is told with its column, and the rows stay',
    async run(stage) {
      stage.allow(/status of 400/);
      await stage.send(three());
      const page = await stage.page();
      await seesServices(page, ['three', 'two', 'one']);
      await setFilter(page, 'responsetime > > 5');
      const problem = page.getByRole('alert');
      await problem.filter({ hasText: 'column 16' }).waitFor();
      const [line, mark] = (await page.locator('.filter-place').textContent()).split('\n');
      assert.equal(line, 'responsetime > > 5');
      assert.equal(mark.indexOf('^'), 15);
      assert.equal((await services(page)).length, 3);
      await stage.screenshot(page, 'filter-error');
      await page.keyboard.press('e');
      await seesServices(page, ['three', 'two']);
      assert.equal(await problem.isVisible(), false);
    },
  },
  {
    name: 'what is clicked in a row joins the filter',
    async run(stage) {
      await stage.send(three(), answered(503, { name: 'two', method: 'POST' }));
      const page = await stage.page();
      await page.locator(ROW).nth(3).waitFor();
      await page.locator(ROW).getByRole('button', { name: 'Service two' }).first().click();
      await seesServices(page, ['two', 'two']);
      await page.locator(ROW).getByRole('button', { name: 'Status 503' }).click();
      await seesServices(page, ['two']);
      assert.equal(await page.inputValue('#filter'), 'service("two") AND http.status = 503');
      await page.getByRole('button', { name: 'Remove the filter' }).click();
      await page.getByText('4 traces', { exact: true }).waitFor();
      await page.keyboard.press('/');
      // What was used before is offered again.
      await page.getByRole('option', { name: 'service("two") AND http.status = 503' }).waitFor();
    },
  },
  {
    name: 'the list is sorted by its heads and by a key',
    async run(stage) {
      await stage.send(three());
      const page = await stage.page();
      await seesServices(page, ['three', 'two', 'one']);
      await page.getByRole('columnheader', { name: 'Duration' }).getByRole('button').click();
      await seesServices(page, ['one', 'three', 'two']);
      await page.getByRole('columnheader', { name: 'Duration' }).getByRole('button').click();
      await seesServices(page, ['two', 'three', 'one']);
      await page.keyboard.press('s');
      await seesServices(page, ['three', 'two', 'one']);
      await page
        .getByRole('columnheader', { name: 'Age' })
        .and(page.locator('[aria-sort=descending]'))
        .waitFor();
      await page.keyboard.press('s');
      await page
        .getByRole('columnheader', { name: 'Status' })
        .and(page.locator('[aria-sort=descending]'))
        .waitFor();
      await seesServices(page, ['three', 'two', 'one']);
    },
  },
  {
    name: 'the keyboard opens a trace, and Back finds the row again',
    async run(stage) {
      await stage.send(three());
      const page = await stage.page();
      await seesServices(page, ['three', 'two', 'one']);
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('k');
      const selected = page.locator(`${ROW}[aria-selected=true]`);
      assert.match(await selected.innerText(), /two/);
      await page.keyboard.press('Enter');
      await page.waitForURL('**/t/1-*');
      await page.locator('#view').getByText('two').first().waitFor();
      await page.goBack();
      assert.match(await selected.innerText(), /two/);
    },
  },
  {
    name: 'two traces are marked with the keyboard and compared',
    async run(stage) {
      const documents = three();
      await stage.send(documents);
      const page = await stage.page();
      await seesServices(page, ['three', 'two', 'one']);
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.getByText('one more to compare').waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.getByRole('link', { name: 'Compare' }).waitFor();
      await page.keyboard.press('d');
      await page.waitForURL(`**/compare/${documents[2].trace_id}/${documents[1].trace_id}`);
      await page.locator('#view').getByText('three').first().waitFor();
    },
  },
  {
    name: 'a drag over the scatter filters by response time',
    async run(stage) {
      await stage.send(three());
      const page = await stage.page();
      await seesServices(page, ['three', 'two', 'one']);
      const box = await page.locator('.chart-scatter canvas').boundingBox();
      // The longest is alone in the upper part of the scale.
      await page.mouse.move(box.x + box.width / 2, box.y + 1);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.3, { steps: 4 });
      await page.mouse.up();
      await page.waitForURL(/filter=responsetime/);
      assert.match(
        await page.inputValue('#filter'),
        /^responsetime >= 0\.[23]\d* AND responsetime <= 0\.\d+$/,
      );
      await seesServices(page, ['one']);
    },
  },
  {
    name: 'hostile names are text wherever they are shown',
    async run(stage) {
      const markup = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
      const trace = newTraceId();
      const root = segment({
        trace_id: trace,
        name: markup,
        url: `javascript:window.hit=1//${markup}`,
        user: markup,
        fault: true,
        annotations: { [markup]: markup, key: markup },
        metadata: { [markup]: { [markup]: [markup] } },
        origin: markup,
        cause: {
          exceptions: [
            {
              id: 'aaaaaaaaaaaaaaaa',
              type: markup,
              message: markup,
              stack: [{ path: markup, line: 1, label: markup }],
            },
          ],
        },
      });
      root.subsegments = [
        call(root, {
          name: `"'&lt;${markup}`,
          http: { request: { method: markup, url: markup }, response: { status: 200 } },
        }),
      ];
      await stage.send(root, `{"name":"${'<b>'.repeat(20)}`);
      const page = await stage.page();
      await page.locator(ROW).waitFor();
      assert.equal(await page.locator(`${ROW} a`).innerText(), root.http.request.url);
      for (const address of [
        '/',
        `/t/${trace}`,
        '/map',
        '/strays',
        `/compare/${trace}/${trace}`,
        `/?filter=${encodeURIComponent(`service("${markup.replaceAll('"', '\\"')}")`)}`,
      ]) {
        await page.goto(address);
        await page.locator('#view').getByText('<').first().waitFor({ state: 'attached' });
        assert.equal(await page.evaluate(() => window.hit), undefined, address);
        assert.equal(
          await page
            .locator(
              '#view img, #view script, #view b:not(.counters b), #view a[href^="javascript:"]',
            )
            .count(),
          0,
          address,
        );
      }
    },
  },
  {
    name: 'of thousands of traces only the rows in sight exist, and the last can be reached',
    async run(stage) {
      await stage.send(shop(1200).filter((document) => !document.parent_id));
      const page = await stage.page();
      await page.getByText('1,200 traces').waitFor();
      assert.ok((await page.locator(ROW).count()) < 60);
      await page.keyboard.press('End');
      await until('the last row shows', async () =>
        page.locator(`${ROW}[aria-rowindex="1201"]`).isVisible(),
      );
      assert.ok((await page.locator(ROW).count()) < 60);
      await stage.screenshot(page, 'many');
    },
  },
];
