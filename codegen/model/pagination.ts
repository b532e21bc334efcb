import type { Position } from "./position.ts";
import type { Schema } from "./schema.ts";
import type { Selector } from "./selector.ts";

/** Where the next page's token goes: an input parameter, or a place in the JSON body. */
export type PageTarget =
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "body"; readonly path: readonly string[] };

interface PaginationBase {
  /** List of items in a page. */
  readonly items: Selector;
  /** Type of one item, resolved through the result's type. */
  readonly itemSchema: Schema;
  /** Input parameter with the page size. */
  readonly size?: PageTarget;
  /** A page without items is the last one, whatever else it says. Default: false. */
  readonly stopOnEmpty?: boolean;
  /** Guard against endless lists. Default: 1000. */
  readonly maxPages: number;
  readonly at: Position;
}

export interface LinkHeaderPagination extends PaginationBase {
  readonly style: "link-header";
  /** Default: `next`. */
  readonly rel: string;
  readonly sameOrigin: boolean;
}

export interface NextUrlPagination extends PaginationBase {
  readonly style: "next-url";
  readonly next: Selector;
  readonly sameOrigin: boolean;
}

export interface CursorPagination extends PaginationBase {
  readonly style: "cursor";
  /** Where the next token is: in the body, in a header, or in the last item of the page (`$` is the item). */
  readonly next:
    | { readonly kind: "body"; readonly selector: Selector }
    | { readonly kind: "header"; readonly header: string }
    | { readonly kind: "lastItem"; readonly selector: Selector };
  readonly target: PageTarget;
  /** If false, that was the last page. */
  readonly more?: Selector;
}

export interface OffsetPagination extends PaginationBase {
  readonly style: "offset";
  readonly target: PageTarget;
  /** Default: 0. */
  readonly start: number;
  readonly total?: Selector;
  readonly more?: Selector;
}

export interface PageNumberPagination extends PaginationBase {
  readonly style: "page";
  readonly target: PageTarget;
  /** Default: 1. */
  readonly start: number;
  /** Number of pages. */
  readonly pages?: Selector;
  /** Number of items. */
  readonly total?: Selector;
  readonly more?: Selector;
}

/** All items are on one page; iterating works as for the others. */
export interface SinglePagination extends PaginationBase {
  readonly style: "single";
}

export type Pagination =
  | LinkHeaderPagination
  | NextUrlPagination
  | CursorPagination
  | OffsetPagination
  | PageNumberPagination
  | SinglePagination;
