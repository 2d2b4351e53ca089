import { parseUsd } from '@tollgate/contracts/money';
import { Link } from 'wouter';
import { count } from '../figures/count.ts';
import { Usd } from '../figures/usd.tsx';
import { colorOf } from './group-color.ts';
import { type GroupUsed, type Measure, OTHER, sumOf } from './series.ts';
import styles from './usage-panel.module.css';

interface GroupTableProps {
  readonly title: string;
  readonly totals: readonly GroupUsed[];
  /** Those that have a colour of their own. */
  readonly groups: readonly string[];
  readonly measure: Measure;
  readonly nameOf: (group: string) => string;
  /** Where a group has a screen of its own. */
  readonly linkOf: (group: string) => string | null;
}

const partOf = (one: GroupUsed, all: ReturnType<typeof sumOf>, measure: Measure): number => {
  if (measure !== 'cost_usd') return all[measure] === 0 ? 0 : (one[measure] / all[measure]) * 100;
  const whole = parseUsd(all.cost_usd);
  return whole === 0n ? 0 : Number((parseUsd(one.cost_usd) * 10_000n) / whole) / 100;
};

/** What each group used, and its part of the whole. */
export function GroupTable({ title, totals, groups, measure, nameOf, linkOf }: GroupTableProps) {
  const all = sumOf(totals);
  return (
    <table className={styles['groups']}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">Requests</th>
          <th scope="col">Tokens</th>
          <th scope="col">Cost</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {totals.map((one) => {
          const place = groups.indexOf(one.group);
          const link = linkOf(one.group);
          const name = <bdi>{nameOf(one.group)}</bdi>;
          const part = partOf(one, all, measure);
          return (
            <tr key={one.group}>
              <th scope="row">
                <i style={{ background: place < 0 ? colorOf(OTHER, 0) : colorOf(one.group, place) }} />
                {link === null ? name : <Link href={link}>{name}</Link>}
              </th>
              <td>{count(one.requests)}</td>
              <td>{count(one.tokens)}</td>
              <td>
                <Usd amount={one.cost_usd} />
              </td>
              <td>{part > 0 && part < 1 ? '<1' : Math.round(part)} %</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
