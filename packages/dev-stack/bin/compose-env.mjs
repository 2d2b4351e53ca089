#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { generateSecrets } from '../dist/secrets.js';

/** Prints a complete .env for docker-compose.yml, with new secrets and the fake provider. */
const secrets = generateSecrets();
const variables = {
  TOLLGATE_POSTGRES_PASSWORD: randomBytes(32).toString('hex'),
  TOLLGATE_KEY_ADMIN_DB_PASSWORD: secrets.keyAdminPassword,
  TOLLGATE_METERING_DB_PASSWORD: secrets.meteringPassword,
  TOLLGATE_BILLING_DB_PASSWORD: secrets.billingPassword,
  TOLLGATE_KEY_PEPPERS: secrets.keyPeppers,
  TOLLGATE_EVENT_KEYS: secrets.eventKeys,
  TOLLGATE_INTERNAL_TOKEN: secrets.internalToken,
  TOLLGATE_ADMIN_KEY: secrets.adminKey,
  OPENAI_API_KEY: 'fake-provider-key',
  OPENAI_BASE_URL: 'http://fake-provider:4010/v1',
  ANTHROPIC_API_KEY: 'fake-provider-key',
  ANTHROPIC_BASE_URL: 'http://fake-provider:4010/v1',
  TOLLGATE_ALLOW_HTTP_PROVIDERS: 'true',
};
for (const [name, value] of Object.entries(variables)) process.stdout.write(`${name}=${value}\n`);
