import { startFakeProvider } from './fake-provider/start.ts';
import { loadFakeProviderConfig } from './fake-provider-config.ts';

const STOP_GRACE_MS = 5000;

const config = loadFakeProviderConfig(process.env);
try {
  const provider = await startFakeProvider(config);
  process.stdout.write(`fake provider listening on ${provider.url}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => provider.stop(STOP_GRACE_MS));
  }
} catch (error) {
  process.stderr.write(
    `The fake provider cannot listen on ${config.host}:${config.port}: ${(error as Error).message}\n`,
  );
  process.exitCode = 1;
}
