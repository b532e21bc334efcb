/**
 * The one error type of the product and its classification.
 *
 * Everything that fails becomes a {@link ConnectorError}: callers switch on `errorClass` (what to do) or on `code`
 * (what happened), never on message text.
 */

interface Classes {
  readonly Success: 0;
  /** May succeed if tried again. */
  readonly Transient: 1;
  /** Will fail again in the same way. */
  readonly Permanent: 2;
  /** Refused for now; `retryAfterMs` says when to try again, if known. */
  readonly RateLimited: 3;
  /** The deadline passed, or the upstream reported a timeout of its own. */
  readonly Timeout: 4;
  /** The request itself is wrong. */
  readonly InvalidRequest: 5;
}
export type ErrorClassName = keyof Classes;
export type ErrorClass = Classes[ErrorClassName];

const CLASSES: Classes = {
  Success: 0,
  Transient: 1,
  Permanent: 2,
  RateLimited: 3,
  Timeout: 4,
  InvalidRequest: 5,
};

const NAMES = Object.keys(CLASSES) as ErrorClassName[];

type Names = { readonly [Name in ErrorClassName as Classes[Name]]: Name };

/**
 * What a caller can do about a failure. The numbers are those of the wire protocol. As in the enum of the existing SDK, the numbers
 * have their names, too: `ErrorClass[3]` is `"RateLimited"`; they are not listed among its keys.
 */
export const ErrorClass: Classes & Names = Object.assign(
  Object.create({ ...NAMES }) as Names,
  CLASSES,
);

/** `1` → `"Transient"`; an unknown number (from a newer peer) is `"Permanent"`: never retried blindly. */
export function errorClassName(value: number): ErrorClassName {
  return NAMES[value] ?? "Permanent";
}

/** How far the request got: whether the upstream may have acted on it. */
export type Sent = "no" | "maybe" | "committed";

/** Who caused the failure: the caller (bad input, cancellation), this runtime (policy, limits) or the upstream. */
export type Origin = "caller" | "local" | "upstream";

export interface ConnectorErrorOptions {
  errorClass: ErrorClass;
  /** Stable, dotted, lower case: `egress.denied`. Listed in docs/errors.md. */
  code: string;
  message: string;
  /** Default: `"local"`. */
  origin?: Origin;
  /** Default: `"no"`. */
  sent?: Sent;
  requestId?: string | undefined;
  /** HTTP status of the upstream, when there was a response. */
  status?: number | undefined;
  /** Milliseconds until a new attempt makes sense. */
  retryAfterMs?: number | undefined;
  /** Attempts made. Default: 0, none. */
  attempts?: number;
  /** Time spent between attempts, in microseconds. Default: 0. */
  waitedUs?: number;
  /** Time spent in the runtime's own queues, in microseconds. Default: 0. */
  queuedUs?: number;
  cause?: unknown;
}

const DEFAULTS = { origin: "local", sent: "no", attempts: 0, waitedUs: 0, queuedUs: 0 } as const;

/** What `toJSON` shows; `cause` is left out because it may contain secrets. */
const SHOWN = [
  "name",
  "errorClass",
  "code",
  "message",
  "origin",
  "sent",
  "requestId",
  "status",
  "retryAfterMs",
  "attempts",
  "waitedUs",
  "queuedUs",
] as const;

const BRAND = Symbol.for("vastar.connector.error");

/** Root of every error thrown by the library. `instanceof` holds across two copies of the package. */
export class ConnectorError extends Error {
  declare readonly errorClass: ErrorClass;
  declare readonly code: string;
  declare readonly origin: Origin;
  declare readonly sent: Sent;
  declare readonly requestId: string | undefined;
  declare readonly status: number | undefined;
  declare readonly retryAfterMs: number | undefined;
  declare readonly attempts: number;
  declare readonly waitedUs: number;
  declare readonly queuedUs: number;

  constructor(options: ConnectorErrorOptions) {
    const { message, cause, ...facts } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ConnectorError";
    Object.assign(this, DEFAULTS, facts);
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ConnectorError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
  }

  /**
   * True for Transient, RateLimited and Timeout: another attempt may succeed. Whether a call may be carried out twice is the
   * caller's decision: with `sent` "maybe", one that is not idempotent may have been carried out already.
   */
  isRetryable(): boolean {
    return this.errorClass === ErrorClass.Transient || this.errorClass === ErrorClass.RateLimited ||
      this.errorClass === ErrorClass.Timeout;
  }

  getErrorClassName(): ErrorClassName {
    return errorClassName(this.errorClass);
  }

  /** Plain data for logs and HTTP bodies, without `cause`. */
  toJSON(): Record<string, unknown> {
    const shown = Object.fromEntries(SHOWN.map((key) => [key, this[key]]));
    return { ...shown, errorClass: this.getErrorClassName() };
  }
}

/** The caller's input is wrong: `message` says what was found and what would be right. */
export function invalidRequest(code: string, message: string, cause?: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code,
    message,
    origin: "caller",
    cause,
  });
}

/** The facts of an error about an unusable answer, which asking again would not change. */
export const UNUSABLE: {
  readonly errorClass: ErrorClass;
  readonly origin: Origin;
  readonly sent: Sent;
} = { errorClass: ErrorClass.Permanent, origin: "upstream", sent: "committed" };

/** An error about such an answer. */
export function badAnswer(
  code: string,
  message: string,
  facts?: Partial<ConnectorErrorOptions>,
): ConnectorError {
  return new ConnectorError({ ...UNUSABLE, code, message, ...facts });
}

/** Whether the process or the system had no file descriptor left: trying again may work once others are closed. */
export function isOutOfDescriptors(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "EMFILE" || code === "ENFILE") return true;
  // Deno's errors, and those of modules that cannot be read, only say it in words.
  return typeof message === "string" && /\bE[MN]FILE\b|too many open files/i.test(message);
}

/** The one converter from `unknown`: whatever was thrown, a ConnectorError comes out, with the original as `cause`. */
export function toConnectorError(
  error: unknown,
  fallback?: Partial<ConnectorErrorOptions>,
): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "internal",
    message,
    ...fallback,
    ...(isOutOfDescriptors(error) && {
      errorClass: ErrorClass.Transient,
      code: "descriptors.exhausted",
      message:
        "this process has reached its limit of open files: raise it (ulimit -n, LimitNOFILE), or try again later",
    }),
    cause: error,
  });
}
