/** Input → request, before auth. */
import { invalidRequest } from "../core/errors.ts";
import type { Context } from "./context.ts";
import type { CallOptions } from "./options.ts";
import { addQuery, headerBag, type OutgoingRequest, setHeaders } from "./outgoing.ts";
import {
  escapeQuery,
  form,
  isRecord,
  pathValue,
  refuseDotSegments,
  scalar,
  simple,
} from "./parameters.ts";
import type { BodySpec, OperationSpec, ParameterSpec } from "./spec.ts";
import { renderConfig } from "./template.ts";

export type Input = Readonly<Record<string, unknown>>;

export async function buildRequest(
  context: Context,
  spec: OperationSpec,
  input: Input,
  options: CallOptions,
): Promise<OutgoingRequest> {
  const parameters = spec.parameters ?? [];
  const request: OutgoingRequest = {
    operation: spec.id,
    method: spec.method,
    url: context.baseURL(spec.server ?? "default") + path(spec, parameters, input),
    headers: headerBag(),
    body: null,
    secretHeaders: new Set(),
  };
  if (spec.accept !== undefined) request.headers["accept"] = spec.accept;
  for (const parameter of parameters) {
    if (parameter.in !== "path") place(request, spec.id, parameter, input);
  }
  for (const [name, value] of Object.entries(options.query ?? {})) {
    addQuery(request, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }
  if (spec.body !== undefined) await writeBody(request, spec, spec.body, parameters, input);
  setDeclaredHeaders(request, context, spec);
  setHeaders(request.headers, context.options.headers);
  setHeaders(request.headers, options.headers);
  return request;
}

export function setDeclaredHeaders(
  request: OutgoingRequest,
  context: Context,
  spec: OperationSpec,
): void {
  for (const [name, template] of [...context.spec.headers ?? [], ...spec.headers ?? []]) {
    const value = renderConfig(template, context);
    if (value !== undefined) request.headers[name.toLowerCase()] = value;
  }
}

function path(spec: OperationSpec, parameters: readonly ParameterSpec[], input: Input): string {
  const [only] = spec.path;
  if (spec.path.length === 1 && typeof only === "string") return only;
  let text = "";
  for (const part of spec.path) {
    if (typeof part === "string") text += part;
    else {
      const parameter = parameters[part] as ParameterSpec;
      text += pathValue(spec.id, parameter, valueOf(parameter, input));
    }
  }
  refuseDotSegments(spec.id, text);
  return text;
}

function valueOf(parameter: ParameterSpec, input: Input): unknown {
  const value = Object.hasOwn(input, parameter.name) ? input[parameter.name] : undefined;
  return value === undefined ? parameter.send : value;
}

function place(
  request: OutgoingRequest,
  operation: string,
  parameter: ParameterSpec,
  input: Input,
): void {
  const value = valueOf(parameter, input);
  if (value === undefined || value === null) {
    if (parameter.required) {
      throw invalidRequest(
        "request.parameter",
        `${operation} needs ${parameter.name}: it is ${String(value)}`,
      );
    }
    return;
  }
  const wire = parameter.wire ?? parameter.name;
  if (parameter.in === "header") {
    const text = (parameter.encode ?? simple)(value, {
      wire,
      explode: parameter.explode ?? false,
      escape: asIs,
    });
    if (text !== undefined) request.headers[wire.toLowerCase()] = text;
    return;
  }
  const encode = parameter.encode ?? form;
  const explode = parameter.explode ?? encode === form;
  const reserved = parameter.allowReserved ?? false;
  const text = encode(value, { wire, explode, escape: (raw) => escapeQuery(raw, reserved) });
  if (text === undefined) return;
  if (parameter.in === "query") return addQuery(request, text);
  const before = request.headers["cookie"];
  const cookie = text.replaceAll("&", "; ");
  request.headers["cookie"] = before === undefined ? cookie : `${before}; ${cookie}`;
}

function asIs(text: string): string {
  return text;
}

async function writeBody(
  request: OutgoingRequest,
  spec: OperationSpec,
  body: BodySpec,
  parameters: readonly ParameterSpec[],
  input: Input,
): Promise<void> {
  const value = body.key === undefined ? rest(parameters, input, body) : input[body.key];
  if (value === undefined) {
    if (!body.required) return;
    throw invalidRequest(
      "request.body",
      `${spec.id} needs ${body.key ?? "a body"}: it is undefined`,
    );
  }
  const encoded = body.encode(value, body);
  const { body: bytes, contentType } = encoded instanceof Promise ? await encoded : encoded;
  request.body = bytes;
  request.headers["content-type"] = contentType;
}

/** What is no parameter is body; nothing left of an optional body is no body. */
function rest(parameters: readonly ParameterSpec[], input: Input, body: BodySpec): unknown {
  if (parameters.length === 0) {
    return !body.required && Object.keys(input).length === 0 ? undefined : input;
  }
  const value: Record<string, unknown> = {};
  let any = body.required ?? false;
  for (const key of Object.keys(input)) {
    if (parameters.some((parameter) => parameter.name === key)) continue;
    value[key] = input[key];
    any = true;
  }
  return any ? value : undefined;
}

/** What callers without types may get wrong. */
export function checkInput(operation: string, input: unknown): Input {
  if (input === undefined) return {};
  if (isRecord(input)) return input;
  throw invalidRequest(
    "request.input",
    `${operation} takes one object with its parameters, not ${
      input === null
        ? "null"
        : Array.isArray(input)
        ? "an array"
        : `a ${typeof input} (${scalar(input).slice(0, 40)})`
    }`,
  );
}
