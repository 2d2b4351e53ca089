import type { BackupPlan } from '@tollgate/service-kit/backup/tables';

export const BACKUP_PLAN: BackupPlan = { service: 'key-admin', seeded: ['public.audit_head'], parted: {} };
