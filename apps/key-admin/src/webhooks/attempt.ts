import { type DeliveryAttempt, KEPT_ATTEMPTS } from '@tollgate/contracts/webhooks';
import { type AfterAttempt, afterAttempt } from '@tollgate/domain/webhooks/retry';
import { DataSource } from 'typeorm';
import type { Dispatcher } from 'undici';
import { type PostResult, post } from './post.ts';
import type { ReceiverPolicy } from './receiver-policy.ts';
import { type SecretVault, UnreadableSecret } from './secret-vault.ts';
import { signedHeaders } from './sign.ts';
import { disableGone, releaseDelivery, settleDelivery } from './sql/settle-delivery.ts';
import type { TakenDelivery } from './sql/take-deliveries.ts';
import { lockWebhook } from './sql/webhooks.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';
import { liveSecrets } from './webhook-row.ts';

export interface AttemptParts {
  readonly db: DataSource;
  readonly agent: Dispatcher;
  readonly policy: ReceiverPolicy;
  readonly vault: SecretVault;
  readonly metrics: WebhookMetrics;
}

/** Sends what was taken, and writes down what came of it. */
export class Attempt {
  constructor(private readonly parts: AttemptParts) {}

  /**
   * @param signal ends the attempt; the delivery is then given back, to be sent by whoever comes next
   * @param retries `false`: what fails is not tried again
   */
  async execute(delivery: TakenDelivery, signal: AbortSignal, retries = true): Promise<void> {
    const { db, metrics } = this.parts;
    const startMs = Date.now();
    const result = await this.send(delivery, startMs, signal);
    if (signal.aborted && result.status === null) {
      return releaseDelivery(db, delivery.id, delivery.lease, Date.now());
    }
    const next = nextFor(delivery, result, retries);
    const settled = await db.transaction(async (em) => {
      const { id, lease } = delivery;
      const attempts = [...delivery.attempts, toAttempt(result, startMs)].slice(-KEPT_ATTEMPTS);
      const dueMs = next.state === 'pending' ? next.dueMs : null;
      const isGone = next.state === 'failed' && next.gone;
      // The webhook before its delivery, as whoever deletes both does.
      if (isGone) await lockWebhook(em, delivery.webhook_id);
      const ours = await settleDelivery(em, { id, lease, state: next.state, dueMs, attempts });
      if (ours && isGone) await disableGone(em, delivery.webhook_id, Date.now());
      return ours;
    });
    metrics.attempted(result);
    if (settled && next.state !== 'pending') metrics.settled(next.state);
  }

  private async send(delivery: TakenDelivery, nowMs: number, signal: AbortSignal): Promise<PostResult> {
    const { agent, policy, vault } = this.parts;
    const refusal = policy.refusal(delivery.url);
    if (refusal) return unsent(`The address ${refusal}.`);
    try {
      const secrets = liveSecrets(delivery.secrets, nowMs).map((secret) =>
        vault.open(delivery.webhook_id, secret),
      );
      const headers = signedHeaders(delivery, secrets, nowMs);
      return await post(agent, delivery.url, headers, delivery.body, signal);
    } catch (error) {
      if (error instanceof UnreadableSecret) return unsent(error.message);
      throw error;
    }
  }
}

const unsent = (error: string): PostResult => ({
  status: null,
  ms: 0,
  response: null,
  error,
  retryAfterMs: null,
});

function nextFor(
  { failures, tried_since }: TakenDelivery,
  result: PostResult,
  retries: boolean,
): AfterAttempt {
  const next = afterAttempt(result, {
    failures,
    sinceMs: tried_since.getTime(),
    nowMs: Date.now(),
    random: Math.random(),
  });
  return next.state === 'pending' && !retries ? { state: 'failed', gone: false } : next;
}

const toAttempt = ({ status, ms, response, error }: PostResult, startMs: number): DeliveryAttempt => ({
  at: new Date(startMs).toISOString(),
  status,
  ms,
  response,
  error,
});
