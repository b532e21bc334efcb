/** Turns whatever a runtime throws into a ConnectorError: the same class and code on Bun, Deno, Node, workerd and in browsers. */
import { ConnectorError, ErrorClass, type Sent } from "../core/errors.ts";

/** How far the exchange had got when it failed. */
export interface FailurePoint {
  /** `head`: no response yet. `body`: the response had started. */
  readonly phase: "head" | "body";
  /** True once the caller has received part of the response. */
  readonly passedOn: boolean;
  /** For messages: `api.example.com:443`. */
  readonly peer: string;
  /** False when it is certain that no byte of the request left. */
  readonly wrote?: boolean;
}

interface Kind {
  readonly code: string;
  readonly text: string;
  readonly errorClass: ErrorClass;
  readonly sent: Sent;
  /** The response was unusable. If nothing of it was passed on, a call that may be repeated is Transient. */
  readonly broken?: true;
}

function before(code: string, text: string, errorClass: ErrorClass): Kind {
  return { code, text, errorClass, sent: "no" };
}

function broken(code: string, text: string): Kind {
  return { code, text, errorClass: ErrorClass.Permanent, sent: "committed", broken: true };
}

const { Transient, Permanent } = ErrorClass;

const KINDS = {
  refused: before("connect.refused", "refused the connection", Transient),
  unreachable: before("connect.unreachable", "cannot be reached", Transient),
  connectTimeout: before("timeout.connect", "did not accept the connection in time", Transient),
  dnsTemporary: before("dns.temporary", "could not be resolved at the moment", Transient),
  dnsNotFound: before("dns.not_found", "is not known to DNS", Transient),
  tlsName: before("tls.name", "presented a certificate for another name", Permanent),
  tlsExpired: before(
    "tls.expired",
    "presented a certificate that is not valid at this time",
    Permanent,
  ),
  tlsUntrusted: before(
    "tls.untrusted",
    "presented a certificate that no trusted authority has signed",
    Permanent,
  ),
  tlsFailed: before("tls.failed", "could not agree on TLS", Permanent),
  reset: {
    code: "upstream.reset",
    text: "closed the connection before answering",
    errorClass: Transient,
    sent: "maybe",
  },
  truncated: broken("upstream.truncated", "closed the connection before the end of its response"),
  badHttp: broken("upstream.bad_http", "answered with something that is not valid HTTP"),
  badEncoding: broken(
    "upstream.bad_encoding",
    "sent a body that cannot be decoded as its content-encoding says",
  ),
  headTooLarge: {
    code: "response.head_too_large",
    text: "sent a larger response head than allowed",
    errorClass: Permanent,
    sent: "committed",
  },
  exhausted: before(
    "descriptors.exhausted",
    "was not connected to: this process has reached its limit of open files (ulimit -n, LimitNOFILE)",
    Transient,
  ),
  unknown: { code: "upstream.failed", text: "failed", errorClass: Permanent, sent: "maybe" },
} as const satisfies Record<string, Kind>;

