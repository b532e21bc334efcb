/** Derives `errors` from what most failures look like. */
import type { Conversion } from "../conversion.ts";
import { mediaOf, pick } from "./media.ts";
import { propertyAt } from "../schema/properties.ts";
import type { Out, OutObject } from "../schema/out.ts";
import { type Obj, object } from "../value.ts";

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

/** A larger union is of no use. */
const MOST_TYPES = 8;

/** Schemas by their text. */
type Failures = Map<string, unknown>;

/** Collects the schemas of failures per status: an operation that does not declare one has its `default`. */
export class ErrorTypes {
  readonly #byStatus = new Map<string, Failures>();
  readonly #statuses = new Set<string>();

  see(document: Conversion, operation: Obj, where: string): void {
    const responses = object(operation["responses"]);
    const seen = (status: string, response: unknown): void => {
      const { content } = document.refs.follow(response, where);
      const media = pick(mediaOf(document.refs, content), ["json"]);
      if (media === undefined) return;
      const all: Failures = this.#byStatus.get(status) ?? new Map();
      this.#byStatus.set(status, all.set(JSON.stringify(media.schema ?? {}), media.schema));
    };
    for (const [status, response] of Object.entries(responses)) {
      if (!/^[45](\d\d|XX)$/i.test(status)) continue;
      this.#statuses.add(status);
      seen(status.startsWith("5") ? "5xx" : status.toLowerCase(), response);
    }
    const rest = (group: string): unknown => responses[group] ?? responses["default"];
    if (responses["default"] !== undefined) seen("default", responses["default"]);
    for (const [status] of CLASSES) {
      if (responses[status] === undefined && rest("4XX") !== undefined) seen(status, rest("4XX"));
    }
    const own5xx = Object.keys(responses).some((status) => status.startsWith("5"));
    if (!own5xx && responses["default"] !== undefined) seen("5xx", responses["default"]);
  }

  /** `isType`: names that are taken and cannot be error classes. */
  out(document: Conversion, isType: (name: string) => boolean): OutObject {
    const base = this.#typeOf(document, [...this.#byStatus.keys()]);
    const rules = [...CLASSES, ["5xx", "Server"] as const]
      .filter(([status]) => this.#statuses.has(status) || status === "5xx" || status === "429")
      .filter(([, name]) => !isType(`${name}Error`))
      .map(([status, name]) => {
        const own = this.#typeOf(document, [status]);
        const other = JSON.stringify(own.type) !== JSON.stringify(base.type);
        return {
          status: /^\d+$/.test(status) ? Number(status) : status,
          class: name,
          ...(other ? { type: own.type ?? "unknown" } : {}),
          ...(other && own.message !== undefined && own.message !== base.message
            ? { message: own.message }
            : {}),
        };
      });
    return { ...base, rules };
  }

  #typeOf(
    document: Conversion,
    statuses: readonly string[],
  ): { readonly message?: string; readonly type?: Out } {
    const all = new Map(statuses.flatMap((status) => [...this.#byStatus.get(status) ?? []]));
    const schemas = [...all.values()];
    const message = schemas.map((schema) => messageOf(document, schema)).find((one) =>
      one !== undefined
    );
    const types = schemas.length > MOST_TYPES
      ? []
      : schemas.map((schema) => document.schema(schema ?? {}, `errors ${statuses.join(", ")}`));
    const [first] = types;
    const type = first === undefined || types.includes("unknown")
      ? undefined
      : types.length === 1
      ? first
      : { anyOf: types };
    return {
      ...(message === undefined ? {} : { message }),
      ...(type === undefined ? {} : { type }),
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
