import type { Logger } from '@tollgate/service-kit/log';
import { createDataSource, openMigrated } from '@tollgate/service-kit/postgres';
import type { DataSource } from 'typeorm';
import { KeyEvents1764028800000 } from './migrations/1764028800000-key-events.ts';
import { AllowLists1764115200000 } from './migrations/1764115200000-allow-lists.ts';
import { Webhooks1764201600000 } from './migrations/1764201600000-webhooks.ts';
import { KeyCreations1764374400000 } from './migrations/1764374400000-key-creations.ts';
import { Scopes1764460800000 } from './migrations/1764460800000-scopes.ts';
import { Administrators1764547200000 } from './migrations/1764547200000-administrators.ts';
import { ListIndexes1764633600000 } from './migrations/1764633600000-list-indexes.ts';
import { AdminSessions1764720000000 } from './migrations/1764720000000-admin-sessions.ts';

/** Key-admin's database, connected and migrated. */
export async function openDatabase(url: string, logger: Logger): Promise<DataSource> {
  const dataSource = createDataSource({
    url,
    applicationName: 'key-admin',
    migrations: [
      KeyEvents1764028800000,
      AllowLists1764115200000,
      Webhooks1764201600000,
      KeyCreations1764374400000,
      Scopes1764460800000,
      Administrators1764547200000,
      ListIndexes1764633600000,
      AdminSessions1764720000000,
    ],
    logger,
  });
  return openMigrated(dataSource);
}
