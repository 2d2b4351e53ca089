#!/usr/bin/env node
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CommandFailed,
  interrupt,
  requireInstalled,
  run,
  runProgram,
  tool,
  turbo,
  whenNpmIsGone,
} from './commands.mjs';
import { createSteps } from './steps.mjs';

/** `npm test`: everything that must hold before a change is merged, cheapest first. Arguments go to Jest. */
const jestArguments = process.argv.slice(2);
const steps = createSteps(process.stdout);
const counts = { passed: 0, failed: 0 };

/** The tool ends first, Jest with what it has started; then we do. */
let isInterrupted = false;
const stop = (signal) => {
  isInterrupted = true;
  interrupt(signal);
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(signal));
whenNpmIsGone(() => stop('SIGTERM'));

async function jest(...args) {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-counts-'));
  const file = join(folder, 'counts.json');
  const found = jestArguments.length > 0 ? ['--passWithNoTests', ...jestArguments] : [];
  const node = ['--experimental-vm-modules', '--no-warnings', tool('jest/bin/jest.js')];
  try {
    await run([...node, ...args, ...found], { show: true, env: { TOLLGATE_TEST_COUNTS: file } });
  } finally {
    const counted = readCounts(file);
    counts.passed += counted.passed;
    counts.failed += counted.failed;
    rmSync(folder, { recursive: true });
  }
}

/** A run that found no test, or did not get so far, leaves no file. */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0 };
  }
}

/** On a Debian that we may change, the specs of the console get their browser; elsewhere they say what they miss. */
async function installChromium(tell) {
  const { findChromium } = await import('../dist/chromium.js');
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (findChromium(process.env.TOLLGATE_CHROMIUM) !== null || !mayInstall) return;
  tell('installing Chromium from Debian');
  // A list that is out of date will do where it cannot be renewed.
  await runProgram('apt-get', ['update', '-q']).catch(() => undefined);
  await runProgram('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium']);
}

const STEPS = [
  ['Build and types', () => run(turbo('build', 'typecheck'))],
  ['Lint and format', () => run([tool('@biomejs/biome/bin/biome'), 'check', '.'])],
  [
    'Dependency rules',
    () =>
      run([
        tool('dependency-cruiser/bin/dependency-cruise.mjs'),
        ...['--config', 'packages/tooling/dependency-rules.cjs', 'apps', 'packages', 'e2e'],
      ]),
  ],
  ['Unit tests', () => jest('--selectProjects', 'unit')],
  ['Browser', installChromium],
  ['Tests on real parts', () => jest('--selectProjects', 'int', '--runInBand')],
  ['Tests of the whole system', () => jest('--selectProjects', 'e2e', '--runInBand')],
];
/** Nothing after it can run where it failed; whatever else fails, all the rest is told too. */
const NEEDED = 'Build and types';

requireInstalled();
let exitCode = 0;
for (const [title, work] of STEPS) {
  try {
    await steps.step(title, work);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    process.stderr.write(`\n${error.output}\n${title}: ${error.message}\n`);
    exitCode = error.code;
    if (title === NEEDED || isInterrupted) break;
  }
}
if (counts.passed + counts.failed > 0)
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = exitCode;
