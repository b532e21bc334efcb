/** Reads a content-encoding header. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";

/** Deeper nesting than this is an attack. */
const MAX_LAYERS = 3;
export type Encoding = "gzip" | "deflate" | "br";

/**
 * `gzip, br` → `["gzip", "br"]`, in the order they were applied. Undefined if there is nothing to decode or one of them
 * is unknown: the caller then gets the body as it is.
 */
export function encodingsOf(header: string | undefined): Encoding[] | undefined {
  if (header === undefined) return undefined;
  const names = header.toLowerCase().split(",").map((name) => name.trim()).filter((name) =>
    name !== "identity" && name !== ""
  );
  if (names.length === 0) return undefined;
  if (names.length > MAX_LAYERS) {
    throw badEncoding(`its body is encoded ${names.length} times (${MAX_LAYERS} at most)`);
  }
  const known: Encoding[] = [];
  for (const name of names) {
    if (name === "gzip" || name === "x-gzip") known.push("gzip");
    else if (name === "deflate" || name === "br") known.push(name);
    else return undefined;
  }
  return known;
}

function badEncoding(why: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "upstream.bad_encoding",
    message: `the upstream's response cannot be decoded: ${why}`,
    origin: "upstream",
    sent: "committed",
  });
}
