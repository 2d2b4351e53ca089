import type {
  CreateKeyBody,
  KeyAnswer,
  KeyOverview,
  KeyWithSecret,
  PatchKeyBody,
} from '@tollgate/contracts/admin-http';
import type { ErrorBody } from '@tollgate/contracts/errors';
import type { LimitsInput } from '@tollgate/contracts/limits';
import type { ExportFormat, StatementAnswer, UsageAnswer } from '@tollgate/contracts/metering-http';

/** An answer of the admin API that is an error. */
export class AdminError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(`${status} ${body.error.code}: ${body.error.message}`);
  }
}

let named = 0;

/** The admin API as a deployment's administrator calls it. */
export class AdminApi {
  constructor(
    private readonly url: string,
    private readonly adminKey: string,
  ) {}

  createKey(
    fields: Partial<Omit<CreateKeyBody, 'limits'>> & { limits?: LimitsInput } = {},
  ): Promise<KeyWithSecret> {
    named += 1;
    return this.call('POST', '/v1/keys', { name: `key ${named}`, ...fields });
  }

  patch(id: string, fields: PatchKeyBody): Promise<KeyAnswer> {
    return this.call('PATCH', `/v1/keys/${id}`, fields);
  }

  revoke(id: string): Promise<KeyAnswer> {
    return this.call('DELETE', `/v1/keys/${id}`);
  }

  rotate(id: string, overlapSeconds: number): Promise<KeyWithSecret> {
    return this.call('POST', `/v1/keys/${id}/rotate`, { overlap_seconds: overlapSeconds });
  }

  reset(id: string, reason: string): Promise<KeyAnswer> {
    return this.call('POST', `/v1/keys/${id}/reset`, { reason });
  }

  overview(id: string): Promise<KeyOverview> {
    return this.call('GET', `/v1/keys/${id}/overview`);
  }

  usage(id: string, query: string): Promise<UsageAnswer> {
    return this.call('GET', `/v1/keys/${id}/usage?${query}`);
  }

  statement(id: string, query: string): Promise<StatementAnswer> {
    return this.call('GET', `/v1/keys/${id}/statement?${query}`);
  }

  async export(id: string, format: ExportFormat): Promise<string> {
    return (await this.ask('GET', `/v1/keys/${id}/export?format=${format}`)).text();
  }

  /** @throws AdminError */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await this.ask(method, path, body)).json()) as T;
  }

  private async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new AdminError(answer.status, (await answer.json()) as ErrorBody);
    return answer;
  }
}
