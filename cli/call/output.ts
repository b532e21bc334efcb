/** Where a call's answer goes, and in which form. */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { isatty } from "node:tty";
import type { OperationDefinition } from "../../src/connector/definition/definition.ts";
import type { EventStream } from "../../src/connector/stream/event_stream.ts";
import type { Page } from "../../src/connector/answer/pages.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import type { CommandIo } from "../command.ts";
import type { Progress } from "../progress.ts";

export interface Sink {
  write(content: string | Uint8Array): void;
  /** A person is reading along. */
  readonly terminal: boolean;
  /** True once nobody reads the output any more. */
  closed(): boolean;
  close(): void;
}

/** The file is created with the first piece, so that a failed call leaves none. */
export function openSink(out: string | undefined, io: CommandIo, progress: Progress): Sink {
  if (out === undefined || out === "-") {
    return {
      write(content) {
        progress.clear();
        io.stdout(content);
      },
      terminal: isatty(1),
      closed: () => io.stdoutClosed?.() === true,
      close() {},
    };
  }
  let file: number | undefined;
  return {
    write(content) {
      file ??= open(resolve(io.cwd, out), out);
      let bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(file, bytes));
    },
    terminal: false,
    closed: () => false,
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

function open(full: string, out: string): number {
  try {
    return openSync(full, "w");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidRequest("output.not_writable", `${out} cannot be written: ${reason}`, error);
  }
}

export interface Form {
  /** One line each. */
  readonly compact: boolean;
}

export function writeValue(
  value: unknown,
  operation: OperationDefinition,
  sink: Sink,
  form: Form,
): void {
  if (value === undefined) return;
  if (value instanceof Uint8Array) {
    if (sink.terminal) {
      throw invalidRequest(
        "output.binary",
        `The answer is ${value.byteLength} bytes, which a terminal cannot show: use --out FILE.`,
      );
    }
    sink.write(value);
  } else if (operation.result.kind === "text" && typeof value === "string" && !form.compact) {
    sink.write(value.endsWith("\n") || !sink.terminal ? value : `${value}\n`);
  } else sink.write(`${JSON.stringify(value, undefined, form.compact ? 0 : 2)}\n`);
}

/** Text as it arrives if items have any; else, or on request, one JSON text per line; bytes as they are. */
export async function writeStream(
  stream: EventStream<unknown, unknown>,
  operation: OperationDefinition,
  sink: Sink,
  form: Form,
): Promise<void> {
  if (operation.stream?.text !== undefined && !form.compact) {
    let last = "";
    for await (const text of stream.textStream) {
      sink.write(text);
      if (sink.closed()) return;
      last = text;
    }
    if (!last.endsWith("\n")) sink.write("\n");
    return;
  }
  for await (const item of stream) {
    sink.write(item instanceof Uint8Array ? item : `${JSON.stringify(item)}\n`);
    if (sink.closed()) return;
  }
}

/** The first page as the API returned it, or the items of all pages. Returns whether there are further pages. */
export async function writePages(
  page: Page<unknown, unknown>,
  all: boolean,
  sink: Sink,
  form: Form,
): Promise<boolean> {
  if (!all) {
    sink.write(`${JSON.stringify(page.data, undefined, form.compact ? 0 : 2)}\n`);
    return page.hasNextPage();
  }
  for await (const item of page) {
    sink.write(`${JSON.stringify(item)}\n`);
    if (sink.closed()) break;
  }
  return false;
}
