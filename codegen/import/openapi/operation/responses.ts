/** Responses → `result`, `stream` and `paginate`. */
import type { Conversion } from "../conversion.ts";
import { chooseBody } from "./body.ts";
import { tellUnnamedParts } from "./encoding.ts";
import { acceptOf, concrete, isPlainText, type Media, mediaOf, pick } from "./media.ts";
import { importStream } from "./stream.ts";
import { isFields, isSwitch, propertyAt } from "../schema/properties.ts";
import type { Out, OutObject } from "../schema/out.ts";
import { type Obj, object } from "../value.ts";

export interface Responses {
  readonly result?: Out;
  readonly stream?: OutObject;
  /** A stream that nothing in the input asks for: it is an operation of its own. */
  readonly apart?: OutObject;
  readonly paginate?: OutObject;
}

export function importResponses(
  ctx: Conversion,
  operation: Obj,
  input: OutObject,
  where: string,
): Responses {
  const responses = Object.entries(object(operation["responses"]));
  const success = responses.filter(([status]) => /^2(\d\d|XX)$/i.test(status));
  const chosen = success.length > 0
    ? success
    : responses.filter(([status]) => status === "default");
  if (chosen.length === 0 && responses.some(([status]) => /^30[12378]$/.test(status))) {
    ctx.losses.add("result", where, "It only redirects; what it leads to is read as bytes.");
    return { result: { binary: "application/octet-stream" } };
  }
  const answers = chosen.map(([status, one]) => ({
    status,
    response: ctx.refs.follow(one, where),
  }));
  const media = answers.flatMap(({ response }) => mediaOf(ctx.refs, response["content"]));
  if (media.length === 0) return {};
  const empty = answers.some(({ response }) => mediaOf(ctx.refs, response["content"]).length === 0);
  const streamed = pick(media, ["sse", "ndjson", "json-seq"]);
  const plain = textAmong(media) ?? pick(media, ["json", "binary", "text", "form", "multipart"]);
  const others = [
    ...new Set(
      media.filter((one) => one.kind !== plain?.kind && one !== streamed).map((one) => one.type),
    ),
  ];
  if (others.length > 0) {
    ctx.losses.add(
      "result",
      where,
      `Read as ${plain?.type ?? streamed?.type}, not as ${others.join(", ")}.`,
    );
  }
  const always = streamed && importStream(ctx, streamed, media, where);
  const when = always && plain && switchOf(ctx, operation, input, where);
  const stream = always && (plain === undefined ? always : when && { when, ...always });
  const result = plain && importResult(ctx, plain, media, empty, where);
  const json = answers.find(({ response }) =>
    mediaOf(ctx.refs, response["content"]).some((one) => one.kind === "json")
  );
  const paginate = json && plain?.kind === "json"
    ? linked(ctx, json.response, plain, input)
    : undefined;
  return {
    ...(result === undefined ? {} : { result }),
    ...(stream === undefined ? {} : { stream }),
    ...(always === undefined || stream !== undefined ? {} : { apart: always }),
    ...(paginate === undefined || stream !== undefined ? {} : { paginate }),
  };
}

/**
 * The media type of plain text, if JSON would just be a string: such an API returns the text itself, and some refuse to be
 * asked for JSON.
 */
function textAmong(media: readonly Media[]): Media | undefined {
  const json = media.filter((one) => one.kind === "json");
  if (!json.every(({ schema }) => isPlainText(schema))) return undefined;
  return json.length === 0
    ? undefined
    : media.find((one) => one.kind === "text" && isPlainText(one.schema));
}

function importResult(
  ctx: Conversion,
  plain: Media,
  media: readonly Media[],
  empty: boolean,
  where: string,
): Out {
  tellUnnamedParts(ctx, plain, `${where} result`);
  const accept = acceptOf(plain);
  const more = { ...empty ? { mayBeEmpty: true } : {}, ...accept === undefined ? {} : { accept } };
  if (plain.kind !== "json") {
    const kind = plain.kind === "text" ? "text" : "binary";
    const [essence = ""] = plain.type.split(";");
    const type = concrete(essence, kind === "text" ? "text/plain" : "application/octet-stream");
    return { [kind]: type, ...more };
  }
  const seen = new Map<string, Out>();
  for (const one of media) {
    if (one.kind !== "json") continue;
    const out = ctx.schema(one.schema ?? {}, `${where} result`);
    seen.set(JSON.stringify(out), out);
  }
  const types = [...seen.values()];
  const [only = "unknown"] = types;
  const type: Out = types.length === 1
    ? only
    : types.includes("unknown")
    ? "unknown"
    : { anyOf: types };
  return Object.keys(more).length === 0 ? type : { json: type, ...more };
}

/** What in the input asks for a stream: a flag in the body, or a parameter. */
function switchOf(
  ctx: Conversion,
  operation: Obj,
  input: OutObject,
  where: string,
): OutObject | undefined {
  const body = ctx.refs.follow(operation["requestBody"] ?? {}, where);
  const sent = chooseBody(ctx.refs, mediaOf(ctx.refs, body["content"]));
  const json = sent?.kind === "json" && isFields(ctx.refs, sent.schema) ? sent : undefined;
  for (const name of ["stream", "watch"]) {
    if (json !== undefined && isSwitch(ctx.refs, propertyAt(ctx.refs, json.schema, name))) {
      return { [`$body.${name}`]: true };
    }
    const parameter = object(input[name]);
    if (parameter["in"] === "query" && parameter["type"] === "boolean") {
      return { [`$input.${name}`]: true };
    }
  }
  return undefined;
}

/** A `Link` header in the answer means pages; the list is the answer itself or its only list. */
function linked(
  ctx: Conversion,
  response: Obj,
  media: Media,
  input: OutObject,
): OutObject | undefined {
  const headers = Object.keys(object(response["headers"])).map((name) => name.toLowerCase());
  if (!headers.includes("link")) return undefined;
  const items = listIn(ctx, media.schema);
  if (items === undefined) return undefined;
  const size = ["per_page", "page_size", "pageSize", "limit"].find((name) =>
    object(input[name])["type"] === "integer"
  );
  return { style: "link-header", items, ...(size === undefined ? {} : { size }) };
}

function listIn(ctx: Conversion, schema: unknown): string | undefined {
  const at = ctx.refs.schema(schema);
  if (at["type"] === "array") return "$";
  const lists = Object.entries(object(at["properties"])).filter(([, one]) =>
    ctx.refs.schema(one)["type"] === "array"
  );
  const [only] = lists;
  return lists.length === 1 && only !== undefined && /^[A-Za-z_][\w-]*$/.test(only[0])
    ? `$.${only[0]}`
    : undefined;
}
