import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PACKAGE = '@portkey-ai/gateway';
export const PORTKEY_VERSION = '1.15.2';
const folder = fileURLToPath(new URL('../../.peer', import.meta.url));
const home = join(folder, 'node_modules', PACKAGE);
const INSTALL_WITHIN_MS = 180_000;

const isInstalled = () =>
  existsSync(join(home, 'package.json')) &&
  JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).version === PORTKEY_VERSION;

/**
 * Installs the peer into a folder that git ignores; nothing else of this repository depends on it.
 * @returns its entry
 * @throws Error where npm cannot install it
 */
export async function installPortkey(): Promise<string> {
  if (!isInstalled()) {
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
    await promisify(execFile)('npm', [...args, `${PACKAGE}@${PORTKEY_VERSION}`], {
      timeout: INSTALL_WITHIN_MS,
    });
  }
  return join(home, 'build/start-server.js');
}

/** Tells it which provider to use, and that the provider is on this machine. */
export const portkeyHeaders = (providerPort: number) => ({
  authorization: 'Bearer fake-provider-key',
  'x-portkey-provider': 'openai',
  'x-portkey-custom-host': `http://127.0.0.1:${providerPort}/v1`,
});
