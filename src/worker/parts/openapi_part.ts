/** The OpenAPI document of what is served. */
import { textResponse } from "../../core/serve/json_response.ts";
import type { Caller } from "../access/caller.ts";
import type { OpenApiVersion } from "../openapi/content.ts";
import { openApiDocument } from "../openapi/document.ts";
import type { WorkerPart } from "../part.ts";
import { refuse } from "../problem/refuse.ts";

const VERSION = "1.0.0";
const VERSIONS: readonly string[] = ["3.1", "3.2"];

/** `GET /openapi.json`, OpenAPI 3.1; with `?version=3.2` that. It holds what the caller may use. */
export function openApi(): WorkerPart {
  const known = new WeakMap<Caller, Map<string, string>>();
  return {
    paths: { "/openapi.json": "GET, HEAD" },
    mount(app) {
      app.get("/openapi.json", (context) => {
        const { served: { options: { title, connectors } }, caller } = context.var;
        const asked = context.req.query("version") ?? "3.1";
        if (!VERSIONS.includes(asked)) {
          const detail = `There is no OpenAPI ${JSON.stringify(asked.slice(0, 20))} here: ask for ${
            VERSIONS.join(" or ")
          }.`;
          return refuse(context, 400, "input.version", detail, { known: VERSIONS });
        }
        const texts = known.get(caller) ?? new Map<string, string>();
        known.set(caller, texts);
        const text = texts.get(asked) ?? JSON.stringify(
          openApiDocument(title, VERSION, connectors, {
            version: asked as OpenApiVersion,
            includes: (connector, operation) => caller.refusal(connector, operation) === undefined,
          }),
        );
        texts.set(asked, text);
        return textResponse(text, "application/json");
      });
    },
  };
}
