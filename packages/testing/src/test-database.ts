import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Removes the database, ending the connections that are left to it. */
  drop(): Promise<void>;
}

/**
 * Makes a new, empty database for one spec file, so that no spec sees another's rows.
 * @param adminUrl a role that may create databases; `DATABASE_URL`, as the test run sets it, by default
 */
export async function createTestDatabase(adminUrl = process.env['DATABASE_URL']): Promise<TestDatabase> {
  if (!adminUrl) throw new Error('DATABASE_URL is not set: this spec needs a running PostgreSQL.');
  const name = `tollgate_test_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
  // template1 cannot be copied while anyone is connected to it; nobody ever is to template0.
  await run(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => run(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
