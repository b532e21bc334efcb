/** What MySQL's own numbers of errors mean, where its SQLSTATEs do not say it: they are HY000 for most of what is not in the standard. */
import { ConnectorError, ErrorClass } from "../../../../core/errors.ts";
import { sqlError } from "../../../../engine/database/sqlstate.ts";

/** Number → the SQLSTATE by which the same is known of other servers. docs/errors.md shows the same table. */
export const STATES: ReadonlyMap<number, string> = new Map(
  ([
    // Too many connections, of all or of this user; too much prepared; no memory.
    ["53300", 1040, 1203, 1226, 1461, 1037, 1038, 1041],
    // The server ends, or somebody has ended the connection.
    ["57P01", 1053, 1077, 1079, 1927, 3169, 4031],
    ["57014", 1317, 1969, 3024],
    ["55P03", 1205, 3572],
    ["40P01", 1213],
    ["40001", 1020],
    ["25006", 1290, 1792, 1836],
    ["42501", 1044, 1045, 1095, 1142, 1143, 1227, 1370, 1410, 1698],
    ["3D000", 1049],
    ["23514", 3819, 4025],
    ["23502", 1364],
    ["22000", 1210, 1264, 1265, 1292, 1366, 1411, 3140],
    ["0A000", 1235, 1295],
  ] as const).flatMap(([state, ...numbers]) => numbers.map((number) => [number, state] as const)),
);

/** Where the server finds that a statement which it has prepared now means something else. */
export const REPREPARE = 1615;

export interface MysqlFailure {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
  /** The connection is over. */
  readonly fatal: boolean;
}

/** Undefined if it is not the server that says so. */
export function failureOf(error: unknown): MysqlFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errno, sqlState, sqlMessage, fatal } = error as Error & Record<string, unknown>;
  if (typeof errno !== "number" || typeof sqlState !== "string" || sqlState === "") {
    return undefined;
  }
  const message = typeof sqlMessage === "string" ? sqlMessage : "";
  return { errno, sqlState, message, fatal: fatal === true };
}

export function mysqlError(
  { errno, sqlState, message }: MysqlFailure,
  at: { readonly opening: boolean; readonly declared: boolean },
): ConnectorError {
  const state = STATES.get(errno) ?? sqlState;
  return sqlError({ state, message, name: `error ${errno}, SQLSTATE ${sqlState}` }, at);
}

/** Undefined: it is another error. The package leaves nothing of its cause but the text. */
export function tlsError(error: unknown, peer: string): ConnectorError | undefined {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (code === "HANDSHAKE_NO_SSL_SUPPORT") {
    return tlsFailure(
      "tls.failed",
      `${peer} does not offer TLS: set it up there, or add ?sslmode=disable to the URL where ` +
        "nobody else can listen",
    );
  }
  if (code !== "HANDSHAKE_SSL_ERROR") return undefined;
  const text = String(message);
  if (/altname|hostname|does not match/i.test(text)) {
    return tlsFailure("tls.name", `${peer} presented a certificate for another name`);
  }
  if (/expired|not yet valid/i.test(text)) {
    return tlsFailure(
      "tls.expired",
      `${peer} presented a certificate that is not valid at this time`,
    );
  }
  if (/self[- ]signed|unable to (?:verify|get)|unknown ?issuer/i.test(text)) {
    return tlsFailure(
      "tls.untrusted",
      `${peer} presented a certificate that no trusted authority has signed`,
    );
  }
  return tlsFailure("tls.failed", `${peer} could not agree on TLS`);
}

function tlsFailure(code: string, message: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code,
    message,
    origin: "upstream",
    sent: "no",
  });
}
