/** The one error of the API: what is wrong and what to do. `code` is the server's, or `network` when nothing answered. */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly status: number;

  constructor(message: string, { code = "error", hint = "", status = 0 } = {}) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.hint = hint;
    this.status = status;
  }

  get signedOut(): boolean {
    return this.status === 401 || this.code === "not_signed_in";
  }
}

/** Any thrown value in words that help. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(error instanceof Error ? error.message : "Something went wrong.");
}
