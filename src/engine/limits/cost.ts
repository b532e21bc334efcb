/** What a call cost, if its answer says so: in JSON, whole or streamed, or in the events of a stream. */
import type { CallReply } from "../../core/call.ts";
import { firstHeader } from "../../core/headers.ts";
import { lenientJson } from "../../core/rules/answer_rule.ts";
import { select } from "../../core/rules/select.ts";
import { LineReader } from "./line_reader.ts";

/** `from`: where the cost stands. `settle` is called once, if it was found. */
export interface CostSink {
  /** Paths whose numbers are added, joined by `+`: `usage.input_tokens + usage.output_tokens`. */
  readonly from: string;
  settle(cost: number): void;
}

/** Of what is longer, nobody knows the cost. */
const MOST_BYTES = 1024 * 1024;

/** The last number at each path: streams report what they have cost so far more than once. */
class Costs {
  readonly #sink: CostSink;
  readonly #paths: readonly (readonly string[])[];
  readonly #found: (number | undefined)[] = [];

  constructor(sink: CostSink) {
    this.#sink = sink;
    this.#paths = sink.from.split("+").map((path) => path.trim().split("."));
  }

  /** Cheap: most events of a stream say nothing about their cost. */
  mayBeIn(text: string): boolean {
    return this.#paths.some((path) => text.includes(`"${path.at(-1)}"`));
  }

  see(value: unknown): void {
    for (const [at, path] of this.#paths.entries()) {
      const found = select(path, value);
      if (typeof found === "number" && found >= 0 && Number.isFinite(found)) {
        this.#found[at] = found;
      }
    }
  }

  settle(): void {
    const found = this.#found.filter((one) => one !== undefined);
    if (found.length > 0) this.#sink.settle(found.reduce((sum, one) => sum + one, 0));
  }
}

/** Settles at once if the answer is whole, else when the stream given back has been read, or is given up. */
export function withCosts(reply: CallReply, sinks: readonly CostSink[]): CallReply {
  if (sinks.length === 0) return reply;
  const { headers, body } = reply;
  const type = (firstHeader(headers, "content-type") ?? "").split(";", 1)[0]?.trim() ?? "";
  const inLines = /^text\/event-stream$|\b(?:x-)?ndjson$|\bjsonl(?:ines)?$|\bjson-seq$/i.test(type);
  if (!inLines && !/\bjson\b/i.test(type)) return reply;
  const costs = sinks.map((sink) => new Costs(sink));
  const see = (text: string): void => {
    const asked = costs.filter((one) => one.mayBeIn(text));
    if (asked.length === 0) return;
    const value = lenientJson(text);
    for (const one of asked) one.see(value);
  };
  const lines = inLines ? new LineReader(MOST_BYTES, (line) => see(payload(line))) : undefined;
  const document = lines ?? new LineReader(MOST_BYTES, see, "whole");
  const end = (): void => {
    document.end();
    for (const one of costs) one.settle();
  };
  if (body instanceof Uint8Array) {
    document.push(body);
    end();
    return reply;
  }
  return { ...reply, body: watched(body, (bytes) => document.push(bytes), end) };
}

/** What a line of JSON, of a JSON text sequence or of an event carries. */
function payload(line: string): string {
  const start = line.startsWith("data:") ? 5 : line.startsWith("\u001e") ? 1 : 0;
  return line.slice(start).trim();
}

function watched(
  stream: ReadableStream<Uint8Array>,
  see: (bytes: Uint8Array) => void,
  end: () => void,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let over = false;
  const once = (): void => {
    if (!over) end();
    over = true;
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          once();
          controller.close();
        } else {
          see(value);
          controller.enqueue(value);
        }
      } catch (error) {
        once();
        throw error;
      }
    },
    async cancel(reason) {
      once();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
