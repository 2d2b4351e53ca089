import type { BackupPlan } from '@tollgate/service-kit/backup/tables';

const day = (instant: string) => `(${instant}::timestamptz at time zone 'UTC')::date`;

export const BACKUP_PLAN: BackupPlan = {
  service: 'metering',
  seeded: ['public.usage_topic'],
  parted: {
    'public.usage_ledger': {
      column: 'admitted_at',
      make: `SELECT make_ledger_months(${day('$1')}, ${day('$2')})`,
    },
  },
};
