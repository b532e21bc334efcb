/** Parameters of an operation → `input`. */
import type { Conversion } from "../conversion.ts";
import { mediaOf } from "./media.ts";
import { inputName } from "./names.ts";
import { fittingDefault } from "../schema/default.ts";
import { propertyAt, propertyNamesOf, requiredNamesOf } from "../schema/properties.ts";
import { expand, type OutObject } from "../schema/out.ts";
import { type Nesting, nestingOf } from "../schema/nesting.ts";
import { isTrue, list, type Obj, object, text } from "../value.ts";

/** Set by the client itself, so a parameter for them has no effect. */
const OWN_HEADERS = new Set([
  "connection",
  "content-length",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const STYLES: Readonly<Record<string, readonly string[]>> = {
  path: ["simple", "label", "matrix"],
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
  header: ["simple"],
  cookie: ["form"],
};

export function importParameters(
  ctx: Conversion,
  item: Obj,
  operation: Obj,
  path: string,
  where: string,
  signed: ReadonlySet<string>,
): OutObject {
  const stated = [...list(item["parameters"]), ...list(operation["parameters"])].flatMap((one) =>
    apart(ctx, ctx.refs.follow(one, where), where)
  );
  const byPlace = new Map<string, Obj>();
  // Those of the operation replace those of the path.
  for (const one of stated) byPlace.set(`${String(one["in"])} ${String(one["name"])}`, one);
  const input: OutObject = {};
  const inPath = [...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? "");
  const places = new Set([...byPlace.values()].map((one) => one["in"]));
  for (const parameter of byPlace.values()) {
    if (parameter["in"] === WHOLE && places.has("query")) {
      const why = `\`${
        String(parameter["name"])
      }\` is left out: other parameters are in the query.`;
      ctx.losses.add("parameter", where, why);
      continue;
    }
    if (signed.has(keyPlace(parameter))) {
      const key = String(parameter["name"]);
      ctx.losses.add("parameter", where, `\`${key}\` is the key that signs calls, not an input.`);
      continue;
    }
    const converted = convert(ctx, parameter, inPath, where);
    if (converted === undefined) continue;
    const wire = String(parameter["name"]);
    const wanted = inputName(wire);
    let name = wanted;
    for (let n = 2; Object.hasOwn(input, name); n++) {
      name = inputName(`${String(parameter["in"])}_${wire}${n === 2 ? "" : n}`);
    }
    if (name !== wanted) {
      ctx.losses.add(
        "name",
        where,
        `The ${String(parameter["in"])} parameter \`${wire}\` is called \`${name}\`.`,
      );
    }
    input[name] = name === wire ? converted : { ...converted, name: wire };
  }
  for (const wire of inPath) {
    const known = Object.entries(input).some(([name, one]) =>
      object(one)["in"] === "path" && (object(one)["name"] ?? name) === wire
    );
    if (known) continue;
    ctx.losses.add("parameter", where, `\`{${wire}}\` is not defined; it is taken as text.`);
    const name = inputName(wire);
    input[name] = name === wire
      ? { in: "path", type: "string" }
      : { in: "path", name: wire, type: "string" };
  }
  return input;
}

const WHOLE = "querystring";

/** A whole query string (OpenAPI 3.2) that is a form is the parameters that its fields are; JSON stays whole. */
function apart(ctx: Conversion, parameter: Obj, where: string): Obj[] {
  if (parameter["in"] !== WHOLE) return [parameter];
  const [media] = mediaOf(ctx.refs, parameter["content"]);
  if (media?.kind === "json") return [{ ...parameter, name: parameter["name"] ?? "query" }];
  const fields = propertyNamesOf(ctx.refs, media?.schema);
  if (media?.kind !== "form" || fields.length === 0) {
    const why = `\`${
      String(parameter["name"])
    }\` is left out: no query is written as ${media?.type}.`;
    ctx.losses.add("parameter", where, media?.kind === "form" ? "Its query has no fields." : why);
    return [];
  }
  const needed = isTrue(parameter["required"]) ? requiredNamesOf(ctx.refs, media.schema) : [];
  return fields.map((name) => {
    const schema = propertyAt(ctx.refs, media.schema, name) ?? {};
    return { name, in: "query", schema, required: needed.includes(name) };
  });
}

/** `query api_key`, by which a parameter and a security scheme are known to be the same. */
export function keyPlace(one: Obj): string {
  const name = String(one["name"]);
  return `${String(one["in"])} ${one["in"] === "header" ? name.toLowerCase() : name}`;
}

function convert(
  ctx: Conversion,
  parameter: Obj,
  inPath: readonly string[],
  where: string,
): OutObject | undefined {
  const name = text(parameter["name"]);
  const isWhole = parameter["in"] === WHOLE;
  const place = isWhole ? "query" : text(parameter["in"]) ?? "";
  const lose = (why: string): undefined => {
    ctx.losses.add("parameter", where, why);
    return undefined;
  };
  if (name === undefined || !Object.hasOwn(STYLES, place)) {
    return name === undefined
      ? undefined
      : lose(`The parameter \`${name}\` in \`${place}\` is left out.`);
  }
  // OpenAPI says that parameters for these three have no effect.
  if (place === "header" && /^(accept|content-type|authorization)$/i.test(name)) return undefined;
  if (place === "header" && OWN_HEADERS.has(name.toLowerCase())) {
    return lose(`The header \`${name}\` is set by the client.`);
  }
  if (place === "header" && !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    return lose(`\`${name}\` is not the name of a header.`);
  }
  if (place === "path" && !inPath.includes(name)) {
    return lose(`The path has no \`{${name}}\`; the parameter is left out.`);
  }
  const [media] = mediaOf(ctx.refs, parameter["content"]);
  const schema = media === undefined ? parameter["schema"] : media.schema;
  const out: OutObject = { in: place, ...expand(ctx.schema(schema, `${where} ${name}`)) };
  const doc = text(parameter["description"]);
  if (doc !== undefined) out["description"] = doc;
  if (parameter["deprecated"] === true) out["deprecated"] = true;
  if (place !== "path" && !isTrue(parameter["required"])) out["optional"] = true;
  const style = media === undefined
    ? styleOf(ctx, parameter, place, nestingOf(ctx.refs, schema), `${where} ${name}`)
    : isWhole
    ? "whole"
    : "json";
  if (style !== (place === "query" || place === "cookie" ? "form" : "simple")) out["style"] = style;
  const explode = parameter["explode"];
  const exploded = style === "form" || style === "deepObject";
  if (typeof explode === "boolean" && explode !== exploded && style !== "json" && !isWhole) {
    out["explode"] = explode;
  }
  if (parameter["allowReserved"] === true && place === "query") out["allowReserved"] = true;
  // A default is what the API assumes if nothing is sent. For a required parameter it can only be the value to send.
  if (place !== "path" && isTrue(parameter["required"]) && out["default"] !== undefined) {
    out["send"] = out["default"];
  }
  return out;
}

/** Styles do not define nested values; the report says how they are written. */
function styleOf(
  ctx: Conversion,
  parameter: Obj,
  place: string,
  nesting: Nesting,
  where: string,
): string {
  const fallback = place === "query" || place === "cookie" ? "form" : "simple";
  const stated = text(parameter["style"]);
  const style = stated !== undefined && STYLES[place]?.includes(stated) ? stated : fallback;
  if (nesting === "flat" || style === "deepObject") return style;
  const chosen = place === "query" && nesting === "nested object" ? "deepObject" : "json";
  ctx.losses.add(
    "parameter",
    where,
    `A ${nesting} has no form in style ${style}; it is sent as ${chosen}.`,
  );
  return chosen;
}

/** Query parameters that a document writes into a path or an address: sent unless the caller gives what is declared beside them. */
export function addFixedQuery(
  ctx: Conversion,
  input: OutObject,
  query: string,
  where: string,
): void {
  const whole = Object.entries(input).find(([, one]) => object(one)["style"] === "whole");
  if (whole !== undefined) {
    const why = `\`?${query}\` is left out: \`${whole[0]}\` is the whole query.`;
    return ctx.losses.add("parameter", where, why);
  }
  for (const [wire, value] of new URLSearchParams(query)) {
    const [, declared] = Object.entries(input).map(([name, one]) => [name, object(one)] as const)
      .find(([name, one]) => one["in"] === "query" && (one["name"] ?? name) === wire) ?? [];
    if (declared !== undefined) {
      const fixed = declared["type"] === "string" ? value : Number(value);
      if (fittingDefault(declared, fixed)) Object.assign(declared, { send: fixed });
      continue;
    }
    let name = inputName(wire);
    while (Object.hasOwn(input, name)) name = inputName(`query_${name}`);
    input[name] = { in: "query", ...(name === wire ? {} : { name: wire }), const: value };
  }
}
