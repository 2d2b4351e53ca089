import type { Logger } from '@tollgate/service-kit/log';
import { createDataSource, openMigrated } from '@tollgate/service-kit/postgres';
import type { DataSource } from 'typeorm';
import { LedgerAndTotals1767225600000 } from './migrations/1767225600000-ledger-and-totals.ts';
import { LedgerByMonth1767312000000 } from './migrations/1767312000000-ledger-by-month.ts';
import { TokenParts1767398400000 } from './migrations/1767398400000-token-parts.ts';
import { Allowances1767484800000 } from './migrations/1767484800000-allowances.ts';
import { TopicEpoch1767614400000 } from './migrations/1767614400000-topic-epoch.ts';

/** Metering's database, connected and migrated. */
export async function openDatabase(url: string, logger: Logger): Promise<DataSource> {
  const dataSource = createDataSource({
    url,
    applicationName: 'metering',
    migrations: [
      LedgerAndTotals1767225600000,
      LedgerByMonth1767312000000,
      TokenParts1767398400000,
      Allowances1767484800000,
      TopicEpoch1767614400000,
    ],
    logger,
  });
  return openMigrated(dataSource);
}
