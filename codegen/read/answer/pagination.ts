/** `paginate` of an operation. */
import type { Cursor } from "../../load/cursor.ts";
import type { BodyModel, ParameterModel, ResultModel } from "../../model/operation.ts";
import type { CursorPagination, PageTarget, Pagination } from "../../model/pagination.ts";
import { type Context, UNKNOWN } from "../context.ts";
import { defined, describe, Fields, isKind, readChoice } from "../fields/fields.ts";
import { checkHeaderName } from "../headers.ts";
import { readPageTarget } from "./page_target.ts";
import { readSelectorIn } from "../selector/selector_in.ts";
import { elementOf } from "../../model/types/resolve.ts";
import { select } from "../selector/selector_type.ts";
import type { ShapeName } from "../fields/shapes.ts";

const SHAPES: Readonly<Record<Pagination["style"], ShapeName>> = {
  "link-header": "paginateLinkHeader",
  "next-url": "paginateNextUrl",
  cursor: "paginateCursor",
  offset: "paginateOffset",
  page: "paginatePage",
  single: "paginateSingle",
};
const STYLES = Object.keys(SHAPES) as Pagination["style"][];

export interface Paged {
  readonly parameters: readonly ParameterModel[];
  readonly body: BodyModel | undefined;
  readonly result: ResultModel;
  readonly streams: boolean;
}

export function readPagination(
  ctx: Context,
  cursor: Cursor,
  operation: Paged,
): Pagination | undefined {
  if (!isKind(ctx.report, cursor, "mapping")) return undefined;
  const { result } = operation;
  if (result.kind !== "json" || operation.streams) {
    const help = "Remove `paginate`, or give the operation a JSON result with a list.";
    ctx.report.add("VC1805", cursor, "Only JSON results come in pages.", help, "key");
    return undefined;
  }
  const styleAt = cursor.at("style");
  if (styleAt === undefined) {
    const help = `Add \`style:\`, one of ${STYLES.join(", ")}.`;
    ctx.report.add("VC1103", cursor, "A pagination needs the key `style`.", help, "key");
    return undefined;
  }
  const style = readChoice(ctx.report, styleAt, STYLES);
  if (style === undefined) return undefined;
  const fields = Fields.read(ctx.report, cursor, SHAPES[style]);
  return fields && new PaginationReader(ctx, fields, operation).read(style);
}

/** The keys of one style beyond the common ones. */
type OwnPart = Pagination extends infer Style
  ? Style extends Pagination
    ? Omit<Style, "items" | "itemSchema" | "size" | "stopOnEmpty" | "maxPages" | "at">
  : never
  : never;

class PaginationReader {
  readonly #ctx: Context;
  readonly #fields: Fields;
  readonly #operation: Paged;

  constructor(ctx: Context, fields: Fields, operation: Paged) {
    this.#ctx = ctx;
    this.#fields = fields;
    this.#operation = operation;
  }

  read(style: Pagination["style"]): Pagination | undefined {
    const fields = this.#fields;
    const base = this.#items();
    const common = {
      size: this.#target("size", ["number"]),
      maxPages: fields.number("maxPages", { min: 1, integer: true }) ?? 1000,
      stopOnEmpty: fields.boolean("stopOnEmpty"),
      at: this.#ctx.report.position(fields.cursor),
    };
    const own = this.#own(style);
    return base && own && { ...defined({ ...common, ...base }), ...own };
  }

  #own(style: Pagination["style"]): OwnPart | undefined {
    const fields = this.#fields;
    const sameOrigin = fields.boolean("sameOrigin") ?? true;
    switch (style) {
      case "link-header":
        return { style, rel: fields.text("rel") ?? "next", sameOrigin };
      case "next-url": {
        const next = this.#selector("next", ["string"]);
        return next && { style, next, sameOrigin };
      }
      case "cursor": {
        const next = this.#next();
        const target = this.#target("param", ["string", "number"]);
        const more = this.#selector("more", ["boolean"]);
        return next && target && defined({ style, next, target, more });
      }
      case "offset":
      case "page": {
        const target = this.#target("param", ["number"]);
        const start = fields.number("start", { min: 0, integer: true }) ??
          (style === "page" ? 1 : 0);
        const pages = this.#selector("pages", ["number"]);
        const total = this.#selector("total", ["number"]);
        const more = this.#selector("more", ["boolean"]);
        return target && defined({ style, target, start, pages, total, more });
      }
      case "single":
        return { style };
    }
  }

  #selector(key: string, kinds: readonly string[]): ReturnType<typeof readSelectorIn> {
    const at = this.#fields.at(key);
    return at && readSelectorIn(this.#ctx, at, this.#operation.result.schema, { kinds });
  }

  #items(): Pick<Pagination, "items" | "itemSchema"> | undefined {
    const at = this.#fields.at("items");
    const items = at && readSelectorIn(this.#ctx, at, this.#operation.result.schema);
    if (at === undefined || items === undefined) return undefined;
    const { types } = this.#ctx;
    const list = select(types, this.#operation.result.schema, items).schema ?? UNKNOWN;
    const itemSchema = elementOf(types, list);
    if (itemSchema === undefined) {
      const message = `\`${items.text}\` is not a list.`;
      this.#ctx.report.add(
        "VC1802",
        at,
        message,
        "Select the list of items in a page; `$` is the whole body.",
      );
      return undefined;
    }
    return { items, itemSchema };
  }

  #next(): CursorPagination["next"] | undefined {
    const at = this.#fields.at("next");
    if (at === undefined) return undefined;
    if (at.kind === "text") {
      const selector = readSelectorIn(this.#ctx, at, this.#operation.result.schema, {
        kinds: ["string", "number"],
      });
      return selector && { kind: "body", selector };
    }
    const header = at.at("header");
    const last = at.at("lastItem");
    if (header !== undefined && isKind(this.#ctx.report, header, "text")) {
      checkHeaderName(this.#ctx.report, header, String(header.value), "value");
      return { kind: "header", header: String(header.value).toLowerCase() };
    }
    if (last !== undefined) {
      const schema = this.#items()?.itemSchema;
      const selector = readSelectorIn(this.#ctx, last, schema, { kinds: ["string", "number"] });
      return selector && { kind: "lastItem", selector };
    }
    const help =
      "Write `next: $.next_cursor`, `next: { header: X-Next }` or `next: { lastItem: $.id }`.";
    this.#ctx.report.add(
      "VC1104",
      at,
      `${describe(at)} does not say where the next cursor stands.`,
      help,
    );
    return undefined;
  }

  #target(key: string, kinds: readonly string[]): PageTarget | undefined {
    const at = this.#fields.at(key);
    return at && readPageTarget(this.#ctx, at, this.#operation, kinds);
  }
}
