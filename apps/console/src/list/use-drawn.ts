import { type RefCallback, useCallback, useState } from 'react';

/** So many fill a screen, and so many more are drawn at a time. */
const STEP = 25;
/** What is so near below the screen is drawn before it is seen. */
const NEAR = '400px 0px';

/**
 * How much of a long list is drawn: as far as it was scrolled to. A page of hundreds is there, and answers, as soon as
 * one that fills the screen.
 * @param of which list it is; another one begins anew
 * @param count how many are in it
 */
export function useDrawn(of: string | undefined, count: number) {
  const [{ list, upTo }, setDrawn] = useState({ list: of, upTo: STEP });
  const drawn = Math.min(count, list === of ? upTo : STEP);
  /** For what stands in the place of the others. It is looked at anew after each step, which may not have been enough. */
  const rest: RefCallback<Element> = useCallback(
    (element) => {
      if (element === null) return;
      const observer = new IntersectionObserver(
        ([entry]) => entry?.isIntersecting && setDrawn({ list: of, upTo: drawn + STEP }),
        { rootMargin: NEAR },
      );
      observer.observe(element);
      return () => observer.disconnect();
    },
    [of, drawn],
  );
  return { drawn, rest };
}
