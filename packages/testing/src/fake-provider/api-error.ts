/** An answer of the fake provider that is not a completion; each format has its own shape for it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code: string | null = null,
    readonly param: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** OpenAI's shape. */
  toBody() {
    return {
      error: { message: this.message, type: typeOf(this.status), param: this.param, code: this.code },
    };
  }
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_exceeded';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** A programmed error that has no body of its own. */
export const programmedError = (status: number) =>
  new ApiError(status, `The fake provider was told to answer ${status}.`, `fake_${status}`);
