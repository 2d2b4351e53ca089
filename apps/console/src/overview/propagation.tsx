import { Skeleton } from '@mantine/core';
import { IconCircleCheck, IconLoader2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { counted } from '../figures/count.ts';
import { When } from '../figures/when.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { Panel } from './panel.tsx';
import styles from './propagation.module.css';
import { askPropagation, remembered, type Scope } from './scope.ts';

const UNTIL_COMPLETE_MS = 1_000;

/** Which gateways go by what is shown here. */
export function Propagation({ of: scope, version }: { readonly of: Scope; readonly version: number }) {
  const asked = useQuery({
    queryKey: remembered(scope, 'propagation', version),
    queryFn: (context) => askPropagation(scope, context),
    refetchInterval: ({ state }) => (state.data?.complete === false ? UNTIL_COMPLETE_MS : false),
  });
  const gateways = asked.data?.gateways ?? [];
  const applied = gateways.filter((one) => one.applied).length;
  return (
    <Panel title="Gateways" about={`Which go by version ${version}`}>
      {asked.isError && (
        <Trouble what="This could not be read." error={asked.error} onRetry={asked.refetch} />
      )}
      {asked.isPending && <Skeleton height={64} />}
      {asked.isSuccess && (
        <>
          <p className={styles['sum']}>
            {gateways.length === 0
              ? 'No gateway is running.'
              : applied === gateways.length
                ? gateways.length === 1
                  ? 'The one gateway goes by it.'
                  : `All ${gateways.length} go by it.`
                : `${applied} of ${counted(gateways.length, 'gateway')} so far.`}
          </p>
          <ul className={styles['gateways']}>
            {gateways.map((one) => (
              <li key={one.instance} data-applied={one.applied}>
                {one.applied ? (
                  <IconCircleCheck size={16} stroke={1.7} aria-label="applied" />
                ) : (
                  <IconLoader2 size={16} stroke={1.7} aria-label="not yet applied" />
                )}
                <code title={one.instance}>{one.instance}</code>
                <span>
                  {one.applied_at === null ? (
                    one.applied ? (
                      'since it started'
                    ) : (
                      'not yet'
                    )
                  ) : (
                    <When at={one.applied_at} />
                  )}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
