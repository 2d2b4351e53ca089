import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { StatementLine } from '@tollgate/contracts/metering-http';
import { useEffect } from 'react';
import { count } from '../figures/count.ts';
import { Usd } from '../figures/usd.tsx';
import { When } from '../figures/when.tsx';
import { useMeter } from '../live/live.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import styles from './last-requests.module.css';
import { Panel } from './panel.tsx';
import { askLastRequests, remembered, type Scope } from './scope.ts';

const SHOWN = 12;

/** The last requests of a scope, asked again when its meter counts another. */
export function LastRequests({ of: scope }: { readonly of: Scope }) {
  const counted = useMeter(scope.id)?.meter.requests;
  const lines = useQuery({
    queryKey: remembered(scope, 'requests'),
    queryFn: (asked) => askLastRequests(scope, SHOWN, asked),
  });
  const { refetch } = lines;
  useEffect(() => {
    if (counted !== undefined) void refetch();
  }, [counted, refetch]);
  return (
    <Panel title="Last requests">
      {lines.isError ? (
        <Trouble what="Requests could not be read." error={lines.error} onRetry={() => void refetch()} />
      ) : lines.isPending ? (
        <Skeleton height={220} />
      ) : lines.data.length === 0 ? (
        <p className={styles['none']}>No request in this period yet.</p>
      ) : (
        <table className={styles['requests']}>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">When</th>
              <th scope="col">Tokens</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {lines.data.map((line) => (
              <Line key={line.id} of={line} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Line({ of: line }: { readonly of: StatementLine }) {
  return (
    <tr>
      <th scope="row" title={`${line.provider}/${line.model} · ${line.id}`}>
        {line.kind === 'usage' ? line.model : (line.reason ?? line.kind)}
        {line.status !== 'succeeded' && line.kind === 'usage' && <small>{line.status}</small>}
      </th>
      <td>
        <When at={line.admitted_at} />
      </td>
      <td>{count(line.tokens)}</td>
      <td>
        {line.cost_usd === null ? (
          <span title="The model had no price.">unpriced</span>
        ) : (
          <Usd amount={line.cost_usd} />
        )}
      </td>
    </tr>
  );
}
