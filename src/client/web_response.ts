/** A reply as a WHATWG Response. */
import type { CallReply } from "../core/call.ts";
import { discard } from "../core/read_limited.ts";
import { NULL_BODY } from "../core/serve/null_body.ts";

/** `body`: null leaves it out, for a reply whose body was already read. */
export function webResponse(
  reply: CallReply,
  body: CallReply["body"] | null,
  statusText = "",
): Response {
  const headers = new Headers();
  for (const [name, value] of reply.headers) append(headers, name, value);
  const empty = NULL_BODY.has(reply.status);
  if (empty && body !== null) discard(body, "a response without a body");
  // The constructor takes 200 to 599 only; other statuses exist and are passed on.
  const standard = reply.status >= 200 && reply.status <= 599;
  const response = new Response(empty ? null : body as BodyInit | null, {
    status: standard ? reply.status : 200,
    statusText,
    headers,
  });
  if (!standard) {
    Object.defineProperty(response, "status", { value: reply.status });
    Object.defineProperty(response, "ok", { value: false });
  }
  return response;
}

/** A field that is legal on the wire but not in WHATWG Headers must not cost the whole response. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    try {
      headers.append(name, encodeURI(value));
    } catch {
      // Not even a valid field name: nobody could look it up.
    }
  }
}
