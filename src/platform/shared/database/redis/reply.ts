/** A reply of Redis as JSON: text that is not UTF-8 is bytes, numbers that JSON cannot have are text. */
import { toBase64 } from "../../../../core/bytes.ts";
import type { CommandBody } from "../../../../core/database/body.ts";

const strict = new TextDecoder("utf-8", { fatal: true });

export function replyToJson(reply: unknown, { bytes = false, shape }: CommandBody): string {
  const value = valueOf(reply, bytes);
  return JSON.stringify(shape === "pairs" ? pairs(value) : value);
}

/** Text comes as bytes and numbers as text: {@link Buffer} and string. */
function valueOf(reply: unknown, bytes: boolean): unknown {
  if (reply === null || reply === undefined) return null;
  if (reply instanceof Uint8Array) return bytes ? { $bytes: toBase64(reply) } : textOf(reply);
  if (typeof reply === "string") return numberOf(reply);
  if (Array.isArray(reply)) return reply.map((one) => valueOf(one, bytes));
  if (typeof reply !== "object") return reply;
  return Object.fromEntries(
    Object.entries(reply).map(([name, value]) => [name, valueOf(value, bytes)]),
  );
}

function textOf(reply: Uint8Array): unknown {
  try {
    return strict.decode(reply);
  } catch {
    return { $bytes: toBase64(reply) };
  }
}

function numberOf(text: string): number | string {
  const value = Number(text);
  const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return exact && text !== "" ? value : text;
}

function pairs(value: unknown): unknown {
  if (!Array.isArray(value) || value.length % 2 !== 0) return value;
  const entries = [];
  for (let at = 0; at < value.length; at += 2) entries.push([String(value[at]), value[at + 1]]);
  return Object.fromEntries(entries);
}
