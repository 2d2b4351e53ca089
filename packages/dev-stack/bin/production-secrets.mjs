#!/usr/bin/env node
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSecrets } from '../dist/secrets.js';

/**
 * Writes the secrets that are Tollgate's own into a folder, one file each, for infra/docker/compose.production.yml; and
 * says which others it wants there. A file that is there stays as it is: keys made under a lost pepper are worthless.
 */
const [folder] = process.argv.slice(2);
if (!folder) {
  process.stderr.write('Name the folder: node packages/dev-stack/bin/production-secrets.mjs secrets\n');
  process.exit(2);
}
const secrets = generateSecrets();
const own = {
  key_peppers: secrets.keyPeppers,
  event_keys: secrets.eventKeys,
  internal_token: secrets.internalToken,
  admin_key: secrets.adminKey,
};
const yours = {
  tls_certificate: 'certificate chain and key of your host name, PEM, in one file',
  kafka_ca: 'certificate of the authority that vouches for your brokers, PEM',
  kafka_gateway_password: 'password of the SCRAM user tollgate-gateway',
  kafka_key_admin_password: 'of tollgate-key-admin',
  kafka_metering_password: 'of tollgate-metering',
  kafka_billing_export_password: 'of tollgate-billing-export',
  key_admin_database_url: 'postgresql://…, each with a role and database of its own',
  metering_database_url: 'the same',
  billing_database_url: 'the same',
  openai_api_key: "the provider's key",
};
mkdirSync(folder, { recursive: true, mode: 0o700 });
for (const [name, value] of Object.entries(own)) {
  const file = join(folder, name);
  if (existsSync(file)) process.stdout.write(`${file} is there, and stays\n`);
  else {
    writeFileSync(file, `${value}\n`, { mode: 0o600, flag: 'wx' });
    process.stdout.write(`${file} is made\n`);
  }
}
for (const [name, what] of Object.entries(yours))
  if (!existsSync(join(folder, name)))
    process.stdout.write(`${join(folder, name)} is yours to add: ${what}\n`);
process.stdout.write('They belong to the user 1000 of the containers: chown -R 1000 the folder.\n');
