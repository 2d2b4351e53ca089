import { createHmac } from 'node:crypto';

/** A message as one attempt sends it. */
export interface SignedMessage {
  readonly id: string;
  readonly body: string;
}

/** The headers of an attempt, as the Standard Webhooks specification has them: a signature for each secret. */
export function signedHeaders(
  { id, body }: SignedMessage,
  secrets: readonly Buffer[],
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signature = (secret: Buffer) =>
    createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${signature(secret)}`).join(' '),
  };
}
