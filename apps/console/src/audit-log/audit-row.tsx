import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { shortId } from '../figures/short-id.ts';
import { When } from '../figures/when.tsx';
import { Entry } from '../list/entries.tsx';
import { useTeamName } from '../teams/use-teams.ts';
import { AuditDetail, type AuditRowProps } from './audit-detail.tsx';
import styles from './audit-log.module.css';
import { AUDIT_WORDS, SELF } from './audit-words.ts';
import { inOneLine } from './change-words.ts';
import { changesOf } from './changes.ts';
import { nameIn } from './target.ts';

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
              <bdi>{entry.actor_name ?? actorName(entry.actor)}</bdi>
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
        <AuditDetail
          of={entry}
          changes={changes}
          teamName={teamName}
          actorName={actorName}
          onFilter={onFilter}
        />
      )}
    </Entry>
  );
}

function targetName(
  entry: AuditRowProps['of'],
  teamName: (id: string) => string,
  actorName: (id: string) => string,
): string {
  const { target, target_name } = entry;
  if (target_name) return target_name;
  const known = target.startsWith('team_')
    ? teamName(target)
    : target.startsWith('adm_')
      ? actorName(target)
      : target;
  return known === target || known === shortId(target) ? (nameIn(entry) ?? shortId(target)) : known;
}
