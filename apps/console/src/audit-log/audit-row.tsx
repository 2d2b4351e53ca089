import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { shortId } from '../figures/short-id.ts';
import { When } from '../figures/when.tsx';
import { Entry } from '../list/entries.tsx';
import { AuditDetail, type AuditRowProps } from './audit-detail.tsx';
import styles from './audit-log.module.css';
import { AUDIT_WORDS, SELF } from './audit-words.ts';
import { inOneLine } from './change-words.ts';
import { changesOf } from './changes.ts';
import { nameIn, teamNameIn } from './target.ts';

/** Of these the sentence has said all already. */
const TOLD = new Set([
  ...SELF,
  'key.enabled',
  'key.disabled',
  'key.revoked',
  'team.deleted',
  'admin_key.revoked',
]);

/** What the sentence says of something new, and what few choose otherwise. */
const SAID = new Set(['id', 'name', 'limits.timezone', 'limits.enforcement']);

/** An entry as a sentence, with what changed below it; opened, field by field. */
export function AuditRow({ of: entry, actorName, onFilter }: AuditRowProps) {
  const { before, after, action, target } = entry;
  const changes = changesOf(before, after);
  const isAboutOther = !SELF.has(action) && target !== ORGANIZATION_ID;
  const isNew = changes.every((change) => change.before === undefined);
  const toldBelow = isNew ? changes.filter(({ field }) => !SAID.has(field)) : changes;
  const line = TOLD.has(action) ? '' : inOneLine(toldBelow, teamNameIn(entry));
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
                <bdi>{entry.target_name ?? nameIn(entry) ?? shortId(target)}</bdi>
              </strong>
            )}
            {line !== '' && <small dir="auto">{line}</small>}
          </span>
        </div>
      }
    >
      {() => <AuditDetail of={entry} changes={changes} actorName={actorName} onFilter={onFilter} />}
    </Entry>
  );
}
