import { type MadeBy, makerOf } from '../figures/maker.ts';
import { When } from '../figures/when.tsx';

interface MadeProps {
  readonly of: MadeBy & { readonly created_at: string };
}

/** When something was made, and by whom: `12 Nov 2026 by mira`. */
export function Made({ of: made }: MadeProps) {
  return (
    <>
      <When at={made.created_at} as="day" /> by <bdi title={made.created_by}>{makerOf(made)}</bdi>
    </>
  );
}
