import { fileURLToPath } from 'node:url';
import { freePort } from '@tollgate/dev-stack/ports';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { PROBE_ARGS } from '../probed.ts';
import { installPortkey, PORTKEY_VERSION, portkeyHeaders } from './portkey.ts';

export const NAMES = ['direct', 'pass-through', 'bare proxy', 'gateway', 'portkey'] as const;
export type Name = (typeof NAMES)[number];

/** Somebody a chat completion can be sent to. */
export interface Contestant {
  readonly name: Name;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `null` for the provider itself. */
  readonly process: ServiceProcess | null;
}

const module = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const LONG_MS = 60_000;

async function startNode(
  name: string,
  entry: string,
  env: Readonly<Record<string, string>>,
  readyPath = '/readyz',
): Promise<{ port: number; process: ServiceProcess }> {
  const port = await freePort();
  const process = await startService({
    name,
    entry,
    env: { ...env, PORT: String(port) },
    readyUrl: `http://127.0.0.1:${port}${readyPath}`,
    readyWithinMs: LONG_MS,
    nodeArgs: PROBE_ARGS,
    ipc: true,
  });
  return { port, process };
}

export const startProvider = () => startNode('provider stand-in', module('../provider-stand-in.js'), {});

const TOKEN = 'bare_0123456789abcdefghijklmnopqrstuvwxyz0123456789';

/** The proxies that need nothing but the provider. */
export async function startBareOnes(providerPort: number): Promise<Contestant[]> {
  const UPSTREAM = `http://127.0.0.1:${providerPort}`;
  const headers = { authorization: `Bearer ${TOKEN}` };
  const passThrough = await startNode('pass-through', module('./pass-through.js'), { UPSTREAM });
  const bare = await startNode('bare proxy', module('./bare-proxy.js'), { UPSTREAM, TOKEN });
  return [
    { name: 'pass-through', headers, ...passThrough },
    { name: 'bare proxy', headers, ...bare },
  ];
}

/** @returns why not, in a sentence, where the peer cannot be installed or started */
export async function startPortkey(providerPort: number): Promise<Contestant | string> {
  try {
    const PORTKEY_ENTRY = await installPortkey();
    const started = await startNode('portkey', module('./portkey-main.js'), { PORTKEY_ENTRY }, '/');
    return { name: 'portkey', headers: portkeyHeaders(providerPort), ...started };
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    return `@portkey-ai/gateway ${PORTKEY_VERSION} is not measured: ${reason}`;
  }
}
