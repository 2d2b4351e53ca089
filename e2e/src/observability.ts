import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const readRepositoryFile = (path: string): string => readFileSync(repository(path), 'utf8');

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description?: string; readonly runbook: string };
}

/** The dashboards that Grafana is provisioned with. */
export const dashboards: readonly Dashboard[] = readdirSync(repository('infra/grafana/dashboards')).map(
  (file) => JSON.parse(readRepositoryFile(`infra/grafana/dashboards/${file}`)),
);

export const alerts: readonly Alert[] = parse(
  readRepositoryFile('infra/prometheus/alerts.yml'),
).groups.flatMap(({ rules }: { rules: Alert[] }) => rules);

interface AdapterRule {
  readonly name: { readonly as: string };
  readonly metricsQuery: string;
}

/** What the autoscalers' adapter asks Prometheus for. */
export const scalingQueries: readonly string[] = Object.values<AdapterRule[]>(
  parse(readRepositoryFile('infra/k8s/prometheus-adapter.yml')),
).flatMap((rules) => rules.map(({ metricsQuery }) => metricsQuery));

/** An expression with its variables filled in, as Grafana or the adapter would. */
export const filledIn = (expression: string): string =>
  expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$gateway', '.*')
    .replaceAll('<<.LabelMatchers>>', 'instance=~".*"')
    .replaceAll('<<.GroupBy>>', 'instance');
