import { Button } from '@mantine/core';
import type { AuditEntry } from '@tollgate/contracts/audit-http';
import { Link } from 'wouter';
import { When } from '../figures/when.tsx';
import type { AuditFilters } from './audit-filters.ts';
import styles from './audit-log.module.css';
import { SELF } from './audit-words.ts';
import { fieldWord, wordsWith } from './change-words.ts';
import type { Change } from './changes.ts';
import { type Named, placeOf, teamNameIn } from './target.ts';

export interface AuditRowProps {
  readonly of: AuditEntry & Named;
  readonly actorName: (adminId: string) => string;
  readonly onFilter: (changes: Partial<AuditFilters>) => void;
}

interface AuditDetailProps extends AuditRowProps {
  readonly changes: readonly Change[];
}

/** What an entry changed, field by field, with all else that is known of it. */
export function AuditDetail({ of: entry, changes, actorName, onFilter }: AuditDetailProps) {
  const { actor, address, target, sequence, at } = entry;
  const actorShown = entry.actor_name ?? actorName(actor);
  const place = placeOf(target);
  const isNew = changes.every((change) => change.before === undefined);
  const told = wordsWith(teamNameIn(entry));
  return (
    <>
      {changes.length > 0 && (
        <table className={styles['changes']}>
          <thead>
            <tr>
              <th scope="col">Field</th>
              {!isNew && <th scope="col">Before</th>}
              <th scope="col">{isNew ? 'Value' : 'After'}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ field, before, after }) => (
              <tr key={field}>
                <th scope="row">{fieldWord(field)}</th>
                {!isNew && (
                  <td dir="auto">{before === undefined ? '—' : <del>{told(field, before)}</del>}</td>
                )}
                <td dir="auto">{after === undefined ? '—' : <ins>{told(field, after)}</ins>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <dl className={styles['facts']}>
        <div>
          <dt>When</dt>
          <dd>
            <When at={at} as="second" />
          </dd>
        </div>
        <div>
          <dt>Who</dt>
          <dd>
            <bdi>{actorShown}</bdi> <code>{actor}</code>
          </dd>
        </div>
        <div>
          <dt>From</dt>
          <dd>{address ?? 'the service itself'}</dd>
        </div>
        <div>
          <dt>To what</dt>
          <dd>
            {place === null ? (
              <code>{target}</code>
            ) : (
              <Link href={place}>
                <code>{target}</code>
              </Link>
            )}
          </dd>
        </div>
        <div>
          <dt>Entry</dt>
          <dd>
            {sequence}, <code title={entry.hash}>{entry.hash.slice(0, 12)}…</code>
          </dd>
        </div>
      </dl>
      <div className={styles['more']}>
        {!SELF.has(entry.action) && (
          <Button size="xs" variant="default" onClick={() => onFilter({ target })}>
            All that was done to it
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => onFilter({ actor })}>
          All by {actorShown}
        </Button>
      </div>
    </>
  );
}
