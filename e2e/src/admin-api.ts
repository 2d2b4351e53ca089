import { type AdminClient, createAdminClient } from '@tollgate/admin-client/client';
import type {
  CreateKeyBody,
  KeyAnswer,
  KeyOverview,
  KeyWithSecret,
  PatchKeyBody,
} from '@tollgate/contracts/admin-http';
import type { LimitsInput } from '@tollgate/contracts/limits';
import type { ExportFormat } from '@tollgate/contracts/metering-http';
import { eventually } from '@tollgate/testing/eventually';

let named = 0;

/** The admin API as a deployment's administrator calls it, in the words of the specs. */
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
    const made = await this.client.keys.create({ body: { name: `key ${named}`, ...fields } });
    return made as KeyWithSecret;
  }

  patch(id: string, body: PatchKeyBody): Promise<KeyAnswer> {
    return this.client.keys.update({ id, body });
  }

  revoke(id: string): Promise<KeyAnswer> {
    return this.client.keys.revoke({ id });
  }

  rotate(id: string, overlapSeconds: number): Promise<KeyWithSecret> {
    return this.client.keys.rotate({ id, body: { overlap_seconds: overlapSeconds } });
  }

  reset(id: string, reason: string): Promise<KeyAnswer> {
    return this.client.keys.reset({ id, body: { reason } });
  }

  overview(id: string): Promise<KeyOverview> {
    return this.client.keys.overview({ id });
  }

  /** Key-admin hears of a gateway a moment after both are ready; only then does it wait for it. */
  async hasHeardOf(gateways: number, within_ms: number): Promise<void> {
    await eventually(
      async () => {
        const heard = await this.client.organization.propagation();
        expect(heard.gateways).toHaveLength(gateways);
      },
      { within_ms },
    );
  }

  async export(id: string, format: ExportFormat): Promise<string> {
    return (await this.client.keys.export({ id, query: { format } })).text();
  }
}
