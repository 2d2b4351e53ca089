import { enqueue } from '@tollgate/event-store/outbox';
import { OutboxRelay, type Published } from '@tollgate/event-store/outbox-relay';
import { lockStream, readStream, type StreamEvent } from '@tollgate/event-store/stream';
import type { OutgoingRecord } from '@tollgate/kafka/cloud-event';
import type { Publisher } from '@tollgate/kafka/publisher';
import type { Readiness } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import type { DataSource, EntityManager } from 'typeorm';
import { KEY } from '../keys/key-kind.ts';
import { ORGANIZATION } from '../organization/organization-kind.ts';
import type { Publications } from '../propagation/publications.ts';
import { NOTE_PUBLISHED } from '../propagation/sql/note-published.ts';
import { TEAM } from '../teams/team-kind.ts';
import { fold, type ScopeKind } from './change-scope.ts';
import { scopeVersionOf } from './scope-record.ts';

interface Parts {
  readonly dataSource: DataSource;
  readonly publisher: Publisher;
  readonly publications: Publications;
  readonly readiness: Readiness;
  readonly logger: Logger;
}

/** The relay of the keys topic: notes where each scope's last record is, with the deletion of its outbox row. */
export const ScopeRelay = {
  create({ dataSource, publisher, publications, readiness, logger }: Parts): OutboxRelay {
    const gate = readiness.gate('outbox relay', 'connecting to the database');
    return new OutboxRelay({
      dataSource,
      publisher,
      logger,
      heartbeatTopic: 'keys',
      onPublished: (em, published) => notePublished(em, published, publications),
      onOvertaken: queueCurrent,
      onState: (state) => (state === 'connecting' ? gate.close('reconnecting to the database') : gate.open()),
    });
  },
};

async function notePublished(em: EntityManager, published: readonly Published[], publications: Publications) {
  const notes = new Map<string, { version: number } & Published['position']>();
  for (const { record, position } of published) {
    const scope = scopeVersionOf(record);
    if (scope) notes.set(scope.scopeId, { version: scope.version, ...position });
  }
  // In the order of ids, as whoever else notes some of them does.
  const ids = [...notes.keys()].sort();
  const rows = ids.map((id) => notes.get(id)!);
  await em.query(NOTE_PUBLISHED, [
    ids,
    rows.map(({ version }) => version),
    rows.map(({ partition }) => partition),
    rows.map(({ offset }) => offset.toString()),
  ]);
  for (const [scopeId, { version, ...position }] of notes) publications.note(scopeId, version, position);
}

/**
 * An older record of these scopes may have come after a newer one, and compaction would keep it: a gateway that starts
 * later would take a revoked key for a live one. The current record goes out once more, with the id it had.
 */
async function queueCurrent(em: EntityManager, records: readonly OutgoingRecord[]): Promise<void> {
  const ids = new Set(records.flatMap((record) => scopeVersionOf(record)?.scopeId ?? []));
  for (const id of [...ids].sort()) {
    await lockStream(em, id);
    if (id.startsWith('key_')) await enqueue(em, currentRecord(KEY, await readStream(em, id)));
    else if (id.startsWith('team_')) await enqueue(em, currentRecord(TEAM, await readStream(em, id)));
    else await enqueue(em, currentRecord(ORGANIZATION, await readStream(em, id)));
  }
}

function currentRecord<Command, Event extends StreamEvent, State extends { readonly version: number }>(
  kind: ScopeKind<Command, Event, State>,
  history: readonly Event[],
): OutgoingRecord[] {
  const state = fold(kind, history);
  const last = history.at(-1);
  return state && last ? [kind.toRecord(last, state)] : [];
}
