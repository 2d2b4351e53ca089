import type { Route } from '@tollgate/contracts/admin-routes/route';
import type { z } from 'zod';

/** The names of the ids in a path: `/v1/keys/:id` has `id`. */
type PathNames<Path extends string> = Path extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | PathNames<`/${Rest}`>
  : Path extends `${string}/:${infer Name}`
    ? Name
    : never;

type Optional<Field extends string, Value> = object extends Value
  ? { readonly [F in Field]?: Value }
  : { readonly [F in Field]: Value };
type QueryOf<R extends Route> = R extends { readonly query: infer Q extends z.ZodType }
  ? Optional<'query', z.input<Q>>
  : unknown;
type BodyOf<R extends Route> = R extends { readonly body: infer B extends z.ZodType }
  ? Optional<'body', z.input<B>>
  : unknown;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What a call of a route takes: the ids in its path, its query, its body, and headers that it knows. */
export type Input<R extends Route> = { readonly [Name in PathNames<R['path']>]: string } & QueryOf<R> &
  BodyOf<R> &
  (R extends { readonly versioned: true } ? { readonly ifMatch?: number } : unknown) &
  (R extends { readonly repeatable: true } ? { readonly idempotencyKey?: string } : unknown) &
  (R extends { readonly resumable: true } ? { readonly lastEventId?: string } : unknown) &
  CallOptions;

/** What it answers; a file or a stream of events comes as it is. */
export type Answer<R extends Route> = R['answer'] extends z.ZodType ? z.output<R['answer']> : Response;

/** @throws AdminApiError */
export type Operation<R extends Route> =
  object extends Input<R>
    ? (input?: Input<R>) => Promise<Answer<R>>
    : (input: Input<R>) => Promise<Answer<R>>;

/** The same of any route, as the client sees it when it carries a call out. */
export interface AnyInput extends CallOptions {
  readonly query?: object;
  readonly body?: unknown;
  readonly ifMatch?: number;
  readonly idempotencyKey?: string;
  readonly lastEventId?: string;
  readonly [name: string]: unknown;
}

/** The path of a call, with its ids and its query. */
export function pathOf({ path }: Route, input: AnyInput): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) search.append(name, String(one));
    }
  }
  return search.size === 0 ? filled : `${filled}?${search}`;
}
