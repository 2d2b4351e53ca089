import { Controller, Get } from '@nestjs/common';
import type { Admin } from '../admin/bootstrap-admin.ts';
import { Caller } from './admin-guard.ts';

@Controller('v1/me')
export class MeController {
  /** The caller's admin key and what it may do; `team_id` is `null` for one that acts in every team. */
  @Get()
  me(@Caller() { id, prefix, role }: Admin) {
    return { id, prefix, role, team_id: null };
  }
}
