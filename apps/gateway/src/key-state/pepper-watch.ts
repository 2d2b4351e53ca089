import type { KeyState } from '@tollgate/contracts/events';
import type { Gate } from '@tollgate/service-kit/health';

/**
 * Knows the keys whose secrets were digested with a pepper that is not configured here: they would be refused as
 * invalid by this gateway and let in by others, so it is not ready while there are any.
 */
export class PepperWatch {
  /** Key → the pepper's version. */
  private readonly strangers = new Map<string, number>();

  /** @param versions of the peppers that are configured */
  constructor(
    private readonly versions: readonly number[],
    private readonly gate: Gate,
  ) {
    gate.open();
  }

  note({ id, revoked_at, secrets }: KeyState, nowMs: number): void {
    const live = secrets.filter(({ expires_at }) => expires_at === null || Date.parse(expires_at) > nowMs);
    const stranger = revoked_at === null && live.find(({ pepper }) => !this.versions.includes(pepper));
    if (!stranger && !this.strangers.has(id)) return;
    if (stranger) this.strangers.set(id, stranger.pepper);
    else this.strangers.delete(id);
    this.tell();
  }

  private tell(): void {
    const [first] = this.strangers.values();
    if (first === undefined) {
      this.gate.open();
      return;
    }
    this.gate.close(
      `${this.strangers.size} keys were made with a pepper that TOLLGATE_KEY_PEPPERS does not have, such as version ` +
        `${first}: give this gateway all peppers that key-admin has`,
    );
  }
}
