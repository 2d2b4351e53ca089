import { usd, usdExact, usdShort } from './money.ts';

/** An amount with the digits that matter; all of them on hover where some are left out. */
export function Usd({ amount, short = false }: { readonly amount: string; readonly short?: boolean }) {
  const shown = short ? usdShort(amount) : usd(amount);
  const exact = usdExact(amount);
  return <span title={shown === exact ? undefined : exact}>{shown}</span>;
}
