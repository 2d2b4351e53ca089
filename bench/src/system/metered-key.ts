import type { LimitsInput } from '@tollgate/contracts/limits';
import type { AdminApi } from './admin-api.ts';

/** Far from being reached, so that each is checked and none refuses. */
const LIMITS: LimitsInput = {
  cost_usd: '1000000',
  tokens: 1_000_000_000,
  requests_per_minute: 1_000_000,
  reset_period: 'never',
};
const METERED_WITHIN_MS = 90_000;
const ASK_EVERY_MS = 200;

/** A key, with all three limits unless said otherwise, and how many requests of it must be on its meter. */
export class MeteredKey {
  private answered = 0;
  private late = false;

  private constructor(
    private readonly admin: AdminApi,
    private readonly id: string,
    readonly token: string,
  ) {}

  static async create(admin: AdminApi, limits = LIMITS): Promise<MeteredKey> {
    const { key, secret } = await admin.createKey(limits);
    return new MeteredKey(admin, key.id, secret);
  }

  /** Requests that were answered so far. */
  get requests(): number {
    return this.answered;
  }

  /** Notes requests that were answered. */
  note(requests: number): void {
    this.answered += requests;
  }

  /** Waits until the meter shows every request so far, or has had time enough. */
  async untilMetered(): Promise<void> {
    const deadlineMs = performance.now() + METERED_WITHIN_MS;
    while ((await this.metered()) < this.answered) {
      if (performance.now() > deadlineMs) {
        this.late = true;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }

  /** A sentence on whether every request was counted, once. */
  async account(): Promise<string> {
    await this.untilMetered();
    const metered = await this.metered();
    const late = this.late ? ` At times the meter was more than ${METERED_WITHIN_MS / 1_000} s behind.` : '';
    return `Of ${this.answered} requests that the gateway answered, the key's meter counts ${metered}.${late}`;
  }

  private async metered(): Promise<number> {
    return (await this.admin.overview(this.id)).meter.requests;
  }
}
