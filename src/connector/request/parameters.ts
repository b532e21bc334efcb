/** Parameters as text in paths, queries, headers and cookies, in the styles of OpenAPI. */
import { isRecord, scalar } from "./values.ts";
import type { ParameterEncoder, ParameterStyle } from "../data/request.ts";

/** `a,b` and `k,v` or `k=v`. */
export const simple: ParameterEncoder = (value, { explode, escape }) =>
  Array.isArray(value)
    ? list(value, escape).join(",")
    : isRecord(value)
    ? pairs(value, escape).map(([key, text]) => explode ? `${key}=${text}` : `${key},${text}`).join(
      ",",
    )
    : escape(scalar(value));

/** `name=a&name=b` or `name=a,b`. */
export const form: ParameterEncoder = (value, style) => delimited(value, style, ",");
/** `name=a%20b`. */
export const spaceDelimited: ParameterEncoder = (value, style) => delimited(value, style, "%20");
/** `name=a%7Cb`. */
export const pipeDelimited: ParameterEncoder = (value, style) => delimited(value, style, "%7C");

/** `name[key]=value`, to any depth. A list of objects, and a list that is the value, has places: `name[0][key]=value`. */
export const deepObject: ParameterEncoder = (value, { wire, escape }) => {
  const out: string[] = [];
  const walk = (name: string, at: unknown): void => {
    if (Array.isArray(at)) {
      const placed = at === value || at.some((item) => Array.isArray(item) || isRecord(item));
      at.forEach((item, place) => walk(placed ? `${name}[${place}]` : name, item));
    } else if (isRecord(at)) {
      for (const [key, item] of Object.entries(at)) walk(`${name}[${key}]`, item);
    } else if (at !== undefined && at !== null) out.push(`${escape(name)}=${escape(scalar(at))}`);
  };
  walk(wire, value);
  return out.length === 0 ? undefined : out.join("&");
};

/** `.a.b`, in paths. */
export const label: ParameterEncoder = (value, { explode, escape }) => {
  if (Array.isArray(value)) return `.${list(value, escape).join(explode ? "." : ",")}`;
  if (!isRecord(value)) return `.${escape(scalar(value))}`;
  return `.${
    pairs(value, escape).map(([key, text]) => explode ? `${key}=${text}` : `${key},${text}`).join(
      explode ? "." : ",",
    )
  }`;
};

/** `;name=a`, in paths. */
export const matrix: ParameterEncoder = (value, { wire, explode, escape }) => {
  const name = escape(wire);
  if (Array.isArray(value)) {
    const items = list(value, escape);
    return explode
      ? items.map((item) => `;${name}=${item}`).join("")
      : `;${name}=${items.join(",")}`;
  }
  if (!isRecord(value)) return `;${name}=${escape(scalar(value))}`;
  const entries = pairs(value, escape);
  return explode
    ? entries.map(([key, text]) => `;${key}=${text}`).join("")
    : `;${name}=${entries.map((entry) => entry.join(",")).join(",")}`;
};

/** One JSON text: `name={"a":1}`. */
export const jsonText: ParameterEncoder = (value, { escape }) => escape(JSON.stringify(value));
/** The same in a query. */
export const jsonQuery: ParameterEncoder = (value, { wire, escape }) =>
  `${escape(wire)}=${escape(JSON.stringify(value))}`;

function delimited(
  value: unknown,
  { wire, explode, escape }: ParameterStyle,
  separator: string,
): string | undefined {
  const name = escape(wire);
  if (Array.isArray(value)) {
    const items = list(value, escape);
    // An empty list has no name=value form; `name=` would mean a list of one empty text.
    if (items.length === 0) return undefined;
    return explode
      ? items.map((item) => `${name}=${item}`).join("&")
      : `${name}=${items.join(separator)}`;
  }
  if (!isRecord(value)) return `${name}=${escape(scalar(value))}`;
  const entries = pairs(value, escape);
  if (entries.length === 0) return undefined;
  return explode
    ? entries.map(([key, text]) => `${key}=${text}`).join("&")
    : `${name}=${entries.map((entry) => entry.join(separator)).join(separator)}`;
}

function list(value: readonly unknown[], escape: (text: string) => string): string[] {
  return value.filter(isPresent).map((item) => escape(scalar(item)));
}

function pairs(
  value: Record<string, unknown>,
  escape: (text: string) => string,
): [string, string][] {
  return Object.entries(value).filter(([, item]) => isPresent(item)).map((
    [key, item],
  ) => [escape(key), escape(scalar(item))]);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
