/** Sends a call and tells what comes of it, as it comes. */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { BodyAlternative } from "../../connector/definition/definition.ts";
import type { Problem } from "../../worker/problem/problem.ts";
import { filesIn, formFields, textOf, toText } from "../form/text.ts";
import { readTiming, type Timing } from "./timing.ts";

export interface Head extends Timing {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly contentType: string;
  /** Milliseconds from sending to the head of the answer. */
  readonly firstByte: number;
}

/** How it ended. `lost`: nobody answered, or the answer broke off. */
export type End =
  | { readonly kind: "done" | "stopped" }
  | { readonly kind: "failed"; readonly problem: Problem }
  | { readonly kind: "lost"; readonly why: string };

export interface Listener {
  head(head: Head): void;
  event(message: EventSourceMessage): void;
  /** A whole answer that is text. */
  text(text: string): void;
  /** A whole answer that is not. */
  bytes(bytes: Blob, name: string | undefined): void;
  end(end: End, total: number, bytes: number): void;
}

export interface Sent {
  /** Ends the call, at the API too. */
  stop(): void;
}

export interface SendOptions {
  readonly url: string;
  readonly input: unknown;
  /** The chosen form of the body, where there is a choice. */
  readonly form?: BodyAlternative | undefined;
  /** With the key, where there is one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
}

const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|x-ndjson|javascript|yaml))/;

export function send(options: SendOptions, listener: Listener): Sent {
  const leave = new AbortController();
  let lastId: string | undefined;
  const { url, headers, now } = options;
  const follow = (id: string | undefined): void => {
    lastId = id ?? lastId;
  };
  void run(options, leave.signal, listener, follow, now());
  return {
    stop() {
      if (leave.signal.aborted) return;
      leave.abort();
      // A stream that could be gone on with would run for a while longer.
      if (lastId === undefined) return;
      const kept = `${url}/streams/${encodeURIComponent(lastId)}`;
      options.fetch(kept, { method: "DELETE", headers, keepalive: true }).catch(() => {});
    },
  };
}

async function run(
  { url, input, form, headers, fetch, now }: SendOptions,
  signal: AbortSignal,
  listener: Listener,
  follow: (id: string | undefined) => void,
  start: number,
): Promise<void> {
  let bytes = 0;
  const end = (how: End): void => listener.end(how, now() - start, bytes);
  try {
    const response = await fetch(url, {
      method: "POST",
      signal,
      ...bodyOf(input, headers, form),
    });
    const contentType = response.headers.get("content-type") ?? "";
    listener.head({
      status: response.status,
      headers: [...response.headers],
      contentType,
      firstByte: now() - start,
      ...readTiming(response.headers.get("server-timing")),
    });
    if (contentType.startsWith("text/event-stream") && response.body !== null) {
      let failure: Problem | undefined;
      const parser = createParser({
        onEvent(message) {
          follow(message.id);
          listener.event(message);
          if (message.event === "error") failure = problemIn(message.data);
        },
      });
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        bytes += value.byteLength;
        parser.feed(decoder.decode(value, { stream: true }));
      }
      return end(failure === undefined ? { kind: "done" } : { kind: "failed", problem: failure });
    }
    const blob = await response.blob();
    bytes = blob.size;
    if (!TEXT.test(contentType) && blob.size > 0) {
      const disposition = response.headers.get("content-disposition") ?? "";
      listener.bytes(blob, /filename="?([^";]+)/.exec(disposition)?.[1]);
      return end({ kind: "done" });
    }
    const text = await blob.text();
    const problem = contentType.startsWith("application/problem+json")
      ? problemIn(text)
      : undefined;
    listener.text(text);
    return end(problem === undefined ? { kind: "done" } : { kind: "failed", problem });
  } catch (error) {
    if (signal.aborted) return end({ kind: "stopped" });
    end({ kind: "lost", why: error instanceof Error ? error.message : String(error) });
  }
}

function bodyOf(
  input: unknown,
  headers: Readonly<Record<string, string>>,
  form: BodyAlternative | undefined,
): RequestInit {
  const kind = form?.kind ?? (filesIn(input).size === 0 ? "json" : "multipart");
  const type = form?.contentType ?? "application/json";
  if (kind === "json") {
    return { headers: { ...headers, "content-type": type }, body: toText(input) };
  }
  if (kind === "form") {
    const fields = formFields(input).map(([name, value]) => [name, textOf(value)]);
    const body = new URLSearchParams(fields).toString();
    return { headers: { ...headers, "content-type": type }, body };
  }
  // Its content type gets a boundary.
  const body = new FormData();
  for (const [name, value] of formFields(input)) body.append(name, value);
  return { headers, body };
}

function problemIn(text: string): Problem | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && "detail" in found
      ? found as Problem
      : undefined;
  } catch {
    return undefined;
  }
}
