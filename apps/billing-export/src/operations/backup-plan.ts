import type { BackupPlan } from '@tollgate/service-kit/backup/tables';

const day = (instant: string) => `(${instant}::timestamptz at time zone 'UTC')::date`;

export const BACKUP_PLAN: BackupPlan = {
  service: 'billing-export',
  seeded: [],
  parted: {
    'billing.seen_usage': {
      column: 'admitted_at',
      make: `SELECT billing.make_seen_days(${day('$1')}, ${day('$2')})`,
    },
  },
};
