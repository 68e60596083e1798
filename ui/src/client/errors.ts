/** The one error shape of the API, and the errors the browser itself can have. */

export interface Fault {
  code: string;
  path: string;
  message: string;
  remedy: string;
  file?: string;
}

export interface ErrorBody {
  code: string;
  message: string;
  remedy: string;
  faults: Fault[];
  detail: Record<string, unknown>;
}

/** An answer of the API that is not a success. `status` 0: no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = "ApiError";
    this.status = status;
    this.body = body;
  }

  get code(): string {
    return this.body.code;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads an error body; whatever is not in the API's shape becomes a body with code "unexpected". */
export function readErrorBody(value: unknown): ErrorBody {
  const found = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  return {
    code: text(found.code) || "unexpected",
    message: text(found.message),
    remedy: text(found.remedy),
    faults: Array.isArray(found.faults) ? (found.faults as Fault[]) : [],
    detail: (typeof found.detail === "object" && found.detail !== null
      ? found.detail
      : {}) as Record<string, unknown>,
  };
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}
