import { Button, Select, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { AUDIT_ACTIONS, type AuditAction, type AuditPage } from '@tollgate/contracts/audit-http';
import { useState } from 'react';
import { admin } from '../api/admin.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Empty } from '../trouble/empty.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import styles from './audit-log.module.css';
import { AuditRow } from './audit-row.tsx';
import { AUDIT_WORDS } from './audit-words.ts';

const PAGE = 50;
const TYPING_MS = 300;
const ACTIONS = AUDIT_ACTIONS.map((value) => ({ value, label: AUDIT_WORDS[value] }));

/** Who did what, when and from where. */
export function AuditLogScreen() {
  const [action, setAction] = useState<AuditAction | null>(null);
  const [typed, setTyped] = useState({ actor: '', target: '' });
  const [{ actor, target }] = useDebouncedValue(typed, TYPING_MS);
  const filters = {
    ...(action !== null && { action }),
    ...(actor.trim() !== '' && { actor: actor.trim() }),
    ...(target.trim() !== '' && { target: target.trim() }),
  };
  const log = useInfiniteQuery({
    queryKey: ['audit-log', filters],
    queryFn: ({ pageParam, signal }) =>
      admin.auditLog.list({
        query: { ...filters, limit: PAGE, ...(pageParam && { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }: AuditPage) => next_cursor,
  });
  const entries = log.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <>
      <ScreenHead
        title="Audit log"
        about="Every change, in the transaction that made it. Entries are chained, so that none can be taken out unseen."
        actions={
          <Button
            component="a"
            variant="default"
            href={`/v1/audit-log/export?${new URLSearchParams({ ...filters, format: 'csv' })}`}
            download
            leftSection={<IconDownload size={16} stroke={1.7} />}
          >
            Export CSV
          </Button>
        }
      />
      <search className={styles['bar']} aria-label="Filter the audit log">
        <Select
          aria-label="What was done"
          placeholder="Anything"
          data={ACTIONS}
          value={action}
          onChange={(value) => setAction(value as AuditAction | null)}
          clearable
          searchable
        />
        <TextInput
          aria-label="Id of the admin key that did it"
          placeholder="By adm_…"
          value={typed.actor}
          onChange={(event) => setTyped({ ...typed, actor: event.currentTarget.value })}
        />
        <TextInput
          aria-label="Id of what was changed"
          placeholder="To key_…, team_…"
          value={typed.target}
          onChange={(event) => setTyped({ ...typed, target: event.currentTarget.value })}
        />
      </search>
      {log.isError ? (
        <Trouble
          what="The audit log could not be read."
          error={log.error}
          onRetry={() => void log.refetch()}
        />
      ) : log.isPending ? (
        <Skeleton height={360} radius="lg" />
      ) : entries.length === 0 ? (
        <Empty title="No entry matches">Ids are matched whole.</Empty>
      ) : (
        <ol className={styles['entries']}>
          {entries.map((entry) => (
            <AuditRow key={entry.sequence} of={entry} />
          ))}
        </ol>
      )}
      {log.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          loading={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}
