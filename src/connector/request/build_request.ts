/** Input → request, before auth. */
import { invalidRequest } from "../../core/errors.ts";
import type { Context } from "../call/client.ts";
import type { CallOptions } from "../data/options.ts";
import { addQuery, headerBag, type OutgoingRequest, setHeaders } from "./outgoing.ts";
import type { OperationSpec } from "../data/operation.ts";
import { holdsSecret } from "./secret_headers.ts";
import { renderConfig } from "./template.ts";
import { isRecord, sound } from "./values.ts";

export type Input = Readonly<Record<string, unknown>>;

export async function buildRequest(
  context: Context,
  spec: OperationSpec,
  input: Input,
  options: CallOptions,
): Promise<OutgoingRequest> {
  const request: OutgoingRequest = {
    operation: spec.id,
    method: spec.method,
    url: context.baseURL(spec.server ?? "default"),
    headers: headerBag(),
    body: null,
    secretHeaders: new Set(),
    secrets: [],
  };
  if (spec.accept) request.headers["accept"] = spec.accept;
  const rest = spec.place ? spec.place(request, spec, input) : input;
  if (!spec.place) request.url += String(spec.path);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    const [key, text] = [sound(name, name), sound(value, name)].map(encodeURIComponent);
    addQuery(request, `${key}=${text}`);
  }
  await writeBody(request, spec, input, rest);
  for (const [name, template] of [...context.spec.headers ?? [], ...spec.headers ?? []]) {
    const key = name.toLowerCase();
    const value = renderConfig(template, context);
    if (value !== undefined) request.headers[key] = value;
    // By its name, since a caller may give the secret in place of the configuration.
    if (holdsSecret(template, context.spec.config)) request.secretHeaders.add(key);
  }
  setHeaders(request.headers, context.options.headers);
  setHeaders(request.headers, options.headers);
  return request;
}

async function writeBody(
  request: OutgoingRequest,
  spec: OperationSpec,
  input: Input,
  rest: Input,
): Promise<void> {
  const { body } = spec;
  if (!body) return;
  const value = body.key === undefined ? rest : input[body.key];
  if (value === undefined && body.required) {
    throw invalidRequest("request.body", `${spec.id} needs ${body.key}: it is undefined`);
  }
  // Nothing left of an optional body is not a body.
  if (value === undefined || (!body.required && value === rest && Object.keys(rest).length === 0)) {
    return;
  }
  const encoded = await body.encode(value, body);
  request.body = encoded.body;
  request.headers["content-type"] = encoded.contentType;
}

/** What callers without types may get wrong. */
export function checkInput(operation: string, input: unknown): Input {
  if (input === undefined) return {};
  if (isRecord(input)) return input;
  throw invalidRequest(
    "request.input",
    `${operation} takes one object with its parameters, not ${
      Array.isArray(input) ? "an array" : input === null ? "null" : `a ${typeof input}`
    }`,
  );
}
