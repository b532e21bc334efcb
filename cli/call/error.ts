/** Explains a failed call: what happened, what it means, what to do. */
import { ApiError } from "../../src/connector/answer/api_error.ts";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import type { ConnectorError, Sent } from "../../src/core/errors.ts";
import { figures } from "./figures.ts";

const SENT: Readonly<Record<Sent, string>> = {
  no: "no, so it is safe to call again",
  maybe: "maybe: the API may have acted on it",
  committed: "yes, and the answer had begun",
};

export function describeFailure(
  error: ConnectorError,
  definition: ConnectorDefinition,
  operation: string,
  runtime: string,
): string {
  const api = error instanceof ApiError ? error : undefined;
  const apiCode = api?.apiCode === undefined ? "" : ` (${definition.id}: ${api.apiCode})`;
  const name = error.name === "ConnectorError" ? "" : ` (${error.name})`;
  const facts: [string, string | undefined][] = [
    ["class", `${error.getErrorClassName()}${name}`],
    ["code", `${error.code}${apiCode}`],
    ["status", error.status?.toString()],
    ["request", error.requestId || undefined],
    ["sent", error.status === undefined ? SENT[error.sent] : undefined],
    ["tried", error.attempts > 1 || error.queuedUs > 0 ? figures(error).join(", ") : undefined],
    ["hint", hintFor(error, definition, runtime)],
  ];
  const lines = facts.flatMap(([label, value]) =>
    value === undefined ? [] : [`  ${label.padEnd(8)}  ${value}\n`]
  );
  // The message of an answer names connector and operation itself; status and code have lines of their own.
  const said = api?.apiMessage === undefined && api !== undefined
    ? api.message
    : `${definition.id} ${operation}: ${api?.apiMessage ?? error.message}`;
  return `vastar call: ${said}\n${lines.join("")}`;
}

function hintFor(
  error: ConnectorError,
  definition: ConnectorDefinition,
  runtime: string,
): string | undefined {
  const { code, status, retryAfterMs } = error;
  if (retryAfterMs !== undefined) return `try again in ${Math.ceil(retryAfterMs / 1000)} s`;
  if (code === "config.missing") return "or give --config NAME=VALUE";
  if (status === 401 || status === 403) {
    const secrets = definition.config.filter((field) => field.secret).map(({ name, env }) =>
      env ?? `--config ${name}=…`
    );
    return secrets.length === 0 ? undefined : `check ${secrets.join(", ")}`;
  }
  if (code === "dns.not_found") return "check the name of the server, or give --base-url URL";
  const reaching = code.startsWith("connect.") && error.origin !== "upstream" &&
    error.message.includes(runtime);
  if (reaching && runtime.startsWith("unix:")) {
    return `start the runtime with \`vastar runtime start --listen ${runtime}\`, or call with --runtime embedded:`;
  }
  if (code === "deadline.exceeded" || code.startsWith("timeout.")) return "give --timeout SECONDS";
  return error.isRetryable() ? "trying again may work" : undefined;
}
