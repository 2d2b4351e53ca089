#!/usr/bin/env node
import { parseArgs } from 'node:util';
import {
  CommandFailed,
  fail,
  interrupt,
  requireInstalled,
  run,
  tool,
  turbo,
  whenNpmIsGone,
} from './commands.mjs';

/** `npm run soak -- --minutes 30`: mixed load and kills for a time, then whether anything was lost, doubled or leaked. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0 && minutes <= 10_080)) fail('--minutes must be a number from 0 to 10080 (a week)');

requireInstalled();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupt(signal));
whenNpmIsGone(() => interrupt('SIGTERM'));
try {
  await run(turbo('build'));
  const jest = ['--experimental-vm-modules', '--no-warnings', tool('jest/bin/jest.js')];
  await run([...jest, '--selectProjects', 'e2e', '--runInBand', 'e2e/src/soak.e2e.spec.ts'], {
    show: true,
    env: { TOLLGATE_SOAK_SECONDS: String(Math.round(minutes * 60)) },
  });
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  process.stderr.write(`${error.output}\n${error.message}\n`);
  process.exitCode = error.code;
}
