/** Examples of a document → `examples`: those that are whole, fit their types, and are short enough to be read. */
import type { Conversion } from "../conversion.ts";
import { mediaOf } from "../operation/media.ts";
import type { Out, OutObject } from "../schema/out.ts";
import { isObject, list, type Obj, object, text } from "../value.ts";
import { Fits } from "./fits.ts";
import { isObjectLike } from "./object_like.ts";

/** Of an operation. */
const MOST = 3;
/** Characters of JSON. */
const MOST_LENGTH = 4000;

/** By name; an example without one is called like this. */
const ONLY = "example";

type Examples = ReadonlyMap<string, unknown>;

/** Of an operation as it is in the document and in the spec. */
export function examplesOf(
  ctx: Conversion,
  { item, operation, where }: {
    readonly item: Obj;
    readonly operation: Obj;
    readonly where: string;
  },
  out: OutObject,
  types: OutObject,
): OutObject[] {
  const body = ctx.refs.follow(operation["requestBody"] ?? {}, where);
  const bodies = sent(ctx, body, out["body"]);
  const outputs = answered(ctx, operation, out, where);
  const parameters = parametersOf(ctx, [
    ...list(item["parameters"]),
    ...list(operation["parameters"]),
  ], where);
  const names = [...new Set([...bodies.keys(), ...outputs.keys()])];
  const found: OutObject[] = [];
  const requests = new Fits(types, "request");
  const responses = new Fits(types, "response");
  for (const name of names.length === 0 && parameters.size > 0 ? [ONLY] : names) {
    const input = inputOf(
      out,
      parameters,
      bodies.has(name) ? bodies.get(name) : first(bodies),
      requests,
    );
    if (input === undefined) continue;
    const stated = outputs.has(name) ? outputs.get(name) : first(outputs);
    const output = responses.shaped(resultOf(out), stated);
    const isWhole = output !== undefined && responses.test(resultOf(out), output);
    if (!isWhole && Object.keys(input).length === 0) continue;
    const example = { name, input, ...(isWhole ? { output } : {}) };
    if (JSON.stringify(example).length > MOST_LENGTH) continue;
    found.push(example);
    if (found.length === MOST) break;
  }
  return found;
}

function first(examples: Examples): unknown {
  return examples.values().next().value;
}

/** `examples`, `example`, and those of the schema. */
function stated(ctx: Conversion, holder: Obj): Examples {
  const found = new Map<string, unknown>();
  for (const [name, one] of Object.entries(object(holder["examples"]))) {
    const example = ctx.refs.schema(one);
    // OpenAPI 3.2 has the value itself, or how it is written.
    const value = example["dataValue"] ?? example["value"];
    if (value !== undefined) found.set(name, value);
  }
  if (holder["example"] !== undefined) found.set(ONLY, holder["example"]);
  const schema = ctx.refs.schema(holder["schema"]);
  const own = list(schema["examples"])[0] ?? schema["example"];
  if (found.size === 0 && own !== undefined) found.set(ONLY, own);
  return found;
}

function sent(ctx: Conversion, body: Obj, out: unknown): Examples {
  const kind = ["json", "form"].find((one) => isObject(out) && one in out) ?? "json";
  const media = mediaOf(ctx.refs, body["content"]).find((one) => one.kind === kind);
  return media === undefined || out === undefined ? new Map() : stated(ctx, media.content);
}

function answered(ctx: Conversion, operation: Obj, out: OutObject, where: string): Examples {
  if (out["result"] === undefined) return new Map();
  for (const [status, response] of Object.entries(object(operation["responses"]))) {
    if (!status.startsWith("2")) continue;
    const { content } = ctx.refs.follow(response, where);
    const media = mediaOf(ctx.refs, content).find((one) => one.kind === "json");
    if (media !== undefined) return stated(ctx, media.content);
  }
  return new Map();
}

/** By name on the wire. */
function parametersOf(ctx: Conversion, parameters: readonly unknown[], where: string): Examples {
  const found = new Map<string, unknown>();
  for (const one of parameters) {
    const parameter = ctx.refs.follow(one, where);
    const name = text(parameter["name"]);
    const value = first(stated(ctx, parameter));
    if (name !== undefined && value !== undefined) found.set(name, value);
  }
  return found;
}

/** Undefined: something that has to be there has no example. */
function inputOf(
  out: OutObject,
  parameters: Examples,
  written: unknown,
  fits: Fits,
): OutObject | undefined {
  const input: OutObject = {};
  for (const [name, one] of Object.entries(object(out["input"]))) {
    const type = object(one);
    const value = fits.shaped(type, parameters.get(text(type["name"]) ?? name));
    if (type["const"] !== undefined) continue;
    if (value !== undefined && fits.test(type, value)) input[name] = value;
    else if (type["optional"] !== true && type["send"] === undefined) return undefined;
  }
  const stated = out["body"] as Out | undefined;
  if (stated === undefined) return input;
  const wrapped = isObject(stated) ? stated : {};
  const kind = ["json", "form", "multipart", "binary", "text"].find((one) => one in wrapped);
  if (written === undefined) return wrapped["optional"] === true ? input : undefined;
  if (kind !== undefined && kind !== "json" && kind !== "form") return undefined;
  const type = kind === undefined ? stated : wrapped[kind];
  const body = fits.shaped(type, written);
  if (!fits.test(type, body)) return undefined;
  // Beside a type itself, `as` is its own.
  const key = kind === undefined ? undefined : text(wrapped["as"]);
  if (key !== undefined) return { ...input, [key]: body };
  if (!isObjectLike(fits.types, type)) return { ...input, body };
  // Where an optional one stands depends on what it requires.
  return isObject(body) && wrapped["optional"] !== true ? { ...body, ...input } : undefined;
}

function resultOf(out: OutObject): unknown {
  const { result } = out;
  return isObject(result) && "json" in result && result["type"] === undefined
    ? result["json"]
    : result;
}
