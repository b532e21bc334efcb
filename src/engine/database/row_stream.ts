/** The rows of a cursor as lines of JSON. What nobody reads is not fetched. */
import type { DatabaseCursor } from "../../core/database/driver.ts";
import { toConnectorError } from "../../core/errors.ts";
import { withDetails } from "../call.ts";
import { WRONG } from "./failures.ts";

/** `first`: rows that are here already; undefined: there are none. `over`: the cursor is closed, and its connection free. */
export function rowStream(
  cursor: DatabaseCursor,
  first: readonly string[] | undefined,
  maxRows: number | undefined,
  over: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let left = maxRows ?? Infinity;
  let ready: readonly string[] | undefined = first;
  let begun = false;
  /** The stream pulls again when it is asked again, though nothing has come yet. */
  let asked = false;

  async function next(): Promise<readonly string[] | undefined> {
    let rows = begun ? await cursor.next() : ready;
    begun = true;
    // Before its end a statement without rows gives none of them; a stream that gets nothing does not ask again.
    while (rows?.length === 0) rows = await cursor.next();
    return rows;
  }

  async function end(): Promise<void> {
    ready = undefined;
    await cursor.close();
    over();
  }

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const rows = await next();
      if (rows === undefined) {
        await end();
        return controller.close();
      }
      const taken = rows.length > left ? rows.slice(0, left) : rows;
      left -= taken.length;
      if (taken.length > 0) controller.enqueue(encoder.encode(`${taken.join("\n")}\n`));
      if (taken.length < rows.length) throw WRONG.tooMany(maxRows ?? 0);
    } catch (error) {
      await end();
      controller.error(withDetails(toConnectorError(error), { sent: "committed" }));
    }
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (asked) return;
      asked = true;
      await pull(controller);
      asked = false;
    },
    cancel: end,
  }, { highWaterMark: 0 });
}
