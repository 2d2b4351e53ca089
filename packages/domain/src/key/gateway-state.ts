import type { KeyState as GatewayKeyState } from '@tollgate/contracts/events';
import type { KeyEvent } from './events.ts';
import type { KeyState } from './state.ts';

/**
 * What of a key goes to the gateways: enough to decide on a request, and nothing that people alone read.
 * A revoked key keeps its digests, so that an attempt with it can still be told from a guess.
 */
export const toGatewayState = (key: KeyState): GatewayKeyState => ({
  id: key.id,
  name: key.name,
  team_id: key.team_id,
  enabled: key.enabled,
  revoked_at: key.revoked_at,
  expires_at: key.expires_at,
  secrets: [...key.secrets],
  limits: key.limits,
  limit_revision: key.limit_revision,
  generation: key.generation,
  metadata: { ...key.metadata },
  allowed_models: key.allowed_models && [...key.allowed_models],
  allowed_ips: key.allowed_ips && [...key.allowed_ips],
});

/** The fields that an event changed, with their new values, for whoever follows changes. Never a digest. */
export function changeOf(event: KeyEvent): Record<string, unknown> {
  switch (event.type) {
    case 'KeyCreated': {
      const { secret, ...settings } = event.data;
      return { ...settings, last_four: secret.last_four };
    }
    case 'KeyUpdated':
      return { ...event.data };
    case 'KeyEnabled':
      return { enabled: true };
    case 'KeyDisabled':
      return { enabled: false };
    case 'KeyRotated':
      return { last_four: event.data.secret.last_four, overlap_seconds: event.data.overlap_seconds };
    case 'KeyReset':
      return { reason: event.data.reason };
    case 'KeyRevoked':
      return { revoked_at: event.at };
    case 'KeyRestored':
      return { restored: true };
    default:
      return unknownEvent(event);
  }
}

const unknownEvent = (event: never): never => {
  throw new TypeError(`an event of unknown type cannot be published: ${JSON.stringify(event)}`);
};
