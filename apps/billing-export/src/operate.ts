import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import {
  lineItemsQuery,
  meterEventsQuery,
  releaseRefusedBody,
  resolveBody,
} from '@tollgate/contracts/billing-http';
import { reanchorBody } from '@tollgate/contracts/operations-http';
import { restoreBackup } from '@tollgate/service-kit/backup/restore-backup';
import { type BackupProgress, writeBackup } from '@tollgate/service-kit/backup/write-backup';
import { databaseUrl, loadConfig } from '@tollgate/service-kit/config';
import { parseInput } from '@tollgate/service-kit/input';
import { createLogger } from '@tollgate/service-kit/log';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { openDatabase } from './database.ts';
import { exportItems, filterOf } from './exports/export-items.ts';
import { countItems } from './items/sql/read-items.ts';
import { listMeterEvents } from './meter-events/list-meter-events.ts';
import { resolve } from './meter-events/resolve.ts';
import { BACKUP_PLAN } from './operations/backup-plan.ts';
import { reanchor } from './reanchor/reanchor.ts';
import { release } from './refused/release.ts';
import { countRefused, listRefused } from './refused/sql/list-refused.ts';

const USAGE = `Operates on billing's database, which DATABASE_URL names. The service may run meanwhile.

  export --from <instant> --to <instant> [--format csv|ndjson|parquet] [--team <id>] [--key <id>] [--model <name>]
         --out <file>             writes line items of the hours that begin in [from, to) to a file
  meter-events [--state pending|sent|held|failed] [--team <id>] [--from <instant>] [--to <instant>]
                                  lists what Stripe was or will be told, as lines of JSON; sends nothing
  resolve --as sent|pending --reason <text> <identifier>…
                                  says what you found out about events that are held or failed: Stripe has them,
                                  or it has nothing of them and they are to be sent again
  refused                         lists records that were not billed, and why
  release --reason <text> <id>…   bills such records after all

  backup --out <file>             writes the whole database to a file, as of one instant
  restore <file> [--apply]        puts a backup into this database, which must be new; without --apply it only tries
  reanchor [--apply]              the broker's topics were made anew: has them read from the beginning

  --actor <name>                  who does it, for the log of operations; "operator" by default
`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  format: { type: 'string' },
  team: { type: 'string' },
  key: { type: 'string' },
  model: { type: 'string' },
  out: { type: 'string' },
  state: { type: 'string' },
  as: { type: 'string' },
  reason: { type: 'string' },
  apply: { type: 'boolean' },
  actor: { type: 'string', default: 'operator' },
} as const;
type Values = { readonly [Name in keyof typeof options]?: string | boolean | undefined };
type Command = (db: DataSource, values: Values, names: string[]) => Promise<unknown>;

const MOST_LISTED = 1_000;
const given = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
const tell = (result: unknown) => process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);

const COMMANDS: Readonly<Record<string, Command>> = {
  async export(db, { from, to, format, team, key, model, out }) {
    if (typeof out !== 'string') throw new Error('--out must name the file to write');
    const query = parseInput(lineItemsQuery, given({ from, to, format, team_id: team, key_id: key, model }));
    const filter = filterOf(query, Date.now());
    const items = await countItems(db.manager, filter);
    const progress = (written: number) => process.stderr.write(`\r${written} of ${items} line items`);
    let written = 0;
    const file = exportItems(db.manager, filter, query.format, (count) => {
      written = count;
      progress(count);
    });
    await writeWhole(out, Readable.from(file, { objectMode: false }));
    process.stderr.write('\n');
    tell({ out, format: query.format, from: filter.from, to: filter.to, items: written });
  },
  async 'meter-events'(db, { from, to, state, team }) {
    const query = parseInput(meterEventsQuery, given({ from, to, state, team_id: team }));
    for await (const lines of listMeterEvents(db.manager, query, Date.now())) process.stdout.write(lines);
  },
  async resolve(db, { as, reason, actor }, identifiers) {
    tell(await resolve(db, parseInput(resolveBody, given({ identifiers, as, reason, actor })), Date.now()));
  },
  async refused(db) {
    tell({ total: await countRefused(db.manager), data: await listRefused(db.manager, MOST_LISTED) });
  },
  async release(db, { reason, actor }, ids) {
    tell(await release(db, parseInput(releaseRefusedBody, given({ ids, reason, actor })), Date.now()));
  },
  async backup(db, { out }) {
    if (typeof out !== 'string') throw new Error('--out must name the file to write');
    tell(await writeBackup(db, BACKUP_PLAN, out, showRows));
  },
  async restore(db, { apply }, [file]) {
    if (file === undefined) throw new Error('name the file of the backup');
    tell(await restoreBackup(db, BACKUP_PLAN, { file, apply: apply === true }, showRows));
  },
  async reanchor(db, { apply, actor }) {
    tell(await reanchor(db, parseInput(reanchorBody, given({ apply, actor })), Date.now()));
  },
};

const showRows = ({ table, rows }: BackupProgress) => void process.stderr.write(`\r${table}: ${rows} rows`);

/** A file by that name is whole: what breaks off leaves none. */
async function writeWhole(file: string, content: Readable): Promise<void> {
  const partial = `${file}.part`;
  try {
    await pipeline(content, createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name = '', ...names] = positionals;
  if (!Object.hasOwn(COMMANDS, name)) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { DATABASE_URL } = loadConfig(name, z.object({ DATABASE_URL: databaseUrl }), process.env);
  const db = await openDatabase(DATABASE_URL, createLogger('billing-export', 'error'));
  try {
    await COMMANDS[name]!(db, values, names);
  } finally {
    await db.destroy();
  }
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
