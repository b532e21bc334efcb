/** The OpenAPI document of what is served. */
import { textResponse } from "../../core/serve/json_response.ts";
import type { WorkerPart } from "../part.ts";
import { openApiDocument } from "./openapi.ts";

const VERSION = "1.0.0";

/** `GET /openapi.json`. */
export function openApi(): WorkerPart {
  let text: string | undefined;
  return {
    paths: { "/openapi.json": "GET, HEAD" },
    mount(app) {
      app.get("/openapi.json", ({ var: { served } }) => {
        const { title, connectors } = served.options;
        text ??= JSON.stringify(openApiDocument(title, VERSION, connectors));
        return textResponse(text, "application/json");
      });
    },
  };
}
