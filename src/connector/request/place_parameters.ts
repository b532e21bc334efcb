/** Moves parameters from the input into path, query, headers and cookies. */
import { invalidRequest } from "../../core/errors.ts";
import { addQuery } from "./outgoing.ts";
import { form, simple } from "./parameters.ts";
import type { ParameterPlacer } from "../data/operation.ts";
import { sound } from "./values.ts";
import type { OutgoingRequest, ParameterData, ParameterStyle } from "../data/request.ts";

export const placeParameters: ParameterPlacer = (request, operation, input) => {
  const parameters = operation.parameters ?? [];
  const rest: Record<string, unknown> = { ...input };
  const values = parameters.map((parameter) => {
    const value = Object.hasOwn(input, parameter.name) ? input[parameter.name] : undefined;
    delete rest[parameter.name];
    return value === undefined ? parameter.send : value;
  });
  const { path } = operation;
  if (typeof path === "string") request.url += path;
  else {
    const parts = path.map((part) =>
      typeof part === "string"
        ? part
        : pathValue(operation.id, parameters[part] as ParameterData, values[part])
    );
    const text = parts.join("");
    refuseDotSegments(operation.id, text);
    request.url += text;
  }
  parameters.forEach((parameter, index) => {
    if (parameter.in !== "path") place(request, operation.id, parameter, values[index]);
  });
  return rest;
};

function place(
  request: OutgoingRequest,
  operation: string,
  parameter: ParameterData,
  value: unknown,
): void {
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
      escape: (raw) => sound(raw, parameter.name),
    });
    if (text !== undefined) request.headers[wire.toLowerCase()] = text;
    return;
  }
  const encode = parameter.encode ?? form;
  const reserved = parameter.allowReserved ?? false;
  const text = encode(value, {
    wire,
    explode: parameter.explode ?? encode === form,
    escape: (raw) => escapeQuery(sound(raw, parameter.name), reserved),
  });
  if (text === undefined) return;
  if (parameter.in === "query") return addQuery(request, text);
  const before = request.headers["cookie"];
  const cookie = text.replaceAll("&", "; ");
  request.headers["cookie"] = before === undefined ? cookie : `${before}; ${cookie}`;
}

const QUERY_RESERVED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/g;

/** Encodes everything but unreserved characters; `allowReserved` keeps those that cannot end a query or a pair. */
function escapeQuery(text: string, allowReserved: boolean): string {
  const encoded = encodeURIComponent(text);
  return allowReserved ? encoded.replace(QUERY_RESERVED, decodeURIComponent) : encoded;
}

/** Refuses values that would change the path instead of filling it: none, empty text, `.` and `..`. */
function pathValue(operation: string, parameter: ParameterData, value: unknown): string {
  const style: ParameterStyle = {
    wire: parameter.wire ?? parameter.name,
    explode: parameter.explode ?? false,
    escape: (raw) => encodeURIComponent(sound(raw, parameter.name)),
  };
  const missing = value === undefined || value === null;
  const text = missing ? undefined : (parameter.encode ?? simple)(value, style);
  if (text === undefined || text === "") {
    throw invalidRequest(
      "request.path",
      `${operation} needs ${parameter.name} for its path: it is ${
        missing ? String(value) : "empty"
      }`,
    );
  }
  return text;
}

/** `encodeURIComponent` leaves dots alone, and URL parsers resolve `..`. */
function refuseDotSegments(operation: string, path: string): void {
  if (!path.includes(".")) return;
  if (path.split("/").some((segment) => segment === "." || segment === "..")) {
    throw invalidRequest(
      "request.path",
      `A parameter of ${operation} turns a part of its path into "." or "..", which would leave the path: ${path}`,
    );
  }
}