/** Exact values of `code` on the runtimes. */
const CODES: Readonly<Record<string, Kind>> = {
  EMFILE: KINDS.exhausted,
  ENFILE: KINDS.exhausted,
  ECONNREFUSED: KINDS.refused,
  ConnectionRefused: KINDS.refused,
  FailedToOpenSocket: KINDS.refused,
  ENETUNREACH: KINDS.unreachable,
  EHOSTUNREACH: KINDS.unreachable,
  EHOSTDOWN: KINDS.unreachable,
  ENETDOWN: KINDS.unreachable,
  EADDRNOTAVAIL: KINDS.unreachable,
  ETIMEDOUT: KINDS.connectTimeout,
  ERR_SOCKET_CONNECTION_TIMEOUT: KINDS.connectTimeout,
  EAI_AGAIN: KINDS.dnsTemporary,
  ESERVFAIL: KINDS.dnsTemporary,
  ETIMEOUT: KINDS.dnsTemporary,
  EREFUSED: KINDS.dnsTemporary,
  ENOTFOUND: KINDS.dnsNotFound,
  ENODATA: KINDS.dnsNotFound,
  EAI_NODATA: KINDS.dnsNotFound,
  EAI_NONAME: KINDS.dnsNotFound,
  EBADNAME: KINDS.dnsNotFound,
  ERR_TLS_CERT_ALTNAME_INVALID: KINDS.tlsName,
  HOSTNAME_MISMATCH: KINDS.tlsName,
  CERT_HAS_EXPIRED: KINDS.tlsExpired,
  CERT_NOT_YET_VALID: KINDS.tlsExpired,
  DEPTH_ZERO_SELF_SIGNED_CERT: KINDS.tlsUntrusted,
  SELF_SIGNED_CERT_IN_CHAIN: KINDS.tlsUntrusted,
  UNABLE_TO_GET_ISSUER_CERT: KINDS.tlsUntrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: KINDS.tlsUntrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: KINDS.tlsUntrusted,
  CERT_UNTRUSTED: KINDS.tlsUntrusted,
  CERT_REVOKED: KINDS.tlsUntrusted,
  EPROTO: KINDS.tlsFailed,
  ECONNRESET: KINDS.reset,
  ECONNABORTED: KINDS.reset,
  EPIPE: KINDS.reset,
  ConnectionClosed: KINDS.reset,
  UND_ERR_SOCKET: KINDS.reset,
  UND_ERR_CONNECT_TIMEOUT: KINDS.connectTimeout,
  UND_ERR_HEADERS_OVERFLOW: KINDS.headTooLarge,
  HPE_HEADER_OVERFLOW: KINDS.headTooLarge,
  HPE_INVALID_EOF_STATE: KINDS.truncated,
  HTTP1_MALFORMED: KINDS.badHttp,
  HTTP1_TOO_LARGE: KINDS.headTooLarge,
  HTTP1_TRUNCATED: KINDS.truncated,
  HTTP1_CLOSED: KINDS.reset,
  InvalidHTTPResponse: KINDS.badHttp,
  InvalidContentLength: KINDS.badHttp,
  ResponseHeadersTooLarge: KINDS.headTooLarge,
  Malformed_HTTP_Response: KINDS.badHttp,
  ZlibError: KINDS.badEncoding,
  BrotliDecompressionError: KINDS.badEncoding,
  ZstdDecompressionError: KINDS.badEncoding,
};

const PREFIXES: readonly (readonly [string, Kind])[] = [
  ["HPE_", KINDS.badHttp],
  ["Z_", KINDS.badEncoding],
  ["ERR_BROTLI", KINDS.badEncoding],
  ["ERR__ERROR_", KINDS.badEncoding], // Node's names for brotli's own errors.
  ["ERR_PADDING", KINDS.badEncoding],
  ["ERR_TLS_", KINDS.tlsFailed],
  ["ERR_SSL_", KINDS.tlsFailed],
  ["CERT_", KINDS.tlsUntrusted],
];

/** For errors that only have text (Deno); the first match wins. */
const TEXTS: readonly (readonly [RegExp, Kind])[] = [
  [/too many open files|\bE[MN]FILE\b/i, KINDS.exhausted],
  [/NotValidForName|not valid for name|hostname mismatch/i, KINDS.tlsName],
  [/certificate (has )?expired|NotValidYet|not valid yet/i, KINDS.tlsExpired],
  [
    /UnknownIssuer|self[- ]signed|unable to (get|verify)|invalid peer certificate/i,
    KINDS.tlsUntrusted,
  ],
  [/connection refused/i, KINDS.refused],
  [/failed to lookup address|name or service not known|no such host|NXDOMAIN/i, KINDS.dnsNotFound],
  [/temporary failure in name resolution/i, KINDS.dnsTemporary],
  [/network is unreachable|no route to host/i, KINDS.unreachable],
  [/connection timed out/i, KINDS.connectTimeout],
  [/message head is too large/i, KINDS.headTooLarge],
  [
    /does not match the HTTP\/1\.1 protocol|invalid chunk|invalid HTTP|parse error|invalid header/i,
    KINDS.badHttp,
  ],
  [
    /corrupt (deflate|gzip)|incorrect (header|data) check|invalid gzip|decompress|compressed stream ended|unexpected end of file|reached unexpected eof/i,
    KINDS.badEncoding,
  ],
  [
    /unexpected eof|error reading a body|end of file before message length|aborted|terminated/i,
    KINDS.truncated,
  ],
  [
    /socket hang up|connection (was )?(closed|reset)|broken pipe|closed before message completed|network connection lost/i,
    KINDS.reset,
  ],
  // The second half is the wording of rustls, which Deno uses.
  [
    /\btls|\b(?:open|boring)?ssl|handshake|corrupt message|fatal alert|peer (is incompatible|misbehaved)/i,
    KINDS.tlsFailed,
  ],
];

/** The table in docs/errors.md, which a check compares with this one. */
export const FAILURES: readonly Pick<Kind, "code" | "errorClass" | "sent" | "broken">[] = Object
  .values(KINDS);

const BROKEN: ReadonlySet<string> = new Set(
  FAILURES.filter(({ broken }) => broken).map(({ code }) => code),
);

