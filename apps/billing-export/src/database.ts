import type { Logger } from '@tollgate/service-kit/log';
import { createDataSource, openMigrated } from '@tollgate/service-kit/postgres';
import type { DataSource } from 'typeorm';
import { LineItemsAndMeterEvents1767484800000 } from './migrations/1767484800000-line-items-and-meter-events.ts';

/** Billing's database, connected and migrated. */
export async function openDatabase(url: string, logger: Logger): Promise<DataSource> {
  const dataSource = createDataSource({
    url,
    applicationName: 'billing-export',
    migrations: [LineItemsAndMeterEvents1767484800000],
    logger,
  });
  return openMigrated(dataSource);
}
