const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat('en', { month: 'long', day: 'numeric', timeZone: 'UTC' });

/** A period as people call it: `2026-11` → `November 2026`, `2026-W48` → `Week 48`, `all` → `Since the start`. */
export function periodName(id: string): string {
  const week = /^\d{4}-W(\d{2})$/.exec(id);
  if (id === 'all') return 'Since the start';
  if (week) return `Week ${Number(week[1])}`;
  if (/^\d{4}$/.test(id)) return id;
  if (/^\d{4}-\d{2}$/.test(id)) return month.format(new Date(`${id}-01T00:00:00Z`));
  if (/^\d{4}-\d{2}-\d{2}$/.test(id)) return day.format(new Date(`${id}T00:00:00Z`));
  return id;
}