/**
 * What a failed exchange, of which nothing was passed on, means for its call: after an unusable answer the API may
 * have acted, so only a call that may be repeated is worth another attempt.
 */
export function forCall(error: ConnectorError, repeatable: boolean): ConnectorError {
  const errorClass = repeatable ? Transient : Permanent;
  if (!BROKEN.has(error.code) || (error.errorClass === errorClass && error.sent === "maybe")) {
    return error;
  }
  const { code, message, origin, requestId, status, attempts, cause } = error;
  const facts = { code, message, origin, requestId, status, attempts, cause };
  return new ConnectorError({ ...facts, errorClass, sent: "maybe" });
}

export function classifyFailure(error: unknown, at: FailurePoint): ConnectorError {
  if (error instanceof ConnectorError) return error;
  let kind: Kind = kindOf(error) ?? KINDS.unknown;
  // An established connection can fail with the codes of a failed connect.
  if (kind.sent === "no" && wasConnected(error)) kind = KINDS.reset;
  // A connection that ends after the response started is a truncated response, whatever the runtime calls it.
  if (at.phase === "body" && (kind === KINDS.reset || kind.sent === "no")) kind = KINDS.truncated;
  if (at.phase === "head" && kind === KINDS.truncated) kind = KINDS.reset;
  const again = kind.broken === true && !at.passedOn;
  return new ConnectorError({
    errorClass: again ? Transient : kind.errorClass,
    code: kind.code,
    message: `${at.peer} ${kind.text}${detailOf(error, kind)}`,
    origin: kind === KINDS.exhausted ? "local" : "upstream",
    sent: at.wrote === false ? "no" : again ? "maybe" : at.passedOn ? "committed" : kind.sent,
    cause: harmless(error),
  });
}

/** Walks causes and aggregates: runtimes wrap the telling error at different depths. */
function kindOf(error: unknown, depth = 0): Kind | undefined {
  if (typeof error !== "object" || error === null || depth > 5) return undefined;
  const { code, cause, errors, message } = error as {
    code?: unknown;
    cause?: unknown;
    errors?: unknown;
    message?: unknown;
  };
  if (typeof code === "string") {
    // Bun's resolver puts DNS_ before the names of c-ares.
    const known = code.startsWith("DNS_") ? code.slice(4) : code;
    const exact = CODES[known] ?? PREFIXES.find(([prefix]) => known.startsWith(prefix))?.[1];
    // A resolver that refuses, or that there was no descriptor left to ask, says nothing about the host.
    if (code.startsWith("DNS_")) return exact?.code.startsWith("dns.") ? exact : KINDS.dnsTemporary;
    if (exact) return exact;
  }
  const inner = [cause, ...(Array.isArray(errors) ? errors : [])];
  for (const next of inner) {
    const found = kindOf(next, depth + 1);
    if (found) return found;
  }
  if (typeof message !== "string") return undefined;
  // Words in the URL must not decide, nor the letters that workerd makes up to find an error in its log.
  const text = withoutUrls(message).replace(/\breference = \w+/g, "");
  return TEXTS.find(([pattern]) => pattern.test(text))?.[1];
}

/** Findings of our own client are fixed text; a runtime's message is only shown if nothing better is known. */
function detailOf(error: unknown, kind: Kind): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  const found = code === "HTTP1_MALFORMED" || code === "HTTP1_TOO_LARGE";
  return found || kind === KINDS.unknown ? `: ${shortened(error)}` : "";
}

function wasConnected(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("syscall" in error)) return false;
  return error.syscall === "read" || error.syscall === "write";
}

/** The cause in a form safe for logs: runtimes that put the URL into errors also put the keys in its query there. */
function harmless(error: unknown): unknown {
  if (!holdsUrl(error)) return error;
  if (!(error instanceof Error)) return withoutUrls(String(error));
  const { code, name } = error as Error & { code?: unknown };
  const plain = new Error(withoutUrls(error.message));
  plain.name = name;
  return Object.assign(plain, code === undefined ? {} : { code });
}

function holdsUrl(value: unknown, depth = 0): boolean {
  if (typeof value === "string") return withoutUrls(value) !== value;
  if (!(value instanceof Error) || depth > 5) return false;
  const { message, cause } = value;
  return [message, cause, ...Object.values(value)].some((part) => holdsUrl(part, depth + 1));
}

function withoutUrls(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"')]+/g, "(URL)");
}

function shortened(error: unknown): string {
  const text = withoutUrls(error instanceof Error ? error.message : String(error));
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
