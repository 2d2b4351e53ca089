import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where systems put it; `TOLLGATE_CHROMIUM` names another. */
const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const ALONE = ['--disable-background-networking', '--disable-component-update'];

/** @throws Error that says what to install */
function chromiumPath(): string {
  const path = process.env['TOLLGATE_CHROMIUM'] ?? USUAL_PLACES.find((place) => existsSync(place));
  if (path !== undefined && existsSync(path)) return path;
  throw new Error(
    'The specs of the console need Chromium: `apt-get install chromium`, or name its program in TOLLGATE_CHROMIUM.',
  );
}

/** A browser of its own, without a profile. Only root, whom Chromium refuses to shield, goes without its sandbox. */
export function startChromium(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath(), args: [...QUIET, ...ALONE, ...asRoot] });
}
