import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { calcPrice, findProvider, type ModelInfo } from '@pydantic/genai-prices';
import { PriceHistory } from './price-history.ts';

const PACKAGE = '@pydantic/genai-prices';

/** The catalog's package and version, as usage records name it. */
export function catalogVersion(): string {
  const entry = createRequire(import.meta.url).resolve(PACKAGE);
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'));
  return `genai-prices@${version}`;
}

/** Whether the catalog lists a provider under exactly this id. */
export const isListed = (id: string): boolean => findProvider({ providerId: id })?.id === id;

const histories = new WeakMap<ModelInfo, PriceHistory | null>();

/** The prices of a model of a listed provider, by the catalog's own rules of matching; `null` where it knows none. */
export function historyOf(id: string, model: string): PriceHistory | null {
  const found = listed(id, model);
  if (!found) return null;
  const known = histories.get(found);
  if (known !== undefined) return known;
  const history = readHistory(found);
  histories.set(found, history);
  return history;
}

/** The ids of a listed provider's models that have a price at an instant (ms). */
export function listedModels(id: string, atMs: number): string[] {
  const models = findProvider({ providerId: id })?.models ?? [];
  return models.filter((model) => readHistory(model)?.at(atMs)).map((model) => model.id);
}

function listed(id: string, model: string): ModelInfo | null {
  try {
    return calcPrice({}, model, { providerId: id })?.model ?? null;
  } catch {
    return null;
  }
}

function readHistory(model: ModelInfo): PriceHistory | null {
  try {
    return new PriceHistory(model);
  } catch {
    return null;
  }
}
