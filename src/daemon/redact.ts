/** Removes secrets from what people see: logs and the admin's view of the configuration. */

import { Secrets } from "../core/secrets/secrets.ts";

const SECRET_NAME =
  /authorization|cookie|token|secret|passw|api[-_]?key|private[-_]?key|credential|signature/i;
const REMOVED = "[redacted]";
const MAX_DEPTH = 8;

export interface Redactor {
  /** A copy in which fields with telling names and text with known secrets are replaced. */
  value(value: unknown): unknown;
  text(text: string): string;
}

/** The absence of a secret is not secret. */
function isNothing(field: unknown): boolean {
  return field === undefined || (Array.isArray(field) && field.length === 0);
}

/** `known` are the secrets themselves, wherever they occur. */
export function createRedactor(known: () => readonly string[] = () => []): Redactor {
  let secrets = new Secrets();
  let list = "";

  /** They change when the configuration is read again. */
  function current(): Secrets {
    const now = JSON.stringify(known());
    if (now !== list) secrets = new Secrets(known());
    list = now;
    return secrets;
  }

  function text(input: string): string {
    // Every form of a token first: a truncated one could no longer be recognised.
    return current().redact(input)
      .replace(/(\w+:\/\/)[^/\s@]*@/g, `$1${REMOVED}@`)
      .replace(/\b(bearer|basic)\s+[^\s"',;]+/gi, `$1 ${REMOVED}`)
      // A query may contain anything; we do not guess which part of it is secret.
      .replace(/(https?:\/\/[^\s?"']*)\?[^\s"']*/g, `$1?${REMOVED}`);
  }

  function value(input: unknown, depth = 0): unknown {
    if (typeof input === "string") return text(input);
    if (typeof input === "bigint") return String(input);
    if (typeof input !== "object" || input === null) return input;
    if (depth >= MAX_DEPTH) return "…";
    if (input instanceof Error) return text(`${input.name}: ${input.message}`);
    if (Array.isArray(input)) return input.map((item) => value(item, depth + 1));
    return Object.fromEntries(
      Object.entries(input).map(([name, field]) => [
        name,
        SECRET_NAME.test(name) && !isNothing(field) && typeof field !== "number"
          ? REMOVED
          : value(field, depth + 1),
      ]),
    );
  }

  return { text, value };
}
