import { Controller, Get, Query } from '@nestjs/common';
import {
  type AuditExportQuery,
  type AuditQuery,
  auditExportQuery,
  auditQuery,
} from '@tollgate/contracts/audit-http';
import { Input } from '@tollgate/service-kit/input';
import type { Caller } from '../admin-keys/caller.ts';
import { ExportAuditLog } from '../audit/export-audit-log.ts';
import { ReadAuditLog } from '../audit/read-audit-log.ts';
import { AllowInTeam } from './access.ts';
import { By } from './admin-guard.ts';
import { StorableText } from './storable-text.ts';

@Controller('v1/audit-log')
export class AuditLogController {
  constructor(
    private readonly readAuditLog: ReadAuditLog,
    private readonly exportAuditLog: ExportAuditLog,
  ) {}

  @Get()
  @AllowInTeam('admin')
  read(@By() caller: Caller, @Query(StorableText, new Input(auditQuery)) query: AuditQuery) {
    return this.readAuditLog.execute(caller, query);
  }

  @Get('export')
  @AllowInTeam('admin')
  export(@By() caller: Caller, @Query(StorableText, new Input(auditExportQuery)) query: AuditExportQuery) {
    return this.exportAuditLog.execute(caller, query);
  }
}
