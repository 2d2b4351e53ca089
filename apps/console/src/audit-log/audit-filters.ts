import { AUDIT_ACTIONS, type AuditAction } from '@tollgate/contracts/audit-http';
import { useSearchParams } from 'wouter';

/** Which entries are shown; in the page's address, so that it can be sent to somebody. */
export interface AuditFilters {
  readonly action: AuditAction | null;
  /** The id of an admin key. */
  readonly actor: string | null;
  /** The id of what was changed. */
  readonly target: string | null;
  /** Days of the viewer's zone, `2026-11-25`, both included. */
  readonly from: string | null;
  readonly to: string | null;
}

export const NO_FILTERS: AuditFilters = { action: null, actor: null, target: null, from: null, to: null };

export const isFiltered = (filters: AuditFilters): boolean =>
  Object.values(filters).some((value) => value !== null);

const dayOf = (text: string | null) =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;

export function useAuditFilters() {
  const [params, setParams] = useSearchParams();
  const filters: AuditFilters = {
    action: AUDIT_ACTIONS.find((action) => action === params.get('action')) ?? null,
    actor: params.get('actor'),
    target: params.get('target'),
    from: dayOf(params.get('from')),
    to: dayOf(params.get('to')),
  };
  const change = (changes: Partial<AuditFilters>) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value === null || value.trim() === '') after.delete(name);
          else after.set(name, value.trim());
        }
        return after;
      },
      { replace: true },
    );
  return { filters, change };
}

/** When a day of the viewer's zone begins; `days` later or earlier. */
function midnight(day: string, days = 0): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + days);
  return date.toISOString();
}

/** The filters as the API has them: [from, to). */
export const queryOf = ({ action, actor, target, from, to }: AuditFilters) => ({
  ...(action !== null && { action }),
  ...(actor !== null && { actor }),
  ...(target !== null && { target }),
  ...(from !== null && { from: midnight(from) }),
  ...(to !== null && { to: midnight(to, 1) }),
});

/** Where the entries that are shown are, all of them, as a file that the browser saves. */
export const exportAddress = (filters: AuditFilters, format: 'csv' | 'ndjson'): string =>
  `/v1/audit-log/export?${new URLSearchParams({ ...queryOf(filters), format })}`;
