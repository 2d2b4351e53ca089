import { register } from 'prom-client';
import { SpreadTally, Tally } from './tally.ts';

afterEach(() => register.clear());

const scraped = async () => (await register.metrics()).split('\n').filter((line) => line && line[0] !== '#');

it('counts by label values, from zero on, and is read again and again', async () => {
  const tally = new Tally({ name: 'asked_total', help: 'Asked', labels: ['what', 'how'] });
  tally.of('a', 'well');
  tally.of('b', 'ill').value += 2;
  const lines = ['asked_total{what="a",how="well"} 0', 'asked_total{what="b",how="ill"} 2'];
  expect(await scraped()).toEqual(lines);
  expect(await scraped()).toEqual(lines);
});

it('spreads observations over cumulative buckets, a bound belonging to its own', async () => {
  const tally = new SpreadTally({ name: 'took_seconds', help: 'Took', labels: ['who'] }, [0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 3]) tally.of('a').observe(seconds);
  expect(await scraped()).toEqual([
    'took_seconds_bucket{who="a",le="0.1"} 2',
    'took_seconds_bucket{who="a",le="1"} 3',
    'took_seconds_bucket{who="a",le="+Inf"} 4',
    'took_seconds_sum{who="a"} 3.65',
    'took_seconds_count{who="a"} 4',
  ]);
});

it('is added up over the workers of a cluster as prom-client adds up its own', async () => {
  const { AggregatorRegistry } = await import('prom-client');
  new SpreadTally({ name: 'took_seconds', help: 'Took', labels: [] }, [1]).of().observe(0.5);
  const of = async () => (await register.getMetricsAsJSON()) as unknown as object[];
  const whole = AggregatorRegistry.aggregate([await of(), await of()]);
  expect(await whole.metrics()).toContain('took_seconds_bucket{le="1"} 2');
});
