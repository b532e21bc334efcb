import type { CallReply } from "../../core/call.ts";
import type { SelectorPath } from "../../sse/mod.ts";
import type { Input } from "./request.ts";

/** Where a page's token or number goes: a parameter, or a place in the body. */
export type PageTarget = string | SelectorPath;

/** What is known once a page has arrived. */
export interface PageState {
  readonly input: Input;
  readonly value: unknown;
  readonly items: readonly unknown[];
  /** Pages so far, this one included. */
  readonly pages: number;
  /** Items of these pages. */
  readonly count: number;
  /** Items of the longest of these pages. */
  readonly longest: number;
  readonly reply: CallReply;
  /** The URL of the request that returned this page. */
  readonly url: string;
}

/** How to request the next page; the token shows whether it was requested before. */
export type NextPage =
  | { readonly token: string; readonly input: Input }
  | { readonly token: string; readonly url: string };

export interface PageData {
  /** Where the items of a page are. */
  readonly items: SelectorPath;
  /** Undefined: there is no next page. */
  readonly next: (state: PageState) => NextPage | undefined;
  /** Absolute links must stay on the origin of the request. */
  readonly sameOrigin?: true;
  /** An empty page is the last one, whatever it says. */
  readonly stopOnEmpty?: true;
  readonly maxPages: number;
}
