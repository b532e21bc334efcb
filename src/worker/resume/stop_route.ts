/** `DELETE /connectors/{id}/{operation}/streams/{stream}`: ends a stream that is kept, and the call behind it, at once. */
import type { Incoming } from "../env.ts";
import { find } from "../find.ts";
import { refuse } from "../problem/refuse.ts";
import { streamOf } from "./event_id.ts";
import { keptId } from "./kept_stream.ts";

export async function stopRoute(context: Incoming): Promise<Response> {
  const found = find(context);
  if (found instanceof Response) return found;
  const { caller, requestId, served } = context.var;
  const given = context.req.param("stream") ?? "";
  const stream = streamOf(given);
  if (stream === undefined) {
    const detail = `The path must end with the id of an event of the stream, found ${
      JSON.stringify(given.slice(0, 60))
    }.`;
    return refuse(context, 400, "input.last_event_id", detail);
  }
  await served.options.runtime.call({
    connector: found.entry.definition.id,
    operation: found.operation?.id ?? "",
    ...(caller.tenant !== "" && { tenantId: caller.tenant }),
    traceId: requestId,
    // Nothing is sent anywhere.
    method: "DELETE",
    url: "http://stream.invalid/",
    headers: [],
    body: null,
    keep: { id: keptId(caller.id, stream), stop: true },
  });
  return new Response(null, { status: 204 });
}
