import type { KeyChanged, OrganizationChanged, TeamChanged } from '@tollgate/contracts/events';
import type { KafkaConnection } from '@tollgate/kafka/connection';
import { readTopics } from '@tollgate/kafka/read-topics';

/** The latest that `keys` says of a scope. */
export interface Told {
  /** RFC 3339; when that was so. */
  readonly at: string;
  readonly changed: KeyChanged | TeamChanged | OrganizationChanged;
}

/** The latest that `keys` says of each scope, by id. What was told of them before may be compacted away. */
export async function readTold(kafka: KafkaConnection): Promise<Map<string, Told>> {
  const told = new Map<string, Told>();
  await readTopics(kafka, {
    keys({ events }) {
      for (const { event } of events) {
        if (event.type === 'tollgate.heartbeat.v1') continue;
        const changed = event.data as Told['changed'];
        const known = told.get(changed.state.id);
        if (!known || changed.version > known.changed.version)
          told.set(changed.state.id, { at: event.time, changed });
      }
    },
  });
  return told;
}
