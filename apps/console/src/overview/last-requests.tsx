import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { RequestEntry } from '@tollgate/contracts/metering-http';
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
/** Requests come faster than people read. */
const SETTLE_MS = 400;

/** The last requests of a scope, asked again when its meter counts another. */
export function LastRequests({ of: scope }: { readonly of: Scope }) {
  const counted = useMeter(scope.id)?.meter.requests;
  const lines = useQuery({
    queryKey: remembered(scope, 'requests'),
    queryFn: (asked) => askLastRequests(scope, SHOWN, asked),
  });
  const { refetch } = lines;
  useEffect(() => {
    if (counted === undefined) return;
    const timer = setTimeout(() => void refetch(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [counted, refetch]);
  return (
    <Panel title="Last requests">
      {lines.isError ? (
        <Trouble what="Requests could not be read." error={lines.error} onRetry={refetch} />
      ) : lines.isPending ? (
        <Skeleton height={220} />
      ) : lines.data.data.length === 0 ? (
        <p className={styles['none']}>No request yet.</p>
      ) : (
        <table className={styles['requests']}>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">When</th>
              <th scope="col">Took</th>
              <th scope="col">Tokens</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {lines.data.data.map((line) => (
              <Line key={line.id} of={line} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Line({ of: request }: { readonly of: RequestEntry }) {
  return (
    <tr>
      <th scope="row" title={`${request.provider}/${request.model} · ${request.endpoint} · ${request.id}`}>
        {request.model}
        {request.status !== 'succeeded' && <small>{request.status}</small>}
      </th>
      <td>
        <When at={request.admitted_at} />
      </td>
      <td>{count(Math.round(request.latency_ms))} ms</td>
      <td>{count(request.tokens)}</td>
      <td>
        {request.cost_usd === null ? (
          <span title="The model had no price.">unpriced</span>
        ) : (
          <Usd amount={request.cost_usd} />
        )}
      </td>
    </tr>
  );
}
