/** `input` of an operation: what goes into path, query, headers and cookies. */
import type { Cursor } from "../../load/cursor.ts";
import type { ParameterModel, ParameterStyle } from "../../model/operation.ts";
import type { Schema } from "../../model/schema.ts";
import type { Json } from "../../model/selector.ts";
import type { Context } from "../context.ts";
import { defined, entriesOf, isKind, readChoice } from "../fields/fields.ts";
import { checkSentHeader } from "../headers.ts";
import { UNSAFE_MEMBERS } from "../names.ts";
import { checkParameterType } from "./parameter_type.ts";
import type { RawPath } from "./path.ts";
import { tellMisfits, ValueCheck } from "../value/value.ts";

export const PARAMETER_KEYS: readonly string[] = [
  "in",
  "name",
  "optional",
  "style",
  "explode",
  "allowReserved",
  "send",
];

const PLACES = ["path", "query", "header", "cookie"] as const;
type Place = (typeof PLACES)[number];

const STYLES: Readonly<Record<Place, readonly ParameterStyle[]>> = {
  path: ["simple", "label", "matrix", "json"],
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject", "json", "whole"],
  header: ["simple", "json"],
  cookie: ["form", "json"],
};

export function readParameters(
  ctx: Context,
  cursor: Cursor | undefined,
  path: RawPath | undefined,
): ParameterModel[] {
  const wires = new Set(
    path?.parts.flatMap((part) => part.kind === "param" ? [part.wire] : []) ?? [],
  );
  const entries = cursor === undefined ? [] : entriesOf(
    ctx.report,
    cursor,
    "Write each under its name: `input: { limit: { in: query, type: integer } }`.",
  );
  const parameters = entries.flatMap(([name, at]) => readParameter(ctx, name, at, wires) ?? []);
  const taken = new Map<string, string>();
  for (const [index, parameter] of parameters.entries()) {
    const folded = parameter.in === "header" ? parameter.wire.toLowerCase() : parameter.wire;
    const other = taken.get(`${parameter.in} ${folded}`);
    const at = entries[index]?.[1];
    if (other !== undefined && at !== undefined) {
      const message =
        `\`${parameter.name}\` and \`${other}\` are both the ${parameter.in} parameter \`${parameter.wire}\`.`;
      ctx.report.add(
        "VC1608",
        at,
        message,
        "Keep one of the two, or give one a different `name`.",
        "key",
      );
    }
    taken.set(`${parameter.in} ${folded}`, parameter.name);
  }
  tellBesideWhole(ctx, parameters, cursor);
  return parameters;
}

/** Nobody could tell where the JSON ends. */
function tellBesideWhole(
  ctx: Context,
  parameters: readonly ParameterModel[],
  cursor: Cursor | undefined,
): void {
  const whole = parameters.find(({ style }) => style === "whole");
  if (whole === undefined || cursor === undefined) return;
  for (const other of parameters) {
    if (other === whole || other.in !== "query") continue;
    ctx.report.add(
      "VC1608",
      cursor.at(other.name) ?? cursor,
      `\`${other.name}\` is in the query, all of which is \`${whole.name}\`.`,
      "Make it a property of that value, or give that another style.",
      "key",
    );
  }
}

