import { Controller, Get } from '@nestjs/common';
import type { Me } from '@tollgate/contracts/admin-keys-http';
import type { Caller } from '../admin-keys/caller.ts';
import { AllowInTeam } from './access.ts';
import { By } from './admin-guard.ts';
import { GatewayAddress } from './gateway-address.ts';

@Controller('v1/me')
export class MeController {
  constructor(private readonly gateway: GatewayAddress) {}

  /** The caller's admin key and what it may do; `team_id` is `null` for one that acts in every team. */
  @Get()
  @AllowInTeam('viewer')
  me(@By() { id, name, prefix, role, team_id }: Caller): Me {
    return { id, name, prefix, role, team_id, gateway_url: this.gateway.url };
  }
}
