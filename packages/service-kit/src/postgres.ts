import { DataSource, type EntityManager, type MigrationInterface } from 'typeorm';
import type { Logger } from './log.ts';

/** What a piece of explicit SQL runs on: a transaction's manager or the data source itself. */
export type Sql = Pick<EntityManager, 'query'>;

/** PostgreSQL stores no NUL and no lone surrogates; one such character must not hold up a partition. */
export const storableText = (text: string): string => text.replace(UNSTORABLE, '\ufffd');
const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export interface DataSourceSettings {
  readonly url: string;
  readonly applicationName: string;
  readonly migrations: (new () => MigrationInterface)[];
  readonly logger: Logger;
  readonly poolSize?: number;
}

/** A service's database: connections and migrations; queries are explicit SQL. */
export const createDataSource = ({
  url,
  applicationName,
  migrations,
  logger,
  poolSize = 10,
}: DataSourceSettings) =>
  new DataSource({
    type: 'postgres',
    url,
    applicationName,
    migrations,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'all',
    synchronize: false,
    poolSize,
    // A connection that the server ends while idle must not end the process; the pool opens another.
    poolErrorHandler: (error: Error) => logger.warn({ err: error }, 'a database connection was lost'),
    extra: {
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
      // A process that is paused amid a transaction must not hold its locks against those who took over from it.
      idle_in_transaction_session_timeout: 5_000,
    },
  });

/** The same number in every service: locks are apart for each database. */
const MIGRATION_LOCK = 7_466_321_906;

/**
 * Connects to a service's database and brings it up to date; one process at a time, since several may start at once.
 * Whoever waits for another's migrations waits for as long as they take.
 */
export async function openMigrated(dataSource: DataSource): Promise<DataSource> {
  await dataSource.initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('set statement_timeout = 0');
    await runner.query(`select pg_advisory_lock(${MIGRATION_LOCK})`);
    await dataSource.runMigrations();
  } finally {
    await runner.query(`select pg_advisory_unlock(${MIGRATION_LOCK})`).catch(() => undefined);
    await runner.query('reset statement_timeout').catch(() => undefined);
    await runner.release();
  }
  return dataSource;
}