function readParameter(
  ctx: Context,
  name: string,
  cursor: Cursor,
  wires: ReadonlySet<string>,
): ParameterModel | undefined {
  if (UNSAFE_MEMBERS.has(name)) {
    ctx.report.add(
      "VC2103",
      cursor,
      `\`${name}\` cannot be a property.`,
      "Give it another name and keep `name:` for the wire.",
      "key",
    );
    return undefined;
  }
  const schema = ctx.readSchema(ctx, cursor, { extra: PARAMETER_KEYS });
  ctx.readTypes();
  const wireAt = cursor.at("name");
  const wire = wireAt !== undefined && isKind(ctx.report, wireAt, "text")
    ? String(wireAt.value)
    : name;
  const place = readPlace(ctx, name, cursor, wires.has(wire));
  if (place === undefined) return undefined;
  if (
    place === "header" &&
    !checkSentHeader(ctx.report, wireAt ?? cursor, wire, wireAt === undefined ? "key" : "value")
  ) {
    return undefined;
  }
  if (place === "path" && !wires.has(wire)) {
    const message = `The path has no \`{${wire}}\`.`;
    ctx.report.add(
      "VC1603",
      cursor,
      message,
      `Add \`{${wire}}\` to the path, or say \`in: query\`.`,
      "key",
    );
  }
  const flag = (key: string): boolean | undefined => {
    const at = cursor.at(key);
    return at !== undefined && isKind(ctx.report, at, "boolean") ? at.value as boolean : undefined;
  };
  const optional = flag("optional") === true;
  if (place === "path" && optional) {
    const help = "Remove `optional`; make a second operation for the shorter path.";
    ctx.report.add(
      "VC1607",
      cursor.at("optional") ?? cursor,
      `The path parameter \`${name}\` cannot be left out.`,
      help,
    );
  }
  const style = readStyle(ctx, cursor, place);
  checkParameterType(ctx, cursor, schema, place, style);
  const send = readSend(ctx, cursor, schema);
  const reserved = flag("allowReserved") === true;
  if (reserved && place !== "query") {
    const at = cursor.at("allowReserved") ?? cursor;
    ctx.report.add(
      "VC1606",
      at,
      "Only query parameters can go unencoded.",
      "Remove `allowReserved`.",
      "key",
    );
  }
  return defined({
    name,
    wire,
    in: place,
    schema,
    required: place === "path" || (!optional && schema.default === undefined && send === undefined),
    send,
    style,
    explode: flag("explode") ?? (style === "form" || style === "deepObject"),
    allowReserved: reserved,
    doc: schema.doc,
    deprecated: schema.deprecated,
    at: ctx.report.position(cursor),
  }) as ParameterModel;
}

function readPlace(ctx: Context, name: string, cursor: Cursor, inPath: boolean): Place | undefined {
  const at = cursor.at("in");
  if (at !== undefined) return readChoice(ctx.report, at, PLACES);
  if (inPath) return "path";
  const message = `The parameter \`${name}\` does not say where it goes.`;
  const bare = name.replace(/\?$/, "");
  const help = bare === name
    ? "Add `in: query` (or path, header, cookie); what goes into the body belongs under `body`."
    : `Write \`${bare}: { in: query, type: string, optional: true }\` (or in path, header, cookie).`;
  ctx.report.add("VC1605", cursor, message, help, "key");
  return undefined;
}

function readStyle(ctx: Context, cursor: Cursor, place: Place): ParameterStyle {
  const fallback = place === "query" || place === "cookie" ? "form" : "simple";
  const at = cursor.at("style");
  if (at === undefined) return fallback;
  const legal = STYLES[place];
  const style = readChoice(ctx.report, at, [...new Set(Object.values(STYLES).flat())]);
  if (style === undefined || legal.includes(style)) return style ?? fallback;
  const message = `The style \`${style}\` cannot be used in the ${place}.`;
  ctx.report.add("VC1606", at, message, `Styles allowed there: ${legal.join(", ")}.`);
  return fallback;
}

/** A constant is always sent; other values only if `send` says so. */
function readSend(ctx: Context, cursor: Cursor, schema: Schema): Json | undefined {
  const at = cursor.at("send");
  if (at === undefined) return schema.kind === "const" ? schema.value : undefined;
  const value = at.json() as Json;
  ctx.later.push(() => {
    const check = new ValueCheck(ctx.types, { direction: "request" });
    check.check(schema, value, []);
    tellMisfits(ctx, at, "VC1206", check.misfits, "What is sent does not fit: ");
  });
  return value;
}
