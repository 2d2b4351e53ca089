import { findChromium, WITHOUT_CHROMIUM } from '@tollgate/dev-stack/chromium';
import { type Browser, chromium } from 'playwright-core';

const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const ALONE = ['--disable-background-networking', '--disable-component-update'];

/**
 * A browser of its own, without a profile. Only root, whom Chromium refuses to shield, goes without its sandbox.
 * @throws Error that says what to install where there is none
 */
export async function startChromium(): Promise<Browser> {
  const executablePath = findChromium(process.env['TOLLGATE_CHROMIUM']);
  if (executablePath === null) throw new Error(WITHOUT_CHROMIUM);
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...QUIET, ...ALONE, ...asRoot] });
}
