import { Body, Controller, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { type ResetBody, resetBody } from '@tollgate/contracts/admin-http';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import {
  type ExportQuery,
  exportQuery,
  type StatementQuery,
  statementQuery,
  type UsageQuery,
  usageQuery,
} from '@tollgate/contracts/metering-http';
import { type PatchOrganizationBody, patchOrganizationBody } from '@tollgate/contracts/organization-http';
import { Input } from '@tollgate/service-kit/input';
import type { Caller } from '../admin-keys/caller.ts';
import { GetOrganization } from '../organization/get-organization.ts';
import { ResetOrganization } from '../organization/reset-organization.ts';
import { UpdateOrganization } from '../organization/update-organization.ts';
import { PropagationOfScope } from '../propagation/propagation-of-scope.ts';
import { ScopeUsage } from '../usage/scope-usage.ts';
import { Allow } from './access.ts';
import { By } from './admin-guard.ts';
import { ExpectedVersion } from './expected-version.ts';
import { StorableText } from './storable-text.ts';

@Controller('v1/organization')
export class OrganizationController {
  constructor(
    private readonly organization: GetOrganization,
    private readonly updateOrganization: UpdateOrganization,
    private readonly resetOrganization: ResetOrganization,
    private readonly usageOf: ScopeUsage,
    private readonly propagationOf: PropagationOfScope,
  ) {}

  @Get()
  @Allow('viewer')
  get(@By() caller: Caller) {
    return this.organization.execute(caller);
  }

  @Patch()
  @Header('cache-control', 'no-store')
  @Allow('owner')
  update(
    @By() caller: Caller,
    @Body(StorableText, new Input(patchOrganizationBody)) body: PatchOrganizationBody,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.updateOrganization.execute(caller, body, expectedVersion);
  }

  @Post('reset')
  @HttpCode(200)
  @Allow('owner')
  reset(
    @By() caller: Caller,
    @Body(StorableText, new Input(resetBody)) body: ResetBody,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.resetOrganization.execute(caller, body, expectedVersion);
  }

  @Get('overview')
  @Allow('viewer')
  overview(@By() caller: Caller) {
    return this.organization.overview(caller);
  }

  @Get('propagation')
  @Allow('viewer')
  propagation(@By() caller: Caller) {
    return this.propagationOf.execute(caller, ORGANIZATION_ID);
  }

  @Get('usage')
  @Allow('viewer')
  usage(@By() caller: Caller, @Query(new Input(usageQuery)) query: UsageQuery) {
    return this.usageOf.series(caller, ORGANIZATION_ID, query);
  }

  @Get('statement')
  @Allow('viewer')
  statement(@By() caller: Caller, @Query(new Input(statementQuery)) query: StatementQuery) {
    return this.usageOf.statement(caller, ORGANIZATION_ID, query);
  }

  @Get('export')
  @Allow('viewer')
  export(@By() caller: Caller, @Query(new Input(exportQuery)) query: ExportQuery) {
    return this.usageOf.export(caller, ORGANIZATION_ID, query);
  }
}
