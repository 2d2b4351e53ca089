import { parseArgs } from 'node:util';
import { creditBody, rebuildBody, releaseBody } from '@tollgate/contracts/metering-http';
import { parseInput } from '@tollgate/service-kit/input';
import { createLogger } from '@tollgate/service-kit/log';
import type { DataSource } from 'typeorm';
import { credit } from './corrections/credit.ts';
import { openDatabase } from './database.ts';
import { recorded } from './operations/recorded.ts';
import { release } from './quarantine/release.ts';
import { countQuarantined, listQuarantined } from './quarantine/sql/take-quarantined.ts';
import { rebuild } from './rebuild/rebuild.ts';

const USAGE = `Operates on metering's database, which DATABASE_URL names; the service may run meanwhile.

  rebuild [--repair]              adds the ledger up anew and compares; --repair sets right what differs
  credit --key <id> [--cost-usd <amount>] [--tokens <n>] [--id <once>] --reason <text>
                                  gives back cost or tokens in the key's current period
  quarantine                      lists records that were not counted, and why
  release --reason <text> <id>…   counts records of the quarantine after all

  --actor <name>                  who does it, for the log of operations; "operator" by default
`;

const options = {
  repair: { type: 'boolean' },
  key: { type: 'string' },
  'cost-usd': { type: 'string' },
  tokens: { type: 'string' },
  id: { type: 'string' },
  reason: { type: 'string' },
  actor: { type: 'string', default: 'operator' },
} as const;

type Values = { readonly [Name in keyof typeof options]?: string | boolean | undefined };
type Command = (db: DataSource, values: Values, ids: string[]) => Promise<unknown>;

const given = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const commands: Record<string, Command> = {
  async rebuild(db, { repair, actor }) {
    const body = parseInput(rebuildBody, given({ repair, actor }));
    const operation = { kind: 'rebuild', actor: body.actor, parameters: { repair: body.repair } } as const;
    const work = recorded(db, operation, rebuild(db, body, Date.now()));
    for (;;) {
      const { done, value } = await work.next();
      if (done) return value;
      process.stderr.write(`\r${value.scopes} of ${value.of} scopes${value.scopes === value.of ? '\n' : ''}`);
    }
  },
  credit(db, { key, tokens, id, reason, actor, ...values }) {
    const body = given({
      id,
      key_id: key,
      cost_usd: values['cost-usd'],
      tokens: tokens === undefined ? undefined : Number(tokens),
      reason,
      actor,
    });
    return credit(db, parseInput(creditBody, body), Date.now());
  },
  async quarantine(db) {
    const data = await listQuarantined(db.manager, 1_000);
    return { total: await countQuarantined(db.manager), data };
  },
  release(db, { reason, actor }, ids) {
    return release(db, parseInput(releaseBody, given({ ids, reason, actor })), Date.now());
  },
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name = '', ...ids] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(USAGE);
    return 2;
  }
  const url = process.env['DATABASE_URL'];
  if (!url) throw new Error('DATABASE_URL is not set: give it the URL of metering’s database');
  const db = await openDatabase(url, createLogger('metering', 'warn'));
  try {
    process.stdout.write(`${JSON.stringify(await command(db, values, ids), null, 2)}\n`);
    return 0;
  } finally {
    await db.destroy();
  }
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
