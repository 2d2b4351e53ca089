import fc from 'fast-check';
import { pagesByTime } from './pages-by-time.ts';

interface Row {
  readonly atMs: number;
  readonly id: number;
}

it('reads every row of a span once and in order, however they lie in time', async () => {
  const instants = fc.array(
    fc.oneof(fc.integer({ min: -10, max: 40 }), fc.integer({ min: 0, max: 10 ** 9 })),
  );
  await fc.assert(
    fc.asyncProperty(instants, fc.integer({ min: 1, max: 5 }), async (times, pageSize) => {
      const rows = times
        .map((atMs, id): Row => ({ atMs, id }))
        .sort((a, b) => a.atMs - b.atMs || a.id - b.id);
      const span = { fromMs: 0, toMs: 5 * 10 ** 8, pageSize };
      const found: Row[] = [];
      const pages = pagesByTime<Row>(
        span,
        ({ atMs }) => atMs,
        async ({ fromMs, toMs, after }) =>
          rows
            .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
            .filter(({ atMs, id }) => !after || atMs > after.atMs || (atMs === after.atMs && id > after.id))
            .slice(0, pageSize),
      );
      for await (const page of pages) found.push(...page);
      expect(found).toEqual(rows.filter(({ atMs }) => atMs >= span.fromMs && atMs < span.toMs));
    }),
  );
});
