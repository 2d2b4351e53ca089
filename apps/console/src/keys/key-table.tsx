import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { Key } from '@tollgate/contracts/admin-http';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Ref } from 'react';
import styles from '../figures/table.module.css';
import { useMay } from '../session/may.ts';
import type { KeyAct } from './key-act.tsx';
import type { KeyFilters } from './key-filters.ts';
import { KeyRow } from './key-row.tsx';

interface KeyTableProps {
  readonly keys: readonly Key[];
  /** So many are drawn, and this stands in the place of the others. */
  readonly drawn: number;
  readonly rest: Ref<HTMLTableRowElement>;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (id: string, isChosen: boolean) => void;
  readonly onAct: (act: KeyAct) => void;
  readonly onChooseAll: (isChosen: boolean) => void;
  readonly sort: KeyFilters['sort'];
  readonly onSort: (sort: KeyFilters['sort']) => void;
  readonly isStale: boolean;
}

/** Of a row of the table and the line below it, in pixels. */
const ROW_HEIGHT = 55;

/** Keys on lines, with figures that move. */
export function KeyTable(props: KeyTableProps) {
  const { keys, drawn, rest, chosen, onChoose, onChooseAll, onAct, sort, onSort, isStale } = props;
  const may = useMay();
  const isSorted = sort === 'name' ? 'ascending' : sort === '-name' ? 'descending' : 'none';
  return (
    <div className={styles['frame']} data-stale={isStale || undefined}>
      <table className={styles['table']} aria-rowcount={keys.length + 1}>
        <thead>
          <tr>
            {may(ADMIN_ROUTES.keys.bulk) && (
              <th scope="col" className={styles['check']}>
                <Checkbox
                  size="xs"
                  aria-label="Choose all keys of this page"
                  checked={chosen.size > 0 && chosen.size === keys.length}
                  indeterminate={chosen.size > 0 && chosen.size < keys.length}
                  onChange={(event) => onChooseAll(event.currentTarget.checked)}
                />
              </th>
            )}
            <th scope="col" aria-sort={isSorted}>
              <button type="button" onClick={() => onSort(sort === 'name' ? '-name' : 'name')}>
                Name
                {isSorted === 'ascending' && <IconArrowUp size={13} stroke={2} aria-hidden="true" />}
                {isSorted === 'descending' && <IconArrowDown size={13} stroke={2} aria-hidden="true" />}
              </button>
            </th>
            <th scope="col" className={styles['team']}>
              Team
            </th>
            <th scope="col" className={styles['status']}>
              Status
            </th>
            <th scope="col" className={styles['cost']}>
              Cost
            </th>
            <th scope="col" className={styles['tokens']}>
              Tokens
            </th>
            <th scope="col" className={styles['requests']}>
              Requests/min
            </th>
            <th scope="col" className={`${styles['time']} ${styles['wide']}`}>
              Resets
            </th>
            <th scope="col" className={styles['time']}>
              Last used
            </th>
            <th scope="col" className={`${styles['time']} ${styles['wide']}`}>
              Expires
            </th>
            <th scope="col" className={styles['menu']}>
              <span className={styles['spoken']}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.slice(0, drawn).map((key) => (
            <KeyRow key={key.id} of={key} isChosen={chosen.has(key.id)} onChoose={onChoose} onAct={onAct} />
          ))}
          {drawn < keys.length && <tr ref={rest} style={{ height: (keys.length - drawn) * ROW_HEIGHT }} />}
        </tbody>
      </table>
    </div>
  );
}
