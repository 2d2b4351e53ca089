import type { ErrorBody } from '@tollgate/contracts/errors';

/** The admin API refused a call, or could not be reached. */
export class AdminApiError extends Error {
  constructor(
    /** The HTTP status; 0 where there was no answer. */
    readonly status: number,
    /** One of the API's error codes; `unreachable` where there was no answer, `unexpected` where it is not its own. */
    readonly code: string,
    message: string,
    /** The field that it is about. */
    readonly param: string | null = null,
    readonly details: Readonly<Record<string, unknown>> = {},
    /** Seconds from which another try can succeed. */
    readonly retryAfterSeconds: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'AdminApiError';
  }

  static async of(answer: Response): Promise<AdminApiError> {
    const text = await answer.text();
    const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN);
    const seconds = Number.isFinite(retryAfter) ? retryAfter : null;
    try {
      const { error } = JSON.parse(text) as ErrorBody;
      return new AdminApiError(
        ...([answer.status, error.code, error.message, error.param, error.details ?? {}, seconds] as const),
      );
    } catch {
      const message = `${answer.url} answered ${answer.status}, and not as Tollgate's admin API does; look at the address.`;
      return new AdminApiError(answer.status, 'unexpected', message, null, {}, seconds);
    }
  }
}
