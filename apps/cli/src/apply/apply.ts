import { appendFileSync, closeSync, openSync } from 'node:fs';
import type { AdminClient } from '@tollgate/admin-client/client';
import { everyItem } from '@tollgate/admin-client/pages';
import type { Key } from '@tollgate/contracts/admin-http';
import { DEFAULT_TEAM_ID } from '@tollgate/contracts/ids';
import type { Team } from '@tollgate/contracts/teams-http';
import { Complaint } from '../context.ts';
import { lostSecret } from '../lost-secret.ts';
import { folded, type Manifest } from './manifest.ts';
import { type PlacedKey, plan, type Step } from './plan.ts';

/** Where the secrets of new keys go: to the terminal, once, or to a file that its owner alone can read. */
export interface SecretSink {
  write(name: string, secret: string): void;
}

/** Appends `name: secret` lines. @throws Complaint before anything is made where the file cannot be written */
export function secretsTo(file: string): SecretSink {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new Complaint(`The secrets cannot be written to ${file}: ${(error as Error).message}`);
  }
  return { write: (name, secret) => appendFileSync(file, `${JSON.stringify(name)}: ${secret}\n`) };
}

/** What it would take for the keys to be as a file says. @throws Complaint where it names a team that there is not */
export async function planFor(client: AdminClient, manifest: Manifest, prune: boolean): Promise<Step[]> {
  const teams = await teamIds(client, manifest);
  const { team_id: own } = await client.adminKeys.me();
  const wanted = manifest.keys.map(({ team, ...key }): PlacedKey => {
    if (team === undefined) return { ...key, team_id: own ?? DEFAULT_TEAM_ID };
    const team_id = teams.get(folded(team)) ?? teams.get(team);
    if (team_id === undefined)
      throw new Complaint(
        `There is no team "${team}": "tollgate teams create" makes one, "teams list" shows them.`,
      );
    return { ...key, team_id };
  });
  const existing: Key[] = [];
  const list = (cursor: string | undefined) => client.keys.list({ query: { limit: 200, cursor } });
  for await (const key of everyItem<Key>(list)) if (key.status !== 'revoked') existing.push(key);
  return plan(wanted, existing, { managedBy: manifest.managed_by, prune });
}

async function teamIds(client: AdminClient, { keys }: Manifest): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  if (!keys.some(({ team }) => team !== undefined)) return ids;
  const list = (cursor: string | undefined) => client.teams.list({ query: { limit: 200, cursor } });
  for await (const { id, name } of everyItem<Team>(list)) ids.set(folded(name), id).set(id, id);
  return ids;
}

/** Carries one step out; the secret of a new key goes to the sink before anything else is done. */
export async function carryOut(client: AdminClient, step: Step, secrets: SecretSink): Promise<void> {
  switch (step.do) {
    case 'create': {
      const { key, secret } = await client.keys.create({ body: step.body });
      if (secret !== undefined) secrets.write(step.name, secret);
      if (!step.enabled) await client.keys.update({ id: key.id, body: { enabled: false } });
      if (secret === undefined) throw new Complaint(`"${step.name}" is made. ${lostSecret(key)}`);
      return;
    }
    case 'update':
      await client.keys.update({ id: step.key.id, body: step.body, ifMatch: step.key.version });
      return;
    case 'disable':
      await client.keys.update({ id: step.key.id, body: { enabled: false }, ifMatch: step.key.version });
  }
}
