/** Whether an example is one of its type: documents have many that are not, and a spec takes none of these. */
import { DIGITS } from "../../../../src/core/json.ts";
import { closest } from "../../../../src/core/suggest.ts";
import { matches } from "../../../model/types/pattern.ts";
import { inRange, within } from "../schema/default.ts";
import { withDigits } from "./digits.ts";
import { expand, type Out, type OutObject } from "../schema/out.ts";
import { isObject, list, object, strings } from "../value.ts";

export type Direction = "request" | "response";

export class Fits {
  readonly types: OutObject;
  readonly #direction: Direction;

  constructor(types: OutObject, direction: Direction) {
    this.types = types;
    this.#direction = direction;
  }

  /** As the spec says it, which may have text where the document has numbers. */
  shaped(type: unknown, value: unknown): unknown {
    return withDigits(this.types, type, value);
  }

  test(type: unknown, value: unknown, depth = 0): boolean {
    const out = expand((type ?? "unknown") as Out);
    if (depth > 60) return false;
    if (value === null && (out["nullable"] === true || out["type"] === "null")) return true;
    const { $ref: ref, enum: values } = out;
    if (typeof ref === "string") return this.test(this.types[ref], value, depth + 1);
    if ("const" in out) return JSON.stringify(out["const"]) === JSON.stringify(value);
    if (Array.isArray(values)) return this.#isOne(values, value);
    if (Array.isArray(out["allOf"])) {
      return list(out["allOf"]).every((part) =>
        !this.#isClosed(part, 0) && this.test(part, value, depth + 1)
      );
    }
    const members = list(out["oneOf"] ?? out["anyOf"]);
    if (members.length > 0) return this.#isMember(out, members, value, depth);
    switch (out["type"]) {
      case "string":
        return typeof value === "string" && within(out, "Length", [...value].length) &&
          (out["pattern"] === undefined || matches(String(out["pattern"]), value));
      case "integer":
        if (out["as"] === "text") return typeof value === "string" && DIGITS.test(value);
        return Number.isInteger(value) && inRange(out, value as number);
      case "number":
        return typeof value === "number" && inRange(out, value);
      case "boolean":
        return typeof value === "boolean";
      case "array":
        return out["prefixItems"] === undefined && Array.isArray(value) &&
          within(out, "Items", value.length) &&
          value.every((item) => this.test(out["items"], item, depth + 1));
      case "object":
        return isObject(value) && this.#isObject(out, value, depth);
      default:
        return out["type"] === undefined;
    }
  }

  #isOne(values: readonly unknown[], value: unknown): boolean {
    return values.includes(value) || this.#direction === "response" && typeof value === "string" &&
        values.every((one) => typeof one === "string");
  }

  #isMember(out: OutObject, members: readonly unknown[], value: unknown, depth: number): boolean {
    const { propertyName, mapping } = object(out["discriminator"]);
    const own = isObject(value) && typeof propertyName === "string"
      ? object(mapping)[String(value[propertyName])]
      : undefined;
    if (own !== undefined) return this.test(own, value, depth + 1);
    return members.some((member) => this.test(member, value, depth + 1));
  }

  #isObject(out: OutObject, value: object, depth: number): boolean {
    const properties = object(out["properties"]);
    const { additionalProperties: more } = out;
    const spared = this.#direction === "request" ? "readOnly" : "writeOnly";
    const keys = Object.keys(value);
    const isThere = (name: string): boolean =>
      Object.hasOwn(value, name) || object(properties[name])[spared] === true;
    if (!strings(out["required"]).every(isThere)) return false;
    if (!within(out, "Properties", keys.length) || out["patternProperties"] !== undefined) {
      return false;
    }
    const known = Object.keys(properties);
    return Object.entries(value).every(([key, one]) => {
      if (Object.hasOwn(properties, key)) return this.test(properties[key], one, depth + 1);
      if (isObject(more) || typeof more === "string") return this.test(more, one, depth + 1);
      // What is almost a known name counts as a slip of the pen.
      return more === true || (more === undefined && closest(key, known) === undefined);
    });
  }

  /** Of such parts each refuses what is in the others. */
  #isClosed(part: unknown, depth: number): boolean {
    const out = expand(part as Out);
    const { $ref: ref } = out;
    if (typeof ref === "string" && depth < 60) {
      return this.#isClosed(this.types[ref] ?? "unknown", depth + 1);
    }
    return out["additionalProperties"] === false;
  }
}
