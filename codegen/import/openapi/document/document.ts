/** A document as it is imported: read, with overlays applied to it, and converted where it is of an older format. */
import { invalidRequest } from "../../../../src/core/errors.ts";
import { type Loss, Losses } from "../loss.ts";
import { isObject, type Obj, object } from "../value.ts";
import { applyOverlays, type OverlayFile } from "./overlay.ts";
import { parseText } from "./parse.ts";
import { convertSwagger } from "./swagger.ts";

export class OpenApiDocument {
  readonly root: Obj;
  /** The text, where it says all that there is. */
  readonly source: string | undefined;
  /** Of what was done to it. */
  readonly losses: readonly Loss[];

  private constructor(root: Obj, source: string | undefined, losses: readonly Loss[]) {
    this.root = root;
    this.source = source;
    this.losses = losses;
  }

  /**
   * Swagger 2.0 needs the package `swagger2openapi`.
   * @throws ConnectorError `import.syntax`, `import.overlay`, `package.missing` or `import.not_converted`.
   */
  static async read(
    source: string,
    overlays: readonly OverlayFile[] = [],
  ): Promise<OpenApiDocument> {
    const losses = new Losses();
    const parsed = parseText(source);
    const root = overlays.length > 0 ? object(unshared(parsed)) : parsed;
    if (overlays.length > 0) await applyOverlays(root, overlays, losses);
    const isSwagger = String(root["swagger"]) === "2.0" || root["swagger"] === 2;
    const done = isSwagger ? await convertSwagger(root, losses) : root;
    const isAsWritten = overlays.length === 0 && !isSwagger;
    return new OpenApiDocument(done, isAsWritten ? source : undefined, losses.list);
  }

  /** What was given to be imported: one that was read, a text, or a parsed document. */
  static of(given: unknown): OpenApiDocument {
    if (given instanceof OpenApiDocument) return given;
    const source = typeof given === "string" ? given : undefined;
    const root = source === undefined ? given : parseText(source);
    checkVersion(root);
    return new OpenApiDocument(root, source, []);
  }
}

/** What a YAML alias stands for becomes a value of its own: an overlay that changes one must not change the other. */
function unshared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unshared);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unshared(item)]));
}

export function checkVersion(root: unknown): asserts root is Obj {
  if (!isObject(root)) {
    throw invalidRequest(
      "import.not_openapi",
      "The document is not a mapping, so it is not OpenAPI.",
    );
  }
  const { openapi, swagger } = root;
  if (typeof openapi === "string" && /^3\.[012](\.|$)/.test(openapi)) return;
  // Without quotes it is a number, and YAML drops its final zero.
  if (openapi === 3 || openapi === 3.1 || openapi === 3.2) return;
  if (openapi === undefined && swagger === undefined) {
    throw invalidRequest(
      "import.not_openapi",
      "The document has no `openapi` version. OpenAPI 3.0 to 3.2 and Swagger 2.0 are read.",
    );
  }
  const found = openapi === undefined ? `Swagger ${String(swagger)}` : `OpenAPI ${String(openapi)}`;
  throw invalidRequest(
    "import.unsupported_version",
    `The document is ${found}; OpenAPI 3.0 to 3.2 and Swagger 2.0 are read. Convert it first.`,
  );
}
