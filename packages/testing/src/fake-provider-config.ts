import { z } from 'zod';
import {
  DEFAULT_FAKE_API_KEY,
  DEFAULT_LOG_CAPACITY,
  type FakeProviderOptions,
} from './fake-provider/start.ts';

const settings = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4010),
  HOST: z.string().min(1).default('127.0.0.1'),
  FAKE_API_KEY: z.string().min(1).default(DEFAULT_FAKE_API_KEY),
  /** Ended requests that the log keeps. */
  FAKE_LOG_CAPACITY: z.coerce.number().int().min(1).max(10_000_000).default(DEFAULT_LOG_CAPACITY),
});

/** Reads the settings of a fake provider's process; prints every problem together and exits with 1. */
export function loadFakeProviderConfig(env: NodeJS.ProcessEnv): Required<FakeProviderOptions> {
  const result = settings.safeParse(env);
  if (!result.success) {
    process.stderr.write(`The fake provider cannot start.\n${z.prettifyError(result.error)}\n`);
    process.exit(1);
  }
  const { PORT, HOST, FAKE_API_KEY, FAKE_LOG_CAPACITY } = result.data;
  return { port: PORT, host: HOST, apiKey: FAKE_API_KEY, logCapacity: FAKE_LOG_CAPACITY };
}
