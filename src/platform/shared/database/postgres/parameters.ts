/** A parameter as the text that PostgreSQL reads, in the type that the server says it has. */
import { fromBase64, toHex } from "../../../../core/bytes.ts";
import type { DatabaseValue } from "../../../../core/database/body.ts";
import { badBody } from "../../../../engine/database/failures.ts";
import { arrayText } from "./array_text.ts";
import { JSON_TYPES } from "./types.ts";

/** Never throws: what cannot be sent was refused by {@link checkParameters}. */
export function parameterText(value: DatabaseValue, type: number): string {
  if (isBytes(value)) return bytesText(value.$bytes);
  if (JSON_TYPES.has(type)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return arrayText(
      value as readonly DatabaseValue[],
      (one) => one === null ? undefined : plain(one),
    );
  }
  return plain(value);
}

function plain(value: DatabaseValue): string {
  if (isBytes(value)) return bytesText(value.$bytes);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** @throws ConnectorError `database.request`. */
export function checkParameters(parameters: readonly DatabaseValue[]): void {
  for (const [at, value] of parameters.entries()) {
    if (isBytes(value) && fromBase64(value.$bytes) === undefined) {
      throw badBody(`$bytes of parameter ${at + 1} is not base64`);
    }
  }
}

function isBytes(value: DatabaseValue): value is { readonly $bytes: string } {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    typeof (value as { $bytes?: unknown }).$bytes === "string" && Object.keys(value).length === 1;
}

function bytesText(base64: string): string {
  return `\\x${toHex(fromBase64(base64) ?? new Uint8Array(0))}`;
}
