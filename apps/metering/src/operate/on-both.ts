import { reanchorBody, resendBody } from '@tollgate/contracts/operations-http';
import type { KafkaConnection } from '@tollgate/kafka/connection';
import { Publisher } from '@tollgate/kafka/publisher';
import { parseInput } from '@tollgate/service-kit/input';
import type { DataSource } from 'typeorm';
import { catchUp } from '../catch-up/catch-up.ts';
import { learnScopes } from '../catch-up/learn-scopes.ts';
import { resend } from '../reanchor/resend.ts';
import { type Command, follow, given } from './command.ts';

/** The database, and the broker that belongs to it. */
export interface Both {
  readonly db: DataSource;
  readonly kafka: KafkaConnection;
}

export const onBoth: Readonly<Record<string, Command<Both>>> = {
  'catch-up'({ db, kafka }, { apply, actor }) {
    return catchUp(db, kafka, parseInput(reanchorBody, given({ apply, actor })), Date.now());
  },
  'learn-scopes'({ db, kafka }, { apply }) {
    return learnScopes(db, kafka, { apply: apply === true }, Date.now());
  },
  async resend({ db, kafka }, { from, to, apply }) {
    const body = parseInput(resendBody, given({ from, to, apply }));
    const span = {
      fromMs: Date.parse(body.from),
      toMs: body.to === undefined ? Date.now() : Date.parse(body.to),
    };
    const publisher = body.apply ? new Publisher(kafka) : null;
    await publisher?.connect();
    try {
      const sent = await follow(
        resend(db.manager, publisher, span),
        ({ usage, corrections, until }) =>
          `\r${usage} records and ${corrections} corrections, until ${until}`,
      );
      return { ...sent, applied: body.apply };
    } finally {
      await publisher?.disconnect();
    }
  },
};
