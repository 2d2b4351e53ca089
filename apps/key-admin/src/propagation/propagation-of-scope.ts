import { Injectable } from '@nestjs/common';
import type { KeyPropagation } from '@tollgate/contracts/admin-http';
import type { Caller } from '../admin-keys/caller.ts';
import { KnownScope } from '../scopes/known-scope.ts';
import { Gateways } from './gateways.ts';
import { Publications } from './publications.ts';

@Injectable()
export class PropagationOfScope {
  constructor(
    private readonly scopes: KnownScope,
    private readonly gateways: Gateways,
    private readonly publications: Publications,
  ) {}

  /** Which live gateways go by a scope's current version. */
  async execute(caller: Caller, id: string): Promise<KeyPropagation> {
    const { version } = await this.scopes.get(caller, id);
    const position = await this.publications.of(id, version, AbortSignal.abort());
    const gateways = this.gateways.each(Date.now(), position);
    return {
      version,
      complete: position !== null && gateways.every(({ applied }) => applied),
      gateways: gateways.map(({ instance, applied, appliedAtMs, heardMs }) => ({
        instance,
        applied,
        applied_at: appliedAtMs === null ? null : new Date(appliedAtMs).toISOString(),
        heard_at: new Date(heardMs).toISOString(),
      })),
    };
  }
}
