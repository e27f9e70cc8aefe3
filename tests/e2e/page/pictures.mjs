// The documents' pictures (tools/make_screenshots): the same shop in dark and in light.
import path from 'node:path';
import { shop } from './documents.mjs';

const SIZE = { width: 1280, height: 800 };

export async function takePictures(stage, folder) {
  const documents = shop(400, { seed: 7 });
  await stage.send(documents);
  const failed = ({ name, fault }) => fault && name === 'checkout';
  const slowest = documents.filter(failed).at(-1);
  for (const colorScheme of ['dark', 'light']) {
    const page = await stage.page('/', { viewport: SIZE, colorScheme, reducedMotion: 'reduce' });
    await page.locator('.list-canvas .row').first().waitFor();
    await page.locator('header .live-live').waitFor();
    await shoot(page, folder, `listen-list-${colorScheme}`);
    await page.goto(`/t/${slowest.trace_id}`);
    await page.locator('#view').getByText('checkout').first().waitFor();
    await shoot(page, folder, `listen-trace-${colorScheme}`);
    await page.goto('/map');
    await page.locator('#view svg').first().waitFor();
    await shoot(page, folder, `listen-map-${colorScheme}`);
  }
}

async function shoot(page, folder, name) {
  // Two frames: one that draws, one that has drawn.
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      }),
  );
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  console.log(`${name}.png`);
}
