import { Tooltip } from '@mantine/core';
import { usd, usdExact, usdShort } from './money.ts';

/** An amount with the digits that matter; all of them on hover where some are left out. */
export function Usd({ amount, short = false }: { readonly amount: string; readonly short?: boolean }) {
  const shown = short ? usdShort(amount) : usd(amount);
  const exact = usdExact(amount);
  if (shown === exact) return <span>{shown}</span>;
  return (
    <Tooltip label={exact}>
      <span>{shown}</span>
    </Tooltip>
  );
}
