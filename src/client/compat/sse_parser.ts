/** Extracts text from OpenAI-compatible event streams, as the existing SDK does. For other APIs and typed events, see src/sse. */
import { createParser } from "eventsource-parser";
import { parseSSE } from "../../sse/mod.ts";

/** A whole stream as text, or a body that is still arriving. */
export type SSESource = string | ReadableStream<Uint8Array>;

// A class of statics, not functions, because code for the existing SDK calls SSEParser.parseStream(text).
export class SSEParser {
  /** The concatenated content of a whole stream. */
  static parseStream(text: string): string {
    return [...SSEParser.parseStreamGenerator(text)].join("");
  }

  /** The content of one event (with or without `data:`); null for `[DONE]`, for events without content and for non-JSON. */
  static parseChunk(chunk: string): string | null {
    const lines = chunk.split(/\r\n|\n|\r/);
    const data = lines.filter((line) => line.startsWith("data:")).map((line) =>
      line.slice(5).trimStart()
    );
    return contentOf(data.length > 0 ? data.join("\n") : chunk);
  }

  /** The content of each event of a whole stream; stops at `[DONE]`. */
  static *parseStreamGenerator(text: string): Generator<string, void, undefined> {
    const events: string[] = [];
    const parser = createParser({ onEvent: (event) => events.push(event.data) });
    // The mark at the beginning, which version 3 of the parser does not know in decoded text.
    parser.feed(text.replace(/^\ufeff/, ""));
    // The final blank line is often missing from collected text; the event before it still counts here.
    parser.feed("\n\n");
    for (const data of events) {
      if (data.trim() === DONE) return;
      const content = contentOf(data);
      if (content !== null) yield content;
    }
  }

  /** The same for text or for a body, each content as it arrives. Leaving the loop ends the body. */
  static async *parseStreamAsync(source: SSESource): AsyncGenerator<string, void, undefined> {
    if (typeof source === "string") {
      yield* SSEParser.parseStreamGenerator(source);
      return;
    }
    for await (const event of parseSSE(source)) {
      if (event.data.trim() === DONE) return;
      const content = contentOf(event.data);
      if (content !== null) yield content;
    }
  }
}

const DONE = "[DONE]";

interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: unknown } | null }[] | null;
}

function contentOf(data: string): string | null {
  if (data.trim() === DONE) return null;
  try {
    const chunk = JSON.parse(data) as Chunk | null;
    const content = chunk?.choices?.[0]?.delta?.content;
    return typeof content === "string" && content !== "" ? content : null;
  } catch {
    return null;
  }
}
