import { parseArgs } from 'node:util';
import { benchAdmin } from './admin-bench.ts';
import { benchAllowances } from './allowances-bench.ts';
import { benchFold } from './fold-bench.ts';
import { machine } from './host.ts';
import { benchKeyState } from './key-state-bench.ts';
import { progress, progressDone } from './progress.ts';
import { benchPropagation } from './propagation-bench.ts';
import { benchProxy } from './proxy-bench.ts';
import { CASES } from './proxy-cases.ts';
import { benchRebuild } from './rebuild-bench.ts';
import { type Section, sectionText } from './report.ts';
import { writeResults } from './results-file.ts';
import { scalingSection } from './scaling/scaling-section.ts';

const USAGE = `npm run bench -- <what> [options]

  proxy         the gateway beside a bare proxy, a pass-through, @portkey-ai/gateway and no proxy
                  --rounds 3   --seconds 4   --case small (${CASES.map(({ name }) => name).join(', ')})   --profile
  propagation   how soon every one of 3 gateways refuses after a breach and after a revocation
                  --trials 100
  fold          how fast metering folds usage records, end to end
                  --records 200000   --spread 100,5000 (over how many keys)   --profile
  rebuild       how soon totals are counted anew from the ledger, and whether they are the same in every time zone
                  --records 1000000
  allowances    what it costs that none of 1, 2 and 4 gateways passes a limit
                  --rounds 3   --seconds 4   --gateways 1,2,4   --profile (of the first gateway)
  admin         lists, searches and overviews over many keys, and how fast changes of them are published
                  --keys 100000   --trials 400 (of each question)
  scaling       how many cells a demand takes, from the unit costs above; measures nothing
  key-state     memory per key and load time of a gateway
                  --keys 100000,1000000

  --write       replaces the section in bench/RESULTS.md
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    case: { type: 'string', multiple: true, default: [] },
    profile: { type: 'boolean', default: false },
    trials: { type: 'string', default: '100' },
    keys: { type: 'string', default: '100000,1000000' },
    records: { type: 'string' },
    spread: { type: 'string', default: '100,5000' },
    gateways: { type: 'string', default: '1,2,4' },
  },
});

const BENCHES: Record<string, () => Promise<Section>> = {
  proxy: () =>
    benchProxy({
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      cases: values.case,
      profile: values.profile,
    }),
  propagation: () => benchPropagation({ trials: Number(values.trials) }),
  fold: () =>
    benchFold({
      records: Number(values.records ?? 200_000),
      keys: values.spread.split(',').map(Number),
      profile: values.profile,
    }),
  rebuild: () => benchRebuild({ records: Number(values.records ?? 1_000_000), keys: 1_000 }),
  allowances: () =>
    benchAllowances({
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      fleets: values.gateways.split(',').map(Number),
      profile: values.profile,
    }),
  admin: () =>
    benchAdmin({ keys: Number(values.keys.split(',')[0]), trials: Math.max(400, Number(values.trials)) }),
  scaling: async () => scalingSection(),
  'key-state': () => benchKeyState({ keys: values.keys.split(',').map(Number) }),
};

const [name = ''] = positionals;
const bench = BENCHES[name];
if (!bench || positionals.length !== 1) {
  process.stderr.write(USAGE);
  process.exit(2);
}
// Leaving through `exit` ends every process of ours and deletes their data.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const measured = await bench();
const argument = process.argv
  .slice(2)
  .filter((text) => text !== '--write')
  .join(' ');
const section: Section = {
  ...measured,
  notes: [
    `${new Date().toISOString().slice(0, 10)}, \`npm run bench -- ${argument}\` on ${machine()}.`,
    ...measured.notes,
  ],
};
progress('done');
progressDone();
process.stdout.write(`\n${sectionText(section)}\n`);
if (values.write) process.stdout.write(`\nwritten to ${writeResults(name, section)}\n`);
process.exit(0);
