/** How a call says to a runtime that it is to be made later, or asks what became of such a call: by its URL. */
import { invalidRequest } from "../../core/errors.ts";

/** `vastar:submit?…` */
export interface Submission {
  /** Chosen by the caller, so that the same job submitted twice is made once; else by the runtime. */
  readonly id?: string | undefined;
  /** Where the result is sent. */
  readonly webhook?: string | undefined;
  /** The call's own. */
  readonly url: string;
}

/** `vastar:result?…` */
export interface ResultQuery {
  readonly id: string;
  /** How long an answer may wait for the result, in milliseconds. */
  readonly waitMs: number;
}

export type JobUrl =
  | { readonly kind: "submit"; readonly submission: Submission }
  | { readonly kind: "result"; readonly query: ResultQuery };

const SCHEME = "vastar:";
const ID = /^[A-Za-z0-9_-]{8,64}$/;
/** A longer wait is asked for again. */
export const LONGEST_WAIT_MS = 25_000;

export function isJobUrl(url: string): boolean {
  return url.startsWith(SCHEME);
}

export function submitUrl({ id, webhook, url }: Submission): string {
  const query = new URLSearchParams({ url });
  if (id !== undefined) query.set("id", id);
  if (webhook !== undefined) query.set("webhook", webhook);
  return `${SCHEME}submit?${query}`;
}

export function resultUrl({ id, waitMs }: ResultQuery): string {
  return `${SCHEME}result?${new URLSearchParams({ id, wait: String(waitMs) })}`;
}

/** @throws ConnectorError `submit.invalid`. */
export function readJobUrl(text: string): JobUrl {
  const [kind = "", search = ""] = text.slice(SCHEME.length).split("?", 2);
  const query = new URLSearchParams(search);
  const id = query.get("id") ?? undefined;
  if (id !== undefined && !ID.test(id)) {
    throw invalid(`the id has 8 to 64 letters, digits, - and _`);
  }
  if (kind === "submit") {
    const url = query.get("url") ?? "";
    if (url === "") throw invalid("it has no URL");
    return { kind, submission: { id, webhook: query.get("webhook") ?? undefined, url } };
  }
  if (kind !== "result" || id === undefined) throw invalid("it names no job");
  const waitMs = Math.min(Number(query.get("wait") ?? 0) || 0, LONGEST_WAIT_MS);
  return { kind, query: { id, waitMs: Math.max(0, waitMs) } };
}

function invalid(what: string): Error {
  return invalidRequest("submit.invalid", `The job cannot be read: ${what}`);
}
