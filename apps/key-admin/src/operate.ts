import { main } from '@tollgate/service-kit/bootstrap';
import { commonSettings, databaseUrl, loadConfig } from '@tollgate/service-kit/config';
import { createLogger } from '@tollgate/service-kit/log';
import { z } from 'zod';
import { verifyAuditLog } from './audit/verify-audit-log.ts';
import { openDatabase } from './database.ts';

const USAGE = `usage: npm run audit -- verify
  reads the whole audit log and says whether it is as it was written; exit code 1 where it is not
`;

const { TOLLGATE_EVENT_KEYS } = commonSettings;
const logger = createLogger('audit', 'warn');

main('audit', logger, async () => {
  if (process.argv[2] !== 'verify') {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const settings = z.object({ DATABASE_URL: databaseUrl, TOLLGATE_EVENT_KEYS });
  const config = loadConfig('audit', settings, process.env);
  const db = await openDatabase(config.DATABASE_URL, logger);
  try {
    const work = verifyAuditLog(db, config.TOLLGATE_EVENT_KEYS);
    for (;;) {
      const { done, value } = await work.next();
      if (done) {
        process.stderr.write('\n');
        process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
        if (value.broken !== null) process.exitCode = 1;
        return;
      }
      process.stderr.write(`\r${value} entries`);
    }
  } finally {
    await db.destroy();
  }
});
