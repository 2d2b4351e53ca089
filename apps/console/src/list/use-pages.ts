import { useState } from 'react';

/** Where in a list that is read by cursor the page is. A change of what is `wanted` goes back to the first. */
export function usePages(wanted: object) {
  const of = JSON.stringify(wanted);
  const [trail, setTrail] = useState<{ of: string; cursors: readonly string[] }>({ of, cursors: [] });
  const cursors = trail.of === of ? trail.cursors : [];
  return {
    cursor: cursors.at(-1),
    /** The page's number, from 1, and the ways to the ones beside it; `next` is the cursor that it came with. */
    waysFrom: (next: string | null) => ({
      number: cursors.length + 1,
      goNext: next === null ? null : () => setTrail({ of, cursors: [...cursors, next] }),
      goBack: cursors.length === 0 ? null : () => setTrail({ of, cursors: cursors.slice(0, -1) }),
    }),
  };
}
