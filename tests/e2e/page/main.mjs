// Runs the cases that page.py asks for, or takes figures, or makes pictures.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';
import { takePictures } from './pictures.mjs';
import { Stage } from './stage.mjs';

const settings = JSON.parse(fs.readFileSync(0, 'utf8'));

/** The cases of every file beside this one that is called so. */
async function loadCases() {
  const files = fs
    .readdirSync(fileURLToPath(new URL('.', import.meta.url)))
    .filter((name) => name.endsWith('_cases.mjs'))
    .sort();
  const modules = await Promise.all(files.map((name) => import(`./${name}`)));
  return modules.flatMap((module) => module.cases);
}

async function runCases(stage) {
  const cases = await loadCases();
  const wanted = cases.filter(
    ({ name }) =>
      settings.patterns.length === 0 || settings.patterns.some((pattern) => name.includes(pattern)),
  );
  let failed = 0;
  for (const { name, run } of wanted) {
    const began = performance.now();
    const problems = [];
    try {
      await run(stage);
    } catch (error) {
      problems.push(error.stack);
      await shootAll(stage, name);
    }
    problems.push(...(await stage.reset()));
    failed += problems.length > 0 ? 1 : 0;
    console.log(
      problems.length > 0 ? 'FAILED' : 'ok    ',
      name,
      `(${Math.round(performance.now() - began)} ms)`,
    );
    for (const problem of problems) console.log(`       ${problem}`);
  }
  console.log(`${wanted.length - failed} passed, ${failed} failed`);
  return failed === 0 && wanted.length > 0;
}

async function shootAll(stage, name) {
  for (const page of stage.contexts.flatMap((context) => context.pages())) {
    await stage
      .screenshot(page, `failed-${name.replace(/\W+/g, '-').slice(0, 60)}`)
      .catch(() => {});
  }
}

const stage = await Stage.open(settings);
let isWell = true;
try {
  if (settings.measure) await measure(stage);
  else if (settings.pictures) await takePictures(stage, settings.pictures);
  else isWell = await runCases(stage);
} finally {
  await stage.close();
}
process.exitCode = isWell ? 0 : 1;
