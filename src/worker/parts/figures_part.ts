/** What the worker and its runtime are doing. */
import { jsonResponse } from "../../core/serve/json_response.ts";
import { CallCounts } from "../figures/call_counts.ts";
import { collectFigures } from "../figures/collect.ts";
import type { WorkerPart } from "../part.ts";

/** `GET /figures`: of its own calls for a tenant, of everything for an operator and where there are no tenants. */
export function figures(): WorkerPart {
  const counts = new CallCounts();
  return {
    paths: { "/figures": "GET, HEAD" },
    async watch(context, next) {
      if (context.req.method !== "POST") return await next();
      const { clock } = context.get("served").options;
      const start = clock.monotonic();
      await next();
      counts.add(context.get("caller").tenant, context.res.status, clock.monotonic() - start);
    },
    mount(app) {
      app.get(
        "/figures",
        async ({ var: { caller, served } }) =>
          jsonResponse(await collectFigures(served, caller, counts), {
            headers: { "cache-control": "no-store" },
          }),
      );
    },
  };
}
