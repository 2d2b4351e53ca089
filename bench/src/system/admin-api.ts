import type { KeyAnswer, KeyOverview, KeyWithSecret } from '@tollgate/contracts/admin-http';
import type { LimitsInput } from '@tollgate/contracts/limits';

let named = 0;

/** The calls of the admin API that measurements need. */
export class AdminApi {
  constructor(
    readonly url: string,
    readonly adminKey: string,
  ) {}

  createKey(limits: LimitsInput): Promise<KeyWithSecret> {
    named += 1;
    return this.call('POST', '/v1/keys', { name: `bench ${named}`, limits });
  }

  revoke(id: string): Promise<KeyAnswer> {
    return this.call('DELETE', `/v1/keys/${id}`);
  }

  overview(id: string): Promise<KeyOverview> {
    return this.call('GET', `/v1/keys/${id}/overview`);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
