// What is told of a trace and its nodes, and the ways that lead to it and out of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { hostile, order } from './trace_documents.mjs';
import { open, press, rowOf, selected } from './trace_page.mjs';

const tab = (page, name) => page.getByRole('tab', { name });

export const cases = [
  {
    name: 'the tabs of the details tell all that is known of a node',
    async run(stage) {
      const trace = order();
      const page = await open(stage, trace);
      await rowOf(page, 'checkout').click();
      const panel = page.getByRole('tabpanel');
      for (const text of ['ada', 'http://shop.test/orders', 'Fault (5xx)'])
        await panel.getByText(text).first().waitFor();
      await press(page, '2');
      await panel.getByText('after the trace').first().waitFor();
      assert.match(await panel.innerText(), /Took\s+600 ms/);
      assert.match(
        await panel.innerText(),
        /UNEXPLAINED\s+76 ms from 24 ms on, between validate and pay.test/i,
      );
      await tab(page, /Metadata/).click();
      assert.equal(await panel.getByText('"found"').count(), 0);
      await panel.locator('summary', { hasText: /^0/ }).click();
      await panel.locator('summary', { hasText: 'deep' }).first().click();
      await panel.locator('summary', { hasText: 'deeper' }).click();
      await panel.getByText('"found"').waitFor();
      await press(page, '5');
      for (const text of [
        'CardDeclined',
        'the card was declined',
        '/srv/pay.js:42',
        'and 12 more, which were left out',
      ])
        await panel.getByText(text).waitFor();
      await press(page, '6');
      const raw = await panel.locator('.raw').innerText();
      assert.deepEqual(JSON.parse(raw), JSON.parse(JSON.stringify(trace.root)));
      await rowOf(page, 'pay.test').click();
      await press(page, '1');
      await panel.getByText('subsegment: a call').waitFor();
      await rowOf(page, 'Attempt:1').click();
      await press(page, '2');
      const phases = panel.locator('section', { hasText: 'Phases' });
      assert.deepEqual(await phases.locator('tbody button').allInnerTexts(), [
        'connect',
        'dns',
        'dial',
        'tls',
        'request',
        'response',
        'body',
      ]);
      assert.match(
        await phases.locator('tr', { hasText: 'response' }).innerText(),
        /84 ms\s+100 ms\s+184 ms/,
      );
      await stage.screenshot(page, 'trace-timing');
    },
  },
  {
    name: 'an annotation leads to the traces that have the same',
    async run(stage) {
      const trace = order();
      await stage.send(
        order().documents.map((document) => ({ ...document, annotations: { region: 'us' } })),
      );
      const page = await open(stage, trace);
      await rowOf(page, 'checkout').click();
      await tab(page, /Annotations/).click();
      await page
        .getByRole('tabpanel')
        .getByRole('link', { name: /region/ })
        .click();
      await page.getByText('1 of 2 traces').waitFor();
      assert.equal(
        new URL(page.url()).searchParams.get('filter'),
        'annotation.region = "eu \\"west\\""',
      );
    },
  },
  {
    name: 'a link leads to a node, Escape closes its details and goes back',
    async run(stage) {
      const trace = order();
      const page = await open(stage, trace, { hash: `#${trace.paying.id}` });
      assert.equal(await selected(page), 'pay.test');
      await page.getByRole('heading', { name: 'pay.test' }).waitFor();
      await press(page, 'j');
      assert.equal(new URL(page.url()).hash, `#${trace.paying.subsegments[0].id}`);
      await press(page, 'Escape');
      assert.equal(await page.locator('.details').isVisible(), false);
      await press(page, 'Escape');
      await page.waitForURL((url) => url.pathname === '/');
    },
  },
  {
    name: 'what is searched for in a trace is marked, and gone through',
    async run(stage) {
      const page = await open(stage, order());
      await press(page, 'H', '/');
      await page.keyboard.type('charge 503');
      await page.getByText('1 found').waitFor();
      await press(page, 'Enter');
      assert.equal(await selected(page), 'pay.test');
      await page.fill('input[type=search]', 'tls');
      await page.getByText('2 found').waitFor();
      await press(page, 'Enter', 'Enter', 'Escape', 'N');
      assert.deepEqual([await selected(page), await page.locator('.wf-found').count()], ['tls', 2]);
    },
  },
  {
    name: 'markup in a trace is text wherever it stands',
    async run(stage) {
      const page = await open(stage, hostile());
      await press(page, 'M', 'j');
      await page.locator('.trace-map .map-node').first().waitFor();
      for (const key of '123456') {
        await press(page, key);
        assert.equal(await page.locator('#view img, #view script, #view iframe').count(), 0);
      }
      await page.goto('/map');
      await page.locator('.map-node').first().waitFor();
      await press(page, 'j', 'v');
      assert.equal(await page.evaluate(() => window.harmed), undefined);
      assert.equal(await page.locator('#view img, #view script, [href^=javascript]').count(), 0);
    },
  },
  {
    name: 'a trace is downloaded as the documents it is made of',
    async run(stage) {
      const trace = order();
      const page = await open(stage, trace);
      await page.locator('summary', { hasText: 'Download' }).click();
      const waiting = page.waitForEvent('download');
      await page.getByRole('link', { name: 'X-Ray JSON' }).click();
      const download = await waiting;
      const [found] = JSON.parse(fs.readFileSync(await download.path(), 'utf8')).Traces;
      assert.equal(found.Id, trace.id);
      assert.deepEqual(
        found.Segments.map(({ Id }) => Id).sort(),
        trace.documents.map(({ id }) => id).sort(),
      );
    },
  },
  {
    name: 'Escape and a click elsewhere close the menu of downloads, and leave the trace shown',
    async run(stage) {
      const trace = order();
      const page = await open(stage, trace);
      const menu = page.locator('summary', { hasText: 'Download' });
      const link = page.getByRole('link', { name: 'OTLP JSON' });
      await menu.click();
      await link.waitFor();
      await page.keyboard.press('Escape');
      await link.waitFor({ state: 'hidden' });
      await menu.click();
      await link.waitFor();
      await page.locator('.trace-title h1').click();
      await link.waitFor({ state: 'hidden' });
      assert.equal(new URL(page.url()).pathname, `/t/${trace.id}`);
    },
  },
  {
    name: 'a trace that is not there says so, and is shown when it comes',
    async run(stage) {
      stage.allow(/404/);
      const trace = order();
      const page = await stage.page(`/t/${trace.id}`);
      await page.getByRole('heading', { name: 'This trace is not here' }).waitFor();
      await page.locator('header .live-live').waitFor();
      await stage.send(trace.documents);
      await rowOf(page, 'checkout').waitFor();
    },
  },
];
