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

/** Each stage takes the next case that nobody has taken. */
async function runCases(stages) {
  const cases = await loadCases();
  const wanted = cases.filter(
    ({ name }) =>
      settings.patterns.length === 0 || settings.patterns.some((pattern) => name.includes(pattern)),
  );
  const waiting = [...wanted];
  let failed = 0;
  const work = async (stage) => {
    while (waiting.length > 0) if (!(await runCase(stage, waiting.shift()))) failed += 1;
  };
  await Promise.all(stages.map(work));
  console.log(`${wanted.length - failed} passed, ${failed} failed`);
  return failed === 0 && wanted.length > 0;
}

async function runCase(stage, { name, run }) {
  const began = performance.now();
  const problems = [];
  try {
    await run(stage);
  } catch (error) {
    problems.push(error.stack);
    await shootAll(stage, name);
  }
  problems.push(...(await stage.reset()));
  const took = `(${Math.round(performance.now() - began)} ms)`;
  const lines = [`${problems.length > 0 ? 'FAILED' : 'ok    '} ${name} ${took}`, ...problems];
  console.log(lines.join('\n       '));
  return problems.length === 0;
}

async function shootAll(stage, name) {
  for (const page of stage.contexts.flatMap((context) => context.pages())) {
    await stage
      .screenshot(page, `failed-${name.replace(/\W+/g, '-').slice(0, 60)}`)
      .catch(() => {});
  }
}

const isAlone = settings.measure || settings.pictures;
const lanes = isAlone ? settings.lanes.slice(0, 1) : settings.lanes;
const stages = await Promise.all(lanes.map((ports) => Stage.open({ ...settings, ...ports })));
let isWell = true;
try {
  if (settings.measure) await measure(stages[0]);
  else if (settings.pictures) await takePictures(stages[0], settings.pictures);
  else isWell = await runCases(stages);
} finally {
  await Promise.all(stages.map((stage) => stage.close()));
}
process.exitCode = isWell ? 0 : 1;
