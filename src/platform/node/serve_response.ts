/** Writes a Response to a node:http answer, at the reader's pace. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";

export async function sendResponse(
  response: Response,
  outgoing: ServerResponse,
  headOnly: boolean,
  left: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") headers[name] = value;
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  if (left.aborted) {
    await response.body?.cancel(left.reason);
    return;
  }
  outgoing.writeHead(response.status, headers);
  if (response.body === null || headOnly) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  const leave = () => void reader.cancel(left.reason).catch(() => {});
  left.addEventListener("abort", leave, { once: true });
  try {
    // The head is sent before the first piece is there: a client may wait for either.
    outgoing.flushHeaders();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || left.aborted) break;
      if (!outgoing.write(value)) await once(outgoing, "drain", { signal: left }).catch(() => {});
    }
    if (!left.aborted) outgoing.end();
  } catch (error) {
    onError(error);
    outgoing.destroy();
  } finally {
    left.removeEventListener("abort", leave);
  }
}
