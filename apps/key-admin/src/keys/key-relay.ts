import type { KeyEvent } from '@tollgate/domain/key/events';
import { foldKey } from '@tollgate/domain/key/state';
import { enqueue } from '@tollgate/event-store/outbox';
import { OutboxRelay, type Published } from '@tollgate/event-store/outbox-relay';
import { lockStream, readStream } from '@tollgate/event-store/stream';
import type { OutgoingRecord } from '@tollgate/kafka/cloud-event';
import type { Publisher } from '@tollgate/kafka/publisher';
import type { Readiness } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import type { DataSource, EntityManager } from 'typeorm';
import type { Publications } from '../propagation/publications.ts';
import { keyVersionOf, toKeyRecord } from './key-record.ts';
import { NOTE_PUBLISHED } from './sql/note-published.ts';

interface Parts {
  readonly dataSource: DataSource;
  readonly publisher: Publisher;
  readonly publications: Publications;
  readonly readiness: Readiness;
  readonly logger: Logger;
}

/** The relay of the keys topic: notes where each key's last record is, with the deletion of its outbox row. */
export const KeyRelay = {
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
    const key = keyVersionOf(record);
    if (key) notes.set(key.keyId, { version: key.version, ...position });
  }
  const rows = [...notes.values()];
  await em.query(NOTE_PUBLISHED, [
    [...notes.keys()],
    rows.map(({ version }) => version),
    rows.map(({ partition }) => partition),
    rows.map(({ offset }) => offset.toString()),
  ]);
  for (const [keyId, { version, ...position }] of notes) publications.note(keyId, version, position);
}

/**
 * An older record of these keys may have come after a newer one, and compaction would keep it: a gateway that starts
 * later would take a revoked key for a live one. The current record goes out once more, with the id it had.
 */
async function queueCurrent(em: EntityManager, records: readonly OutgoingRecord[]): Promise<void> {
  const keyIds = new Set(records.flatMap((record) => keyVersionOf(record)?.keyId ?? []));
  for (const keyId of [...keyIds].sort()) {
    await lockStream(em, keyId);
    const history = await readStream<KeyEvent>(em, keyId);
    const state = foldKey(history);
    const last = history.at(-1);
    if (state && last) await enqueue(em, [toKeyRecord(last, state)]);
  }
}
