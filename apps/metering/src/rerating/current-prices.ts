import { fileURLToPath } from 'node:url';
import { type PriceBook, readPriceBook, readPricedProviders } from '@tollgate/prices/price-book';
import { z } from 'zod';

const infra = (file: string) => fileURLToPath(new URL(`../../../../infra/${file}`, import.meta.url));

/** Where prices are read from: the same files that gateways rate by. */
export const priceSettings = {
  TOLLGATE_PROVIDERS: z.string().default(infra('providers.json')),
  TOLLGATE_PRICES: z.string().default(infra('prices.json')),
};
const files = z.object(priceSettings);
export type PriceFiles = z.output<typeof files>;

export const PRICE_FILES = Symbol('price files');

/** The prices as they are in the files now, which may be newer than this process. @throws ConfigError */
export const currentPrices = ({ TOLLGATE_PRICES, TOLLGATE_PROVIDERS }: PriceFiles): PriceBook =>
  readPriceBook(TOLLGATE_PRICES, readPricedProviders(TOLLGATE_PROVIDERS));
