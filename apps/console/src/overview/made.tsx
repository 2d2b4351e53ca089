import { shortId } from '../figures/short-id.ts';
import { When } from '../figures/when.tsx';

interface MadeProps {
  readonly of: {
    readonly created_at: string;
    readonly created_by: string;
    readonly created_by_name?: string | undefined;
  };
}

/** When something was made, and by whom: `12 Nov 2026 by mira`. */
export function Made({ of: { created_at, created_by, created_by_name } }: MadeProps) {
  return (
    <>
      <When at={created_at} as="day" /> by{' '}
      <bdi title={created_by}>{created_by_name ?? shortId(created_by)}</bdi>
    </>
  );
}
