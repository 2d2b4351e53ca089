import { useState } from 'react';

/** The answer to a question for a page, or what is shown until it is there. */
interface Page {
  readonly data: { readonly next_cursor: string | null } | undefined;
  readonly isPlaceholderData: boolean;
}

/** Where in a list that is read by cursor the page is. A change of what is `wanted` goes back to the first. */
export function usePages(wanted: object) {
  const of = JSON.stringify(wanted);
  const [trail, setTrail] = useState<{ of: string; cursors: readonly string[] }>({ of, cursors: [] });
  const cursors = trail.of === of ? trail.cursors : [];
  return {
    cursor: cursors.at(-1),
    /**
     * The page's number, from 1, and the ways to the ones beside it. While the page is under way, the way on is known of
     * the one shown in its place alone, and leads nowhere.
     */
    waysFrom: ({ data, isPlaceholderData }: Page) => {
      const next = data?.next_cursor ?? null;
      const goOn = () => next !== null && !isPlaceholderData && setTrail({ of, cursors: [...cursors, next] });
      return {
        number: cursors.length + 1,
        goNext: next === null ? null : goOn,
        goBack: cursors.length === 0 ? null : () => setTrail({ of, cursors: cursors.slice(0, -1) }),
      };
    },
  };
}
