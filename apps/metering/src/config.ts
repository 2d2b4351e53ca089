import { commonSettings, databaseUrl, internalToken, loadConfig, port } from '@tollgate/service-kit/config';
import { tracingSettings } from '@tollgate/service-kit/tracing';
import { z } from 'zod';
import { priceSettings } from './rerating/current-prices.ts';

const settings = z.object({
  ...commonSettings,
  ...tracingSettings,
  ...priceSettings,
  PORT: port(4002),
  /** Its API is for the deployment's own services. */
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: databaseUrl,
  TOLLGATE_INTERNAL_TOKEN: internalToken,
  /** What a gateway was given and nobody has spoken of for so many seconds is lost, and charged in full. */
  TOLLGATE_ALLOWANCE_LOST_AFTER_S: z.coerce.number().int().min(180).max(2_592_000).default(3_600),
});

export type MeteringConfig = z.output<typeof settings>;

export const loadMeteringConfig = (env: NodeJS.ProcessEnv): MeteringConfig =>
  loadConfig('metering', settings, env);
