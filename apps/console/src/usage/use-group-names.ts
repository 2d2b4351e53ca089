import type { UsageAnswer } from '@tollgate/contracts/metering-http';
import type { Grouping } from './groupings.ts';
import { OTHER } from './series.ts';

/** What groups are called, and where they have a screen of their own. */
export function useGroupNames(grouping: Grouping, answer: UsageAnswer | undefined) {
  const named = new Map(answer?.groups?.map(({ group, name }) => [group, name]));
  const nameOf = (group: string): string => {
    if (group === OTHER) return 'All others';
    return named.get(group) ?? group;
  };
  const linkOf = (group: string): string | null =>
    grouping === 'model' || group === OTHER ? null : `/${grouping}s/${group}`;
  return { nameOf, linkOf };
}
