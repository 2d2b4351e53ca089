import type { ReactNode } from 'react';
import styles from '../figures/table.module.css';

export interface Column<Item> {
  readonly title: string;
  /** What has none takes what is left. */
  readonly width?: string;
  /** Left out where there is little room. */
  readonly isWide?: boolean;
  readonly of: (item: Item) => ReactNode;
}

interface ListProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** The first names the item. */
  readonly columns: readonly [Column<Item>, ...Column<Item>[]];
  readonly menuOf?: (item: Item) => ReactNode;
  /** Whether it is there and does not work: it is drawn quieter. */
  readonly isOff?: (item: Item) => boolean;
  /** What was shown before, while what is wanted now is under way. */
  readonly isStale?: boolean;
}

/** Items on the lines of a table, which are cards where there is room for one column only. */
export function List<Item>({ label, items, keyOf, columns, menuOf, isOff, isStale }: ListProps<Item>) {
  const [first, ...rest] = columns;
  return (
    <div className={styles['frame']} data-stale={isStale || undefined}>
      <table className={styles['table']} data-narrow="cards" data-pairs aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ title, width, isWide }) => (
              <th key={title} scope="col" className={isWide ? styles['wide'] : undefined} style={{ width }}>
                {title}
              </th>
            ))}
            {menuOf && (
              <th scope="col" className={styles['menu']}>
                <span className={styles['spoken']}>Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)} className={styles['row']} data-off={isOff?.(item) || undefined}>
              <th scope="row">{first.of(item)}</th>
              {rest.map(({ title, isWide, of }) => (
                <td key={title} data-label={title} className={isWide ? styles['wide'] : undefined}>
                  {of(item)}
                </td>
              ))}
              {menuOf && <td className={styles['menu']}>{menuOf(item)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
