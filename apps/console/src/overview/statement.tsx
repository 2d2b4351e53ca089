import { Button, Drawer, Skeleton } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { StatementAnswer, StatementLine } from '@tollgate/contracts/metering-http';
import { count } from '../figures/count.ts';
import { usdExact } from '../figures/money.ts';
import { When } from '../figures/when.tsx';
import { usePhone } from '../theme/phone.ts';
import { Trouble } from '../trouble/trouble.tsx';
import { periodName } from './period-name.ts';
import { askStatement, remembered, type Scope } from './scope.ts';
import styles from './statement.module.css';

const PAGE = 100;

interface StatementProps {
  readonly of: Scope;
  readonly name: string;
  readonly onClose: () => void;
}

/** The records behind the figure on the screen, with a running balance that ends at it. */
export function Statement({ of: scope, name, onClose }: StatementProps) {
  const isPhone = usePhone();
  const statement = useInfiniteQuery({
    queryKey: remembered(scope, 'statement'),
    queryFn: ({ pageParam, signal }) =>
      askStatement(scope, { limit: PAGE, ...(pageParam && { cursor: pageParam }) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }: StatementAnswer) => next_cursor,
  });
  const pages = statement.data?.pages ?? [];
  const [first] = pages;
  const lines = pages.flatMap(({ data }) => data);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={isPhone ? '100%' : 720}
      title={`How ${name} comes to its balance`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {statement.isError && (
        <Trouble
          what="The statement could not be read."
          error={statement.error}
          onRetry={statement.refetch}
        />
      )}
      {statement.isPending && <Skeleton height={360} />}
      {first && (
        <>
          <p className={styles['about']}>
            {periodName(first.period.id)}
            {first.generation > 0 &&
              `, after ${count(first.generation)} ${first.generation === 1 ? 'reset' : 'resets'}`}
            : every record and correction that counts, oldest first.
          </p>
          <table className={styles['statement']}>
            <thead>
              <tr>
                <th scope="col">Record</th>
                <th scope="col">Tokens</th>
                <th scope="col">Cost</th>
                <th scope="col">Balance</th>
              </tr>
            </thead>
            <tbody>
              {first.opening.requests > 0 && (
                <tr>
                  <th scope="row">Opening balance of months that have left the ledger</th>
                  <td>{count(first.opening.tokens)}</td>
                  <td />
                  <td>{usdExact(first.opening.cost_usd)}</td>
                </tr>
              )}
              {lines.map((line) => (
                <Line key={line.id} of={line} />
              ))}
            </tbody>
          </table>
          {statement.hasNextPage ? (
            <Button
              variant="default"
              fullWidth
              loading={statement.isFetchingNextPage}
              onClick={() => void statement.fetchNextPage()}
            >
              Show more
            </Button>
          ) : (
            <p className={styles['end']}>
              <IconCircleCheck size={17} stroke={1.7} aria-hidden="true" />
              <span>
                Ends at the meter: <strong>{usdExact(first.meter.cost_usd)}</strong> and{' '}
                <strong>{count(first.meter.tokens)} tokens</strong>
              </span>
            </p>
          )}
        </>
      )}
    </Drawer>
  );
}

function Line({ of: line }: { readonly of: StatementLine }) {
  return (
    <tr data-kind={line.kind}>
      <th scope="row">
        <span>
          {line.kind === 'usage'
            ? line.model
            : `${line.kind}${line.reason === null ? '' : `: ${line.reason}`}`}
        </span>
        <small>
          <When at={line.admitted_at} as="minute" />
          {line.status !== 'succeeded' && line.kind === 'usage' && ` · ${line.status}`} ·{' '}
          <code>{line.id}</code>
        </small>
      </th>
      <td>{count(line.tokens)}</td>
      <td>{line.cost_usd === null ? 'unpriced' : usdExact(line.cost_usd)}</td>
      <td>
        {usdExact(line.balance.cost_usd)}
        <small>{count(line.balance.tokens)}</small>
      </td>
    </tr>
  );
}
