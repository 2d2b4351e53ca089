import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import type { AuditEntry } from '@tollgate/contracts/audit-http';
import { type ReactNode, useId, useState } from 'react';
import { Link } from 'wouter';
import { When } from '../figures/when.tsx';
import styles from './audit-log.module.css';
import { AUDIT_WORDS } from './audit-words.ts';
import { changesOf } from './changes.ts';

/** Where what was changed has a screen. */
function Target({ id }: { readonly id: string }): ReactNode {
  const to = id.startsWith('key_') ? `/keys/${id}` : id.startsWith('team_') ? `/teams/${id}` : null;
  return to === null ? (
    <code>{id}</code>
  ) : (
    <Link href={to}>
      <code>{id}</code>
    </Link>
  );
}

/** An entry; what it changed unfolds. */
export function AuditRow({
  of: entry,
}: {
  readonly of: AuditEntry & { readonly actor_name?: string | null };
}) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const changes = changesOf(entry.before, entry.after);
  return (
    <li className={styles['entry']}>
      <UnstyledButton
        className={styles['fold']!}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <IconChevronRight size={15} stroke={1.8} aria-hidden="true" />
        <span>
          <strong>{entry.actor_name ?? <code>{entry.actor}</code>}</strong>{' '}
          {AUDIT_WORDS[entry.action] ?? entry.action}
        </span>
        <small>
          <When at={entry.at} />
        </small>
      </UnstyledButton>
      {isOpen && (
        <div id={id} className={styles['detail']}>
          <p>
            <Target id={entry.target} /> ·{' '}
            {entry.address === null ? 'by the service itself' : `from ${entry.address}`} · entry{' '}
            {entry.sequence}
          </p>
          {changes.length > 0 && (
            <dl>
              {changes.map(({ field, before, after }) => (
                <div key={field}>
                  <dt>{field}</dt>
                  <dd>
                    {before !== null && <del>{before}</del>} {after !== null && <ins>{after}</ins>}
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </div>
      )}
    </li>
  );
}
