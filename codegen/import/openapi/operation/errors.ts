/** What most failures look like → `errors`. */
import type { Conversion } from "../conversion.ts";
import { mediaOf, pick } from "./media.ts";
import { propertyAt } from "../schema/properties.ts";
import type { Out, OutObject } from "../schema/out.ts";
import { type Obj, object, text } from "../value.ts";

const CLASSES: readonly (readonly [status: string, name: string])[] = [
  ["400", "BadRequest"],
  ["401", "Authentication"],
  ["403", "PermissionDenied"],
  ["404", "NotFound"],
  ["409", "Conflict"],
  ["410", "Gone"],
  ["422", "UnprocessableEntity"],
  ["429", "RateLimit"],
];

/** Counts the schemas of failures; the commonest is the type of all that say nothing else. */
export class ErrorTypes {
  readonly #count = new Map<string, { count: number; schema: unknown }>();
  readonly #statuses = new Set<string>();

  see(ctx: Conversion, operation: Obj, where: string): void {
    for (const [status, value] of Object.entries(object(operation["responses"]))) {
      if (!/^([45](\d\d|XX)|default)$/i.test(status)) continue;
      this.#statuses.add(status);
      const media = pick(mediaOf(ctx.refs.follow(value, where)["content"]), ["json"]);
      const ref = text(object(media?.schema)["$ref"]);
      if (media === undefined || ref === undefined) continue;
      const seen = this.#count.get(ref) ?? { count: 0, schema: media.schema };
      seen.count++;
      this.#count.set(ref, seen);
    }
  }

  /** `isType`: names that are taken, so that no error class gets one of them. */
  out(ctx: Conversion, isType: (name: string) => boolean): OutObject | undefined {
    let best: { count: number; schema: unknown } | undefined;
    for (const one of this.#count.values()) {
      if (best === undefined || one.count > best.count) best = one;
    }
    const type: Out | undefined = best && ctx.schema(best.schema, "errors");
    const message = best && messageOf(ctx, best.schema);
    const rules = [...CLASSES, ["5xx", "Server"] as const]
      .filter(([status]) => this.#statuses.has(status) || status === "5xx" || status === "429")
      .filter(([, name]) => !isType(`${name}Error`))
      .map(([status, name]) => ({
        status: /^\d+$/.test(status) ? Number(status) : status,
        class: name,
      }));
    return {
      ...(message === undefined ? {} : { message }),
      ...(type === undefined ? {} : { type }),
      rules,
    };
  }
}

function messageOf(ctx: Conversion, schema: unknown): string | undefined {
  const isText = (value: unknown): boolean =>
    object(value)["type"] === "string" || object(value)["type"] === "null";
  for (const name of ["message", "detail", "error_description", "error_message", "title", "msg"]) {
    if (isText(propertyAt(ctx.refs, schema, name))) return `$.${name}`;
  }
  const error = propertyAt(ctx.refs, schema, "error");
  if (error === undefined) return undefined;
  if (isText(error)) return "$.error";
  return isText(propertyAt(ctx.refs, error, "message")) ? "$.error.message" : undefined;
}
