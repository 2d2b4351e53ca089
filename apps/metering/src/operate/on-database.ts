import { readFileSync, writeFileSync } from 'node:fs';
import {
  backtestBody,
  creditBody,
  loseBody,
  reanchorBody,
  rebuildBody,
  reconciliationBody,
  releaseBody,
  reratingBody,
  retireBody,
} from '@tollgate/contracts/operations-http';
import { restoreBackup } from '@tollgate/service-kit/backup/restore-backup';
import { type BackupProgress, writeBackup } from '@tollgate/service-kit/backup/write-backup';
import { loadConfig } from '@tollgate/service-kit/config';
import { parseInput } from '@tollgate/service-kit/input';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { heldAllowances } from '../allowances/held-allowances.ts';
import { loseHolder } from '../allowances/lose-holder.ts';
import { backtest } from '../backtest/backtest.ts';
import { check } from '../checks/check.ts';
import { credit } from '../corrections/credit.ts';
import { movedBalances } from '../moving/balances.ts';
import { exportBalances } from '../moving/export-balances.ts';
import { importBalances } from '../moving/import-balances.ts';
import { release } from '../quarantine/release.ts';
import { countQuarantined, listQuarantined } from '../quarantine/sql/take-quarantined.ts';
import { reanchor } from '../reanchor/reanchor.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import { reconcileUsage } from '../reconciliation/reconcile-usage.ts';
import { currentPrices, priceSettings } from '../rerating/current-prices.ts';
import { rerateUsage } from '../rerating/rerate-usage.ts';
import { retire } from '../retention/retire.ts';
import { BACKUP_PLAN } from './backup-plan.ts';
import { type Command, follow, given } from './command.ts';

export const onDatabase: Readonly<Record<string, Command<DataSource>>> = {
  rebuild(db, { repair, actor }) {
    const body = parseInput(rebuildBody, given({ repair, actor }));
    return follow(
      rebuild(db, body, Date.now()),
      ({ scopes, of }) => `\r${scopes} of ${of} scopes${scopes === of ? '\n' : ''}`,
    );
  },
  retire(db, { actor, ...values }) {
    const months = values['keep-months'];
    const body = parseInput(retireBody, given({ keep_months: months && Number(months), actor }));
    return follow(retire(db, body, Date.now()), ({ month, records }) => `${month}: ${records} records\n`);
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
  backtest(db, { limits, from, to }, [scope_id]) {
    const body = given({
      scope_id,
      limits: limits === undefined ? undefined : readJson(`${limits}`),
      from,
      to,
    });
    return backtest(db.manager, parseInput(backtestBody, body), Date.now());
  },
  rerate(db, { scope, from, to, provider, model, prices, apply, reason, actor }) {
    const body = parseInput(
      reratingBody,
      given({ scope_id: scope, from, to, provider, model, apply, reason, actor }),
    );
    const files = loadConfig('rerate', z.object(priceSettings), process.env);
    const book = currentPrices(prices === undefined ? files : { ...files, TOLLGATE_PRICES: `${prices}` });
    return follow(
      rerateUsage(db, body, book, Date.now()),
      ({ records, until }) => `\r${records} records, until ${until}`,
    );
  },
  reconcile(db, { provider, tolerance, actor }, [format, file]) {
    if (file === undefined)
      throw new Error('name the format, openai or anthropic, and the file of the export');
    const body = given({
      format,
      provider,
      tolerance_percent: tolerance && Number(tolerance),
      export: readFileSync(file, 'utf8'),
      actor,
    });
    return reconcileUsage(db, parseInput(reconciliationBody, body));
  },
  reanchor(db, { apply, actor }) {
    return reanchor(db, parseInput(reanchorBody, given({ apply, actor })), Date.now());
  },
  async 'export-team'(db, { out }, [teamId]) {
    if (teamId === undefined || typeof out !== 'string') throw new Error('name the team, and --out the file');
    const moved = await exportBalances(db, teamId, Date.now());
    writeFileSync(out, JSON.stringify(moved), { mode: 0o600 });
    return { file: out, balances: moved.balances.length };
  },
  'import-team'(db, { apply, actor }, [file]) {
    if (file === undefined) throw new Error('name the file that export-team wrote');
    const moved = parseInput(movedBalances, JSON.parse(readFileSync(file, 'utf8')));
    return importBalances(db, moved, { apply: apply === true, actor: `${actor}` }, Date.now());
  },
  async backup(db, { out }) {
    if (typeof out !== 'string') throw new Error('--out must name the file to write');
    return writeBackup(db, BACKUP_PLAN, out, showRows);
  },
  async restore(db, { apply }, [file]) {
    if (file === undefined) throw new Error('name the file of the backup');
    return restoreBackup(db, BACKUP_PLAN, { file, apply: apply === true }, showRows);
  },
  async check(db) {
    const answer = await check(db);
    if (answer.violated.length > 0) process.exitCode = 1;
    return answer;
  },
  allowances: (db) => heldAllowances(db.manager),
  lose(db, { reason, actor }, [instance]) {
    return loseHolder(db, parseInput(loseBody, given({ instance, reason, actor })));
  },
  async quarantine(db) {
    const data = await listQuarantined(db.manager, 1_000);
    return { total: await countQuarantined(db.manager), data };
  },
  release(db, { reason, actor }, ids) {
    return release(db, parseInput(releaseBody, given({ ids, reason, actor })), Date.now());
  },
};

const showRows = ({ table, rows }: BackupProgress) => void process.stderr.write(`\r${table}: ${rows} rows`);

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('--limits must be JSON, such as {"tokens":1000,"reset_period":"daily"}');
  }
}
