/** The ways in which APIs link to the next page. */
import { firstHeader, joinedHeader } from "../../core/headers.ts";
import { select, type SelectorPath } from "../../sse/mod.ts";
import { linkWith } from "./link_header.ts";
import type { NextPage, PageData, PageState, PageTarget } from "../data/pages.ts";
import type { Input } from "../data/request.ts";

type Next = PageData["next"];

/** `link: <https://…?page=2>; rel="next"`. */
export function linkHeader(rel: string): Next {
  return ({ reply, url }) => {
    const link = linkWith(joinedHeader(reply.headers, "link") ?? "", rel);
    return link === undefined ? undefined : at(link, url);
  };
}

/** A URL in the body, absolute or relative to the request. */
export function nextUrl(path: SelectorPath): Next {
  return ({ value, url }) => {
    const link = select(path, value);
    return typeof link === "string" && link !== "" ? at(link, url) : undefined;
  };
}

export interface CursorOptions {
  readonly target: PageTarget;
  /** Where the next token is: exactly one of the three. */
  readonly body?: SelectorPath;
  readonly header?: string;
  readonly lastItem?: SelectorPath;
  readonly more?: SelectorPath;
}

/** A token that the next request carries. */
export function cursor(options: CursorOptions): Next {
  return (state) => {
    if (isOver(options.more, state)) return undefined;
    const token = options.body !== undefined
      ? select(options.body, state.value)
      : options.header !== undefined
      ? firstHeader(state.reply.headers, options.header)
      : select(options.lastItem ?? [], state.items.at(-1));
    if (token === undefined || token === null || token === "" || token === false) return undefined;
    return { token: String(token), input: put(state.input, options.target, token) };
  };
}

export interface CountOptions {
  readonly target: PageTarget;
  readonly start: number;
  /** Total number of pages. */
  readonly pages?: SelectorPath;
  /** Total number of items. */
  readonly total?: SelectorPath;
  readonly more?: SelectorPath;
  /** Where the caller sets the number of items per page. */
  readonly size?: PageTarget;
}

/** The number of items so far. */
export function offset(options: CountOptions): Next {
  return (state) => {
    const { input, items } = state;
    // An empty page that is not the last one is skipped.
    const step = items.length > 0
      ? items.length
      : options.more === undefined
      ? 0
      : number(get(input, options.size)) ?? state.longest;
    const next = current(input, options) + step;
    const total = count(options.total, state);
    if (step === 0 || isOver(options.more, state)) return undefined;
    if (total !== undefined && next - options.start >= total) return undefined;
    const told = total !== undefined || options.more !== undefined;
    if (!told && isShort(state, options)) return undefined;
    return { token: String(next), input: put(input, options.target, next) };
  };
}

/** The number of the page. */
export function pageNumber(options: CountOptions): Next {
  return (state) => {
    const now = current(state.input, options);
    if (isOver(options.more, state)) return undefined;
    const last = count(options.pages, state);
    if (last !== undefined && now - options.start + 1 >= last) return undefined;
    if (options.more === undefined && last === undefined) {
      if (state.items.length === 0) return undefined;
      const total = count(options.total, state);
      // By the items received, not requested: servers may return fewer.
      const before = Math.max(0, now - options.start + 1 - state.pages) * state.longest;
      if (total !== undefined && before + state.count >= total) return undefined;
      if (total === undefined && isShort(state, options)) return undefined;
    }
    return { token: String(now + 1), input: put(state.input, options.target, now + 1) };
  };
}

/** Everything is on one page. */
export const single: Next = () => undefined;

function at(link: string, url: string): NextPage | undefined {
  if (!URL.canParse(link, url)) return undefined;
  const next = new URL(link, url).href;
  return { token: next, url: next };
}

function isOver(more: SelectorPath | undefined, state: PageState): boolean {
  return more !== undefined && !select(more, state.value);
}

/** A page that is not full is the last one if an earlier page was fuller: else the server may just return fewer than asked for. */
function isShort(state: PageState, options: CountOptions): boolean {
  const size = number(get(state.input, options.size));
  return size !== undefined && state.items.length < size && state.longest >= size;
}

function current(input: Input, options: CountOptions): number {
  return number(get(input, options.target)) ?? options.start;
}

function count(path: SelectorPath | undefined, state: PageState): number | undefined {
  return path === undefined ? undefined : number(select(path, state.value));
}

function number(value: unknown): number | undefined {
  const found = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

function get(input: Input, target: PageTarget | undefined): unknown {
  if (target === undefined) return undefined;
  return typeof target === "string" ? input[target] : select(target, input);
}

function put(input: Input, target: PageTarget, value: unknown): Input {
  return typeof target === "string" ? { ...input, [target]: value } : putDeep(input, target, value);
}

function putDeep(input: unknown, [key, ...rest]: SelectorPath, value: unknown): Input {
  const before = typeof input === "object" && input !== null ? input as Input : {};
  if (key === undefined) return before;
  return { ...before, [key]: rest.length === 0 ? value : putDeep(before[key], rest, value) };
}
