import { shortId } from './short-id.ts';

/** What the API says of who made a thing. */
export interface MadeBy {
  readonly created_by: string;
  readonly created_by_name?: string | undefined;
}

/** Who made it, by name; by the end of the id where there is none. */
export const makerOf = ({ created_by, created_by_name }: MadeBy): string =>
  created_by_name ?? shortId(created_by);
