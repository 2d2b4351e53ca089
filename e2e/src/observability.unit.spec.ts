import { alerts, dashboards, filledIn, readRepositoryFile } from './observability.ts';
import { selectorsOf } from './promql.ts';

it('reads what an expression asks for, and refuses what is no PromQL', () => {
  expect(selectorsOf('sum by (a) (rate(x_total{b=~"c|d"}[5m])) > 1')).toEqual([
    { metric: 'x_total', matchers: [{ label: 'b', op: '=~', value: 'c|d' }], groupedBy: ['a'] },
  ]);
  expect(() => selectorsOf('sum by (a) (x')).toThrow('PromQL');
});

describe.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))('%s', (_, dashboard) => {
  const shown = dashboard.panels.filter(({ type }) => type !== 'row');

  it('gives each panel a title, a place of its own and at least one expression', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const panel of dashboard.panels) {
      const { x, y, w, h } = panel.gridPos;
      expect(panel.title).not.toBe('');
      expect(x + w).toBeLessThanOrEqual(24);
      const over = dashboard.panels.filter(({ id, gridPos: at }) => {
        const apart = at.x >= x + w || x >= at.x + at.w || at.y >= y + h || y >= at.y + at.h;
        return id !== panel.id && !apart;
      });
      expect(over.map(({ title }) => `${panel.title} lies over ${title}`)).toEqual([]);
    }
    for (const { title, targets } of shown) expect([title, targets?.length]).not.toEqual([title, 0]);
  });

  it('uses only variables that it has', () => {
    const known = ['datasource', '__rate_interval', ...dashboard.templating.list.map(({ name }) => name)];
    const used = JSON.stringify(shown).matchAll(/\$\{?([a-z_]+)\}?/g);
    expect([...used].map(([, name]) => name).filter((name) => !known.includes(name!))).toEqual([]);
  });

  it('asks in PromQL', () => {
    for (const { targets } of shown) for (const { expr } of targets ?? []) selectorsOf(filledIn(expr));
  });
});

it('has no alert without a name of its own, a severity and a runbook that exists', () => {
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  const rows = [...readRepositoryFile('docs/failure-modes.md').matchAll(/^\| \*\*(.+?)\*\*/gm)].map(
    ([, title]) => title,
  );
  for (const { alert, labels, annotations } of alerts) {
    expect([alert, ['page', 'ticket'].includes(labels.severity)]).toEqual([alert, true]);
    const [, row] = /^docs\/failure-modes\.md: (.+)$/.exec(annotations.runbook) ?? [];
    expect([alert, rows.includes(row!) ? row : `no such row: ${row}`]).toEqual([alert, row]);
  }
});
