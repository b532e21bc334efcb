/** Streamed request bodies of the calls under way, and how much of them may be kept for another attempt or a redirect. */
import type { ActiveCall } from "../call.ts";
import { hinted } from "../times.ts";
import type { ResolvedRetry } from "./retry_options.ts";
import { isRepeatable, mostAttempts } from "./retry_rules.ts";
import { Upload } from "./upload.ts";

/** Of all calls together. */
const MOST_KEPT = 64 * 1024 * 1024;

export function createUploads(
  { limits, bodyBytes }: ResolvedRetry,
): (call: ActiveCall, source: ReadableStream<Uint8Array>) => Upload {
  let kept = 0;
  return (call, source) => {
    const { request, tenant } = call;
    const repeated = mostAttempts(request.policy?.retry, limits) > 1 &&
      isRepeatable(request, limits);
    const useful = repeated || hinted("maxRedirects", request.policy, tenant.times) > 0;
    let own = 0;
    const upload = new Upload(source, (bytes) => {
      const fits = own + bytes <= bodyBytes && kept + bytes <= MOST_KEPT;
      if (!useful || !fits || request.hold?.(bytes) === false) return false;
      own += bytes;
      kept += bytes;
      return true;
    });
    call.onFinish(({ error }) => {
      kept -= own;
      upload.release(error);
    });
    return upload;
  };
}
