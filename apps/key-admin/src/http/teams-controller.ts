import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { type ResetBody, resetBody } from '@tollgate/contracts/admin-http';
import {
  type ExportQuery,
  exportQuery,
  type RequestsQuery,
  requestsQuery,
  type StatementQuery,
  statementQuery,
  type UsageQuery,
  usageQuery,
} from '@tollgate/contracts/metering-http';
import {
  type CreateTeamBody,
  createTeamBody,
  type ListTeamsQuery,
  listTeamsQuery,
  type PatchTeamBody,
  patchTeamBody,
} from '@tollgate/contracts/teams-http';
import { Input } from '@tollgate/service-kit/input';
import type { Caller } from '../admin-keys/caller.ts';
import { PropagationOfScope } from '../propagation/propagation-of-scope.ts';
import { CreateTeam } from '../teams/create-team.ts';
import { DeleteTeam } from '../teams/delete-team.ts';
import { GetTeam } from '../teams/get-team.ts';
import { ListTeams } from '../teams/list-teams.ts';
import { OverviewTeam } from '../teams/overview-team.ts';
import { ResetTeam } from '../teams/reset-team.ts';
import { UpdateTeam } from '../teams/update-team.ts';
import { ScopeUsage } from '../usage/scope-usage.ts';
import { Allow, AllowInTeam } from './access.ts';
import { By } from './admin-guard.ts';
import { existingTeamId } from './existing-id.ts';
import { ExpectedVersion } from './expected-version.ts';
import { StorableText } from './storable-text.ts';

@Controller('v1/teams')
export class TeamsController {
  constructor(
    private readonly createTeam: CreateTeam,
    private readonly listTeams: ListTeams,
    private readonly getTeam: GetTeam,
    private readonly updateTeam: UpdateTeam,
    private readonly resetTeam: ResetTeam,
    private readonly deleteTeam: DeleteTeam,
    private readonly overviewTeam: OverviewTeam,
    private readonly usageOf: ScopeUsage,
    private readonly propagationOf: PropagationOfScope,
  ) {}

  @Post()
  @Allow('admin')
  create(@By() caller: Caller, @Body(StorableText, new Input(createTeamBody)) body: CreateTeamBody) {
    return this.createTeam.execute(caller, body);
  }

  @Get()
  @AllowInTeam('viewer')
  list(@By() caller: Caller, @Query(StorableText, new Input(listTeamsQuery)) query: ListTeamsQuery) {
    return this.listTeams.execute(caller, query);
  }

  @Get(':id')
  @AllowInTeam('viewer')
  get(@By() caller: Caller, @Param('id', existingTeamId) id: string) {
    return this.getTeam.execute(caller, id);
  }

  @Patch(':id')
  @Allow('admin')
  update(
    @By() caller: Caller,
    @Param('id', existingTeamId) id: string,
    @Body(StorableText, new Input(patchTeamBody)) body: PatchTeamBody,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.updateTeam.execute(caller, id, body, expectedVersion);
  }

  @Delete(':id')
  @Allow('admin')
  delete(
    @By() caller: Caller,
    @Param('id', existingTeamId) id: string,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.deleteTeam.execute(caller, id, expectedVersion);
  }

  @Post(':id/reset')
  @HttpCode(200)
  @Allow('admin')
  reset(
    @By() caller: Caller,
    @Param('id', existingTeamId) id: string,
    @Body(StorableText, new Input(resetBody)) body: ResetBody,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.resetTeam.execute(caller, id, body, expectedVersion);
  }

  @Get(':id/overview')
  @AllowInTeam('viewer')
  overview(@By() caller: Caller, @Param('id', existingTeamId) id: string) {
    return this.overviewTeam.execute(caller, id);
  }

  @Get(':id/propagation')
  @AllowInTeam('viewer')
  propagation(@By() caller: Caller, @Param('id', existingTeamId) id: string) {
    return this.propagationOf.execute(caller, id);
  }

  @Get(':id/usage')
  @AllowInTeam('viewer')
  usage(
    @By() caller: Caller,
    @Param('id', existingTeamId) id: string,
    @Query(new Input(usageQuery)) query: UsageQuery,
  ) {
    return this.usageOf.series(caller, id, query);
  }

  @Get(':id/requests')
  @AllowInTeam('viewer')
  requests(
    @By() caller: Caller,
    @Param('id', existingTeamId) id: string,
    @Query(new Input(requestsQuery)) query: RequestsQuery,
  ) {
    return this.usageOf.requests(caller, id, query);
  }

  @Get(':id/statement')
  @AllowInTeam('viewer')
  statement(
    @By() caller: Caller,
    @Param('id', existingTeamId) id: string,
    @Query(new Input(statementQuery)) query: StatementQuery,
  ) {
    return this.usageOf.statement(caller, id, query);
  }

  @Get(':id/export')
  @AllowInTeam('viewer')
  export(
    @By() caller: Caller,
    @Param('id', existingTeamId) id: string,
    @Query(new Input(exportQuery)) query: ExportQuery,
  ) {
    return this.usageOf.export(caller, id, query);
  }
}
