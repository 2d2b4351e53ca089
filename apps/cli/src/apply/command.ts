import { readFileSync } from 'node:fs';
import type { AdminClient } from '@tollgate/admin-client/client';
import { AdminApiError } from '@tollgate/admin-client/error';
import { Command } from 'commander';
import { Complaint, connect } from '../context.ts';
import { print } from '../print.ts';
import { carryOut, planFor, type SecretSink, secretsTo } from './apply.ts';
import { readManifest } from './manifest.ts';
import type { Step } from './plan.ts';

interface Options {
  readonly filename: string;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly secretsTo?: string;
  readonly json?: boolean;
}

const printedTo = (terminal: NodeJS.WriteStream): SecretSink => ({
  write: (name, secret) => void terminal.write(`secret of "${name}", shown this once: ${secret}\n`),
});

/** `tollgate apply -f keys.yaml` */
export const applyCommand = (): Command =>
  new Command('apply')
    .description('create, change and disable keys until they are as a file says')
    .requiredOption('-f, --filename <file>', 'YAML or JSON; "-" reads it from standard input')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--prune', 'disable keys that carry the file’s managed_by and are not in it any more')
    .option('--secrets-to <file>', 'append the secrets of new keys to a file instead of printing them')
    .option('--json', 'the plan for machines')
    .action(async (options: Options) => {
      const { client } = connect(process.env);
      const manifest = readManifest(read(options.filename));
      if (options.prune && manifest.managed_by === undefined) {
        throw new Complaint('--prune needs managed_by in the file: it says which keys are the file’s.');
      }
      const steps = await planFor(client, manifest, options.prune === true);
      print(steps, options.json === true, () => shown(steps, manifest.keys.length));
      if (options.dryRun) return;
      await carryOutAll(client, steps, sinkFor(options));
    });

/** With `--json`, standard output has the plan and nothing else. */
function sinkFor({ secretsTo: file, json }: Options): SecretSink {
  if (file !== undefined) return secretsTo(file);
  return printedTo(json ? process.stderr : process.stdout);
}

async function carryOutAll(client: AdminClient, steps: readonly Step[], secrets: SecretSink): Promise<void> {
  for (const [done, step] of steps.entries()) {
    try {
      await carryOut(client, step, secrets);
    } catch (error) {
      if (!(error instanceof AdminApiError)) throw error;
      const [what] = linesOf(step);
      const rest = `${done} of ${steps.length} steps are done; mend it and apply the file again for the rest.`;
      throw new Complaint(`${what}: ${error.message}\n${rest}`);
    }
  }
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Complaint(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function shown(steps: readonly Step[], keys: number): string {
  const lines = steps.flatMap(linesOf);
  const touched = steps.filter((step) => step.do !== 'disable').length;
  const count = (what: Step['do']) => steps.filter((step) => step.do === what).length;
  return [
    ...lines,
    `${count('create')} to create, ${count('update')} to change, ${count('disable')} to disable, ` +
      `${keys - touched} as they should be.`,
  ].join('\n');
}

function linesOf(step: Step): string[] {
  switch (step.do) {
    case 'create':
      return [`+ create "${step.name}"`];
    case 'disable':
      return [`- disable "${step.key.name}" (${step.key.id})`];
    case 'update':
      return [
        `~ change "${step.key.name}" (${step.key.id})`,
        ...step.changes.map(
          ({ field, from, to }) => `    ${field}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
        ),
      ];
  }
}
