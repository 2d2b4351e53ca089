import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { kafkaSettings } from '@tollgate/kafka/kafka-module';
import { restoreBackup } from '@tollgate/service-kit/backup/restore-backup';
import { type BackupProgress, writeBackup } from '@tollgate/service-kit/backup/write-backup';
import {
  brokerSettings,
  commonSettings,
  databaseUrl,
  loadConfig,
  versionedKeys,
} from '@tollgate/service-kit/config';
import { createLogger } from '@tollgate/service-kit/log';
import { outcomeOf } from '@tollgate/service-kit/progress';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { SYSTEM } from './admin-keys/caller.ts';
import { AuditTrail } from './audit/audit-trail.ts';
import { verifyAuditLog } from './audit/verify-audit-log.ts';
import { BACKUP_PLAN } from './backup-plan.ts';
import { catchUp } from './catch-up/catch-up.ts';
import { openDatabase } from './database.ts';
import { exportTeam } from './moving/export-team.ts';
import { importTeam } from './moving/import-team.ts';
import { movedTeam } from './moving/moved-team.ts';
import { countPeppers } from './peppers/count-peppers.ts';
import { reanchor } from './reanchor/reanchor.ts';

const USAGE = `Operates on key-admin's database, which DATABASE_URL names. The service may run meanwhile.

  verify                  reads the whole audit log and says whether it is as it was written; exit code 1 where it is not
  peppers                 counts what hangs on each pepper of TOLLGATE_KEY_PEPPERS, and says which may be taken out
  export-team <team> --out <file>
                          a team and its keys, with digests, for another deployment
  import-team <file> [--remint] [--apply]
                          takes them in there; keys whose pepper is not there get new secrets with --remint
  backup --out <file>     writes the whole database to a file, as of one instant
  restore <file> [--apply]
                          puts a backup into this database, which must be new; without --apply it only tries
  catch-up [--apply]      after any restore, while key-admin does not run: takes over from the keys topic what changed
                          since, and has gateways told what is then so
  reanchor [--apply]      the broker's topics were made anew: queues every key, team and the organization for them again
`;

interface Values {
  readonly apply: boolean;
  readonly remint: boolean;
  readonly out?: string | undefined;
}
/** What a command does; what it answers is printed. */
type Command = (db: DataSource, values: Values, names: string[]) => Promise<unknown>;

const { TOLLGATE_TOPIC_PREFIX, TOLLGATE_EVENT_KEYS } = commonSettings;
const logger = createLogger('keys', 'error');
const setting = <Shape extends z.ZodRawShape>(shape: Shape) =>
  loadConfig('keys', z.object(shape), process.env);
const show = (text: string) => process.stderr.write(`\r${text}`);

const COMMANDS: Readonly<Record<string, Command>> = {
  async verify(db) {
    const keys = setting({ TOLLGATE_EVENT_KEYS }).TOLLGATE_EVENT_KEYS;
    const found = await follow(verifyAuditLog(db, keys), (entries) => `${entries} entries`);
    if (found.broken !== null) process.exitCode = 1;
    return found;
  },
  peppers: (db) => countPeppers(db, peppers(), Date.now()),
  async 'export-team'(db, { out }, [teamId]) {
    if (teamId === undefined || out === undefined) throw new Error('name the team, and --out the file');
    const moved = await exportTeam(db, teamId, peppers(), Date.now());
    writeFileSync(out, JSON.stringify(moved), { mode: 0o600 });
    return { file: out, keys: moved.keys.length };
  },
  'import-team'(db, { apply, remint }, [file]) {
    if (file === undefined) throw new Error('name the file that export-team wrote');
    const moved = movedTeam.parse(JSON.parse(readFileSync(file, 'utf8')));
    const audit = new AuditTrail(setting({ TOLLGATE_EVENT_KEYS }).TOLLGATE_EVENT_KEYS);
    return importTeam(db, moved, { apply, remint, peppers: peppers(), caller: OPERATOR, audit }, Date.now());
  },
  async backup(db, { out }) {
    if (typeof out !== 'string') throw new Error('--out must name the file to write');
    return writeBackup(db, BACKUP_PLAN, out, showRows);
  },
  async restore(db, { apply }, [file]) {
    if (file === undefined) throw new Error('name the file of the backup');
    return restoreBackup(db, BACKUP_PLAN, { file, apply: apply === true }, showRows);
  },
  async 'catch-up'(db, { apply }) {
    const settings = setting({ ...brokerSettings, TOLLGATE_TOPIC_PREFIX, TOLLGATE_EVENT_KEYS });
    const kafka = new KafkaConnection(kafkaSettings('operate', settings, logger));
    return catchUp(db, kafka, {
      apply,
      caller: OPERATOR,
      audit: new AuditTrail(settings.TOLLGATE_EVENT_KEYS),
    });
  },
  reanchor: (db, { apply }) =>
    follow(reanchor(db, apply), ({ keys, teams }) => `${teams} teams and ${keys} keys`),
};

const showRows = ({ table, rows }: BackupProgress) => show(`${table}: ${rows} rows`);
const OPERATOR = { ...SYSTEM, id: 'operator', name: 'operator' };
const peppers = () => setting({ TOLLGATE_KEY_PEPPERS: versionedKeys }).TOLLGATE_KEY_PEPPERS;

/** Shows how work goes on while it does. */
const follow = <Progress, Result>(
  work: AsyncGenerator<Progress, Result>,
  tell: (progress: Progress) => string,
): Promise<Result> => outcomeOf(work, (progress) => show(tell(progress)));

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      apply: { type: 'boolean', default: false },
      remint: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [name = '', ...names] = positionals;
  if (!Object.hasOwn(COMMANDS, name)) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const db = await openDatabase(setting({ DATABASE_URL: databaseUrl }).DATABASE_URL, logger);
  try {
    const answer = await COMMANDS[name]!(db, values, names);
    process.stderr.write('\n');
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  } finally {
    await db.destroy();
  }
}

main().catch((error: Error) => {
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
});
