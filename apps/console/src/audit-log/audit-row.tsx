import { Button } from '@mantine/core';
import type { AuditEntry } from '@tollgate/contracts/audit-http';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { Link } from 'wouter';
import { shortId } from '../figures/short-id.ts';
import { When } from '../figures/when.tsx';
import { Entry } from '../list/entries.tsx';
import { useTeamName } from '../teams/use-teams.ts';
import type { AuditFilters } from './audit-filters.ts';
import styles from './audit-log.module.css';
import { AUDIT_WORDS } from './audit-words.ts';
import { fieldWord, inOneLine, valueWord } from './change-words.ts';
import { type Change, changesOf } from './changes.ts';
import { nameIn, placeOf } from './target.ts';

interface AuditRowProps {
  readonly of: AuditEntry;
  readonly actorName: (adminId: string) => string;
  readonly onFilter: (changes: Partial<AuditFilters>) => void;
}

/** These are about the one who did it. */
const SELF = new Set(['session.opened', 'session.ended']);
/** Of these the sentence has said all already. */
const TOLD = new Set([
  ...SELF,
  'key.enabled',
  'key.disabled',
  'key.revoked',
  'team.deleted',
  'admin_key.revoked',
]);

/** An entry as a sentence, with what changed below it; opened, field by field. */
export function AuditRow({ of: entry, actorName, onFilter }: AuditRowProps) {
  const teamName = useTeamName();
  const { before, after, action, target } = entry;
  const changes = changesOf(before, after);
  const isAboutOther = !SELF.has(action) && target !== ORGANIZATION_ID;
  const isNew = changes.every((change) => change.before === undefined);
  const toldBelow = isNew ? changes.filter(({ field }) => field !== 'name') : changes;
  const line = TOLD.has(action) ? '' : inOneLine(toldBelow, teamName);
  return (
    <Entry
      summary={
        <div className={styles['line']}>
          <span className={styles['time']}>
            <When at={entry.at} as="time" />
          </span>
          <span>
            <strong>
              <bdi>{actorName(entry.actor)}</bdi>
            </strong>{' '}
            {AUDIT_WORDS[action] ?? action}{' '}
            {isAboutOther && (
              <strong>
                <bdi>{targetName(entry, teamName, actorName)}</bdi>
              </strong>
            )}
            {line !== '' && <small dir="auto">{line}</small>}
          </span>
        </div>
      }
    >
      {() => (
        <Opened of={entry} changes={changes} teamName={teamName} actorName={actorName} onFilter={onFilter} />
      )}
    </Entry>
  );
}

function targetName(
  entry: AuditEntry,
  teamName: (id: string) => string,
  actorName: (id: string) => string,
): string {
  const { target } = entry;
  const known = target.startsWith('team_')
    ? teamName(target)
    : target.startsWith('adm_')
      ? actorName(target)
      : target;
  return known === target || known === shortId(target) ? (nameIn(entry) ?? shortId(target)) : known;
}

interface OpenedProps extends AuditRowProps {
  readonly changes: readonly Change[];
  readonly teamName: (teamId: string) => string;
}

function Opened({ of: entry, changes, teamName, actorName, onFilter }: OpenedProps) {
  const { actor, address, target, sequence, at } = entry;
  const place = placeOf(target);
  const isNew = changes.every((change) => change.before === undefined);
  const told = (field: string, value: unknown) =>
    field === 'team_id' && typeof value === 'string' ? teamName(value) : valueWord(field, value);
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
            <bdi>{actorName(actor)}</bdi> <code>{actor}</code>
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
        <Button size="xs" variant="default" onClick={() => onFilter({ target })}>
          All that was done to it
        </Button>
        <Button size="xs" variant="default" onClick={() => onFilter({ actor })}>
          All by {actorName(actor)}
        </Button>
      </div>
    </>
  );
}
