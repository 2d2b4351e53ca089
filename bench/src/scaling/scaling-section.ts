import { type Section, shown } from '../report.ts';
import { cellNeeds, type Demand, fewestCells } from './deployment.ts';
import { simulateFold } from './fold-simulation.ts';
import { MEASURED } from './unit-costs.ts';

const SCENARIOS: readonly (Demand & { readonly what: string })[] = [
  { what: 'a company', requestsPerSecond: 1_000, keys: 10_000, busyKeys: 1_000, regions: 1 },
  { what: 'a large company', requestsPerSecond: 10_000, keys: 100_000, busyKeys: 10_000, regions: 1 },
  { what: 'a provider', requestsPerSecond: 100_000, keys: 1_000_000, busyKeys: 100_000, regions: 3 },
  { what: 'many keys', requestsPerSecond: 10_000, keys: 100_000_000, busyKeys: 20_000, regions: 1 },
  { what: 'all of it', requestsPerSecond: 1_000_000, keys: 100_000_000, busyKeys: 1_000_000, regions: 5 },
];
/** What the fold measured comes to: 17 550 records/s in transactions of 5 000. */
const FOLD = { transactionMs: 3, recordMs: 0.056, mostRecords: 5_000 };
const SIMULATED_MS = 60_000;

/** Arithmetic and a simulation; nothing is measured. */
export function scalingSection(): Section {
  return {
    title: 'Scaling',
    notes: [
      'Computed from the unit costs that this file measured; see docs/scaling.md.',
      'Needs are of one cell: a whole Tollgate for some of the teams.',
    ],
    verdicts: [],
    tables: [
      {
        caption: 'Cells, and what each takes',
        header: [
          'demand',
          'requests/s',
          'keys',
          'cells',
          'because of',
          'gateway cores',
          'GiB a gateway',
          'start s',
          'fold use',
          'meters out MB/s',
          'usage MB/s',
          'ledger GB/day',
        ],
        rows: SCENARIOS.map(({ what, ...demand }) => {
          const { cells, because } = fewestCells(MEASURED, demand);
          const needs = cellNeeds(MEASURED, demand, { cells });
          return [
            what,
            shown(demand.requestsPerSecond),
            shown(demand.keys),
            shown(cells),
            because ?? '—',
            shown(needs.gatewayCores),
            shown(needs.gatewayMemoryGiB, 2),
            shown(needs.gatewayStartSeconds, 1),
            shown(needs.foldUse, 2),
            shown(needs.metersOutMBPerSecond, 1),
            shown(needs.usageMBPerSecond, 1),
            shown(needs.ledgerGBPerDay, 1),
          ];
        }),
      },
      {
        caption: 'One fold, simulated for a minute; stalled: PostgreSQL stood still for 5 s',
        header: [
          'records/s',
          'p50 ms',
          'p99 ms',
          'records a transaction',
          'waiting',
          'max ms, stalled',
          'waiting, stalled',
        ],
        rows: [100, 1_000, 5_000, 10_000, 15_000, 17_000, 20_000].map((rate) => {
          const run = simulateFold(FOLD, rate, SIMULATED_MS);
          const stalled = simulateFold(FOLD, rate, SIMULATED_MS, { atMs: 20_000, forMs: 5_000 });
          return [
            shown(rate),
            shown(run.p50Ms, 1),
            shown(run.p99Ms, 1),
            shown(run.recordsPerTransaction, 1),
            shown(run.waiting),
            shown(stalled.maxMs),
            shown(stalled.waiting),
          ];
        }),
      },
    ],
  };
}
