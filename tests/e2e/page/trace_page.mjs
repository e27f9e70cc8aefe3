// How the cases read and use the page of a trace.

export const ROW = '.wf-row:not([hidden])';
export const SELECTED = `${ROW}[aria-selected=true]`;

/** What the rows say, from the top: the name, and what stands behind it. */
export async function rows(page) {
  return page.$$eval(ROW, (elements) =>
    elements
      .map((row) => ({
        top: new DOMMatrix(getComputedStyle(row).transform).f,
        text: [...row.querySelectorAll('.wf-title, .wf-extra, .wf-heading .cut')]
          .map((part) => part.textContent)
          .filter(Boolean)
          .join(' '),
      }))
      .sort((one, other) => one.top - other.top)
      .map(({ text }) => text),
  );
}

export async function names(page) {
  return (await rows(page)).map((text) => text.split(' ')[0]);
}

export async function open(stage, trace, { hash = '', ...options } = {}) {
  await stage.send(trace.documents);
  const page = await stage.page(`/t/${trace.id}${hash}`, options);
  await page.locator(ROW).first().waitFor();
  return page;
}

export const rowOf = (page, name) =>
  page
    .locator(ROW, { has: page.locator('.wf-title', { hasText: new RegExp(`^${name}$`) }) })
    .first();
export const barOf = (page, name) => rowOf(page, name).locator('.wf-bar');
export const selected = (page) => page.locator(`${SELECTED} .wf-title`).innerText();

export async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}
