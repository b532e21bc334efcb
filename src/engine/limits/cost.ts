/** What a call cost, if its answer says so. */
import type { CallReply } from "../../core/call.ts";
import { firstHeader } from "../../core/headers.ts";

/** Undefined if the answer is streamed, not JSON, or has no number at that path. */
export function costOf({ headers, body }: CallReply, path: string): number | undefined {
  if (!(body instanceof Uint8Array)) return undefined;
  if (!/\bjson\b/i.test(firstHeader(headers, "content-type") ?? "")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : undefined;
}
