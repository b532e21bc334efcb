/** Input → request, before auth. */
import { chain } from "../../core/chain.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { BodyOptions, CallOptions } from "../data/options.ts";
import { addQuery, headerBag, setHeaders } from "./outgoing.ts";
import type { OperationData } from "../data/operation.ts";
import { holdsSecret } from "./secret_headers.ts";
import { renderConfig } from "./template.ts";
import { isRecord, sound } from "./values.ts";
import type { ClientState } from "../data/connector.ts";
import type { BodyEncoding, Input, OutgoingRequest } from "../data/request.ts";

export function buildRequest(
  client: ClientState,
  operation: OperationData,
  input: Input,
  options: CallOptions,
): OutgoingRequest | Promise<OutgoingRequest> {
  const request: OutgoingRequest = {
    operation: operation.id,
    method: operation.method,
    url: client.baseURL(operation.server ?? "default"),
    headers: headerBag(),
    body: null,
    secretHeaders: new Set(),
    secrets: [],
  };
  if (operation.accept) request.headers["accept"] = operation.accept;
  const rest = operation.place ? operation.place(request, operation, input) : input;
  if (!operation.place) request.url += String(operation.path);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    const [key, text] = [sound(name, name), sound(value, name)].map(encodeURIComponent);
    addQuery(request, `${key}=${text}`);
  }
  return chain(writeBody(request, operation, input, rest, options), () => {
    writeHeaders(request, client, operation, options);
    return request;
  });
}

function writeHeaders(
  request: OutgoingRequest,
  client: ClientState,
  operation: OperationData,
  options: CallOptions,
): void {
  for (const [name, template] of [...client.connector.headers ?? [], ...operation.headers ?? []]) {
    const key = name.toLowerCase();
    const value = renderConfig(template, client);
    if (value !== undefined) request.headers[key] = value;
    // By name, since the caller may pass the secret instead of configuring it.
    if (holdsSecret(template, client.connector.config)) request.secretHeaders.add(key);
  }
  setHeaders(request.headers, client.options.headers);
  setHeaders(request.headers, options.headers);
}

function writeBody(
  request: OutgoingRequest,
  operation: OperationData,
  input: Input,
  rest: Input,
  options: BodyOptions<string>,
): void | Promise<void> {
  const { body } = operation;
  const encoding = encodingOf(operation, options);
  if (!body || !encoding) return;
  const value = body.key === undefined ? rest : input[body.key];
  if (value === undefined && body.required) {
    throw invalidRequest("request.body", `${operation.id} needs ${body.key}: it is undefined`);
  }
  // An optional body with nothing in it is left out.
  if (value === undefined || (!body.required && value === rest && Object.keys(rest).length === 0)) {
    return;
  }
  return chain(encoding.encode(value, encoding), (encoded) => {
    request.body = encoded.body;
    request.headers["content-type"] = encoded.contentType;
  });
}

function encodingOf(
  { id, body }: OperationData,
  { contentType }: BodyOptions<string>,
): BodyEncoding | undefined {
  if (contentType === undefined || contentType === body?.contentType) return body;
  const { others = {} } = body ?? {};
  const chosen = Object.hasOwn(others, contentType) ? others[contentType] : undefined;
  if (chosen !== undefined) return chosen;
  const has = body === undefined
    ? "it has no body"
    : `it must be ${[body.contentType, ...Object.keys(others)].join(" or ")}`;
  throw invalidRequest("request.content_type", `contentType of ${id} is "${contentType}": ${has}`);
}

/** Mistakes that callers without types can make. */
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
