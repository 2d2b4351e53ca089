import { exportAddress, NO_FILTERS, queryOf } from './audit-filters.ts';

it('asks for whole days of the viewer, the last one included', () => {
  const { from, to } = queryOf({ ...NO_FILTERS, from: '2026-11-01', to: '2026-11-01' });
  expect(from).toBe(new Date(2026, 10, 1).toISOString());
  expect(to).toBe(new Date(2026, 10, 2).toISOString());
});

it('exports what is shown, and not more', () => {
  expect(exportAddress({ ...NO_FILTERS, action: 'key.reset', actor: 'adm_1' }, 'csv')).toBe(
    '/v1/audit-log/export?action=key.reset&actor=adm_1&format=csv',
  );
  expect(exportAddress(NO_FILTERS, 'ndjson')).toBe('/v1/audit-log/export?format=ndjson');
});
