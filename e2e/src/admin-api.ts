import { type AdminClient, createAdminClient } from '@tollgate/admin-client/client';
import { AdminApiError } from '@tollgate/admin-client/error';
import type {
  CreateKeyBody,
  KeyAnswer,
  KeyOverview,
  KeyWithSecret,
  PatchKeyBody,
  Propagation,
} from '@tollgate/contracts/admin-http';
import type { LimitsInput } from '@tollgate/contracts/limits';
import type { ExportFormat } from '@tollgate/contracts/metering-http';
import { eventually } from '@tollgate/testing/eventually';

let named = 0;
/** Of a question that metering has a second to answer. */
const MOST_TRIES = 15;

/**
 * The admin API as a deployment's administrator calls it, in the words of the specs. A change is answered after a
 * second even where a gateway has not told of it yet, which a machine that stalls is enough for: here it has.
 */
export class AdminApi {
  readonly client: AdminClient;

  constructor(
    readonly url: string,
    readonly adminKey: string,
  ) {
    this.client = createAdminClient({ baseUrl: url, adminKey });
  }

  async createKey(
    fields: Partial<Omit<CreateKeyBody, 'limits'>> & { limits?: LimitsInput } = {},
  ): Promise<KeyWithSecret> {
    named += 1;
    const made = (await this.client.keys.create({
      body: { name: `key ${named}`, ...fields },
    })) as KeyWithSecret;
    return this.held(made.key.id, made);
  }

  async patch(id: string, body: PatchKeyBody): Promise<KeyAnswer> {
    return this.held(id, await this.client.keys.update({ id, body }));
  }

  async revoke(id: string): Promise<KeyAnswer> {
    return this.held(id, await this.client.keys.revoke({ id }));
  }

  async rotate(id: string, overlapSeconds: number): Promise<KeyWithSecret> {
    return this.held(id, await this.client.keys.rotate({ id, body: { overlap_seconds: overlapSeconds } }));
  }

  async reset(id: string, reason: string): Promise<KeyAnswer> {
    return this.held(id, await this.client.keys.reset({ id, body: { reason } }));
  }

  /** Key-admin gives metering a second to answer; who is silent for longer is asked again, who refuses is not. */
  async overview(id: string): Promise<KeyOverview> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.client.keys.overview({ id });
      } catch (error) {
        const silent =
          error instanceof AdminApiError && String(error.details['cause']).startsWith('no answer within');
        if (!silent || tries === MOST_TRIES) throw error;
      }
    }
  }

  /** Key-admin hears of a gateway a moment after both are ready; only then does it wait for it. */
  async hasHeardOf(gateways: number): Promise<void> {
    await eventually(async () => {
      const heard = await this.client.organization.propagation();
      expect(heard.gateways).toHaveLength(gateways);
    });
  }

  private async held<Answer extends { propagation?: Propagation | undefined }>(
    id: string,
    answer: Answer,
  ): Promise<Answer> {
    if (answer.propagation?.complete === false)
      await eventually(async () => {
        expect((await this.client.keys.propagation({ id })).complete).toBe(true);
      });
    return answer;
  }

  async export(id: string, format: ExportFormat): Promise<string> {
    return (await this.client.keys.export({ id, query: { format } })).text();
  }
}
