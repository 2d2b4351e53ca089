import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { StartFailure } from './start-failure.ts';

const ANSWERS_WITHIN_MS = 10_000;
/** Any number nobody else locks: two starts on one server take turns. */
const LOCK = 7_116_553;

export interface DatabaseOptions {
  /** Of a role that may create roles and databases. */
  readonly adminUrl: string;
  readonly keyAdminPassword: string;
  readonly meteringPassword: string;
  readonly billingPassword: string;
  /** Databases and roles are called `<prefix>_key_admin` and so on; `tollgate` unless said. */
  readonly prefix?: string;
}

/** Each service's DATABASE_URL: its own database, under a role that reaches no other. */
export interface DatabaseUrls {
  readonly keyAdmin: string;
  readonly metering: string;
  readonly billing: string;
}

/**
 * Creates what is missing of the services' roles and databases, and sets the roles' passwords.
 * @throws StartFailure where the server does not answer within 10 s, or the role may not create them
 */
export async function createDatabases(options: DatabaseOptions): Promise<DatabaseUrls> {
  const { adminUrl, prefix = 'tollgate' } = options;
  const client = await connect(adminUrl);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const own = async (service: string, password: string) => {
      const name = `${prefix}_${service}`;
      await createDatabase(client, name, password);
      const url = new URL(adminUrl);
      url.username = name;
      url.password = password;
      url.pathname = `/${name}`;
      return url.toString();
    };
    return {
      keyAdmin: await own('key_admin', options.keyAdminPassword),
      metering: await own('metering', options.meteringPassword),
      billing: await own('billing', options.billingPassword),
    };
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    const role = decodeURIComponent(new URL(adminUrl).username);
    throw new StartFailure(
      `The role "${role}" of DATABASE_URL may not create the services' roles and databases ` +
        `(${(error as Error).message}): let a superuser run ALTER ROLE ${escapeIdentifier(role)} CREATEROLE CREATEDB, ` +
        'or unset DATABASE_URL to have a PostgreSQL started here.',
    );
  } finally {
    await client.end();
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';

async function connect(url: string): Promise<Client> {
  let shown: string;
  try {
    const { host, pathname } = new URL(url);
    shown = host + pathname;
  } catch {
    throw new StartFailure(
      'DATABASE_URL is no URL: it looks like postgresql://user:password@host:5432/postgres.',
    );
  }
  const client = new Client({ connectionString: url, connectionTimeoutMillis: ANSWERS_WITHIN_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new StartFailure(
      `PostgreSQL at DATABASE_URL (${shown}) cannot be used (${message || code}): ` +
        'start it or correct the variable, or unset it to have a PostgreSQL started here.',
    );
  }
}

async function createDatabase(client: Client, name: string, password: string): Promise<void> {
  const role = escapeIdentifier(name);
  const exists = async (sql: string) => (await client.query(sql, [name])).rowCount === 1;
  const verb = (await exists('SELECT 1 FROM pg_roles WHERE rolname = $1')) ? 'ALTER' : 'CREATE';
  await client.query(`${verb} ROLE ${role} LOGIN PASSWORD ${escapeLiteral(password)}`);
  if (await exists('SELECT 1 FROM pg_database WHERE datname = $1')) return;
  // A role that made another is not one of its members by that, and only a member may hand a database to it.
  const { rows } = await client.query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
  if (!rows[0].rolsuper) await client.query(`GRANT ${role} TO CURRENT_USER`);
  await client.query(`CREATE DATABASE ${role} OWNER ${role} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0`);
  await client.query(`REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`);
}
