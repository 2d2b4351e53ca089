import type { AuditEntry } from '@tollgate/contracts/audit-http';
import type { AuditRow } from './chain.ts';

/** An entry as the API shows it. */
export const toAuditEntry = (row: AuditRow): AuditEntry => ({
  sequence: row.sequence,
  at: row.at.toISOString(),
  actor: row.actor,
  address: row.address,
  action: row.action,
  target: row.target,
  team_id: row.team_id,
  before: row.before,
  after: row.after,
  hash: row.hash,
});
