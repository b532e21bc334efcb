/** Turns a request back into the input it was made from, as far as needed to compare it with examples. */
import { type Flat, Flattening } from "./flat.ts";
import { mediaType } from "../../core/headers.ts";
import type { Route } from "../../core/serve/routes.ts";
import type { MockOperation } from "./types.ts";

export async function readInput(
  route: Route<MockOperation>,
  request: Request,
  body: Uint8Array,
): Promise<Flat> {
  const { operation } = route;
  const flat = new Flattening();
  const nameOf = (place: string, wire: string) =>
    operation.parameters.find((parameter) =>
      parameter.in === place && (parameter.wire === wire || parameter.name === wire)
    )?.name;

  for (const [wire, value] of Object.entries(route.path)) {
    flat.addValue([nameOf("path", wire) ?? wire], value);
  }
  for (const [wire, value] of new URL(request.url).searchParams) {
    const name = nameOf("query", wire);
    if (name !== undefined) flat.addValue([name], value);
    else flat.addText(wire, value);
  }
  for (const { name, wire, in: place } of operation.parameters) {
    const value = place === "header" ? request.headers.get(wire) : null;
    if (value !== null) flat.addValue([name], value);
  }
  for (const pair of request.headers.get("cookie")?.split(/;\s*/) ?? []) {
    const [wire = "", value = ""] = pair.split(/=(.*)/s);
    const name = nameOf("cookie", wire);
    if (name !== undefined) flat.addValue([name], value);
  }
  if (operation.body !== undefined && body.byteLength > 0) {
    const prefix = operation.body.key === undefined ? [] : [operation.body.key];
    await addBody(flat, prefix, kindOf(operation.body, request), request, body);
  }
  return flat.done();
}

/** Of the form that the request says it has, if the spec has several. */
function kindOf(
  { kind, alternatives = [] }: NonNullable<MockOperation["body"]>,
  { headers }: Request,
): string {
  const type = mediaType(headers.get("content-type"));
  return alternatives.find(({ contentType }) => mediaType(contentType) === type)?.kind ?? kind;
}

const LONG_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/** Values are compared as text; as numbers, the last digits of long ones would be lost. */
function withLongNumbersAsText(json: string): string {
  return json.replace(LONG_NUMBER, (token) => token.startsWith('"') ? token : `"${token}"`);
}

async function addBody(
  flat: Flattening,
  prefix: readonly string[],
  kind: string,
  request: Request,
  body: Uint8Array,
): Promise<void> {
  const text = () => new TextDecoder().decode(body);
  const key = (name: string) => [...prefix, name].join(".");
  if (kind === "json") flat.addValue(prefix, JSON.parse(withLongNumbersAsText(text())));
  else if (kind === "text") flat.addValue(prefix, text());
  else if (kind === "form") {
    for (const [name, value] of new URLSearchParams(text())) flat.addText(key(name), value);
  } else if (kind === "multipart") {
    const type = request.headers.get("content-type") ?? "";
    const parsed = new Response(body.slice(), { headers: { "content-type": type } });
    for (const [name, value] of await parsed.formData()) {
      // Examples have no files, so their content is ignored.
      if (typeof value === "string") flat.addText(key(name), value);
    }
  }
}
