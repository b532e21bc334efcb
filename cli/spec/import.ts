/** `vastar import openapi`: a spec from an OpenAPI document. */
import type { Command } from "../command.ts";

export const importOpenApiCommand: Command = {
  name: "import openapi",
  summary: "make a connector spec from an OpenAPI document (3.0 to 3.2, Swagger 2.0)",
  options: {
    out: {
      kind: "string",
      short: "o",
      metavar: "DIR",
      help: "folder for the connector.yaml (default: connectors/ID)",
    },
    id: { kind: "string", metavar: "ID", help: "of the connector (default: from the title)" },
    name: { kind: "string", metavar: "NAME", help: "of the client class (default: from the id)" },
    "spec-version": {
      kind: "string",
      metavar: "VERSION",
      help: "of the connector (default: that of the spec that is overwritten, else 1.0.0)",
    },
    server: {
      kind: "string",
      metavar: "URL",
      help: "base URL, if the document has none or a relative one",
    },
    int64: {
      kind: "string",
      choices: ["number", "bigint", "text"],
      metavar: "KIND",
      help:
        "what integers of 64 bits are in programs: number (default; rounded beyond 2^53), bigint or text",
    },
    refs: {
      kind: "string",
      metavar: "DIR",
      help: "folder in which `$ref`s to other files are followed (default: none are)",
    },
    overlay: {
      kind: "list",
      metavar: "FILE",
      help: "OpenAPI Overlay (1.0 to 1.2) that is applied to the document first; may be repeated",
    },
    include: {
      kind: "list",
      metavar: "PATTERN",
      help: "only these operations: tag:NAME, path:/GLOB or an operation id with * (default: all)",
    },
    exclude: { kind: "list", metavar: "PATTERN", help: "not these; wins over --include" },
    report: {
      kind: "string",
      metavar: "FILE",
      help: "write all that could not be carried over to a file, as JSON when it ends in .json",
    },
    force: { kind: "flag", help: "overwrite a connector.yaml that was not imported" },
  },
  positionals: [
    {
      name: "FILE",
      help: "JSON or YAML: a file, an http(s) address, or - for standard input",
      required: true,
    },
  ],
  examples: [
    "openapi.json --out connectors/shop --id shop",
    "github.yaml --include tag:issues --include 'path:/repos/**' --exclude '*.delete'",
  ],
  async run(args, io) {
    const { runImport } = await import("./import_run.ts");
    return runImport(args, io);
  },
};
