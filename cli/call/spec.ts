/** Loads a connector directly from its spec, for a folder without generated code or without the package installed. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emitConnector } from "../../codegen/emit/emit_connector.ts";
import { formatDiagnostics } from "../../codegen/read/report/format.ts";
import { loadConnector } from "../../codegen/load_connector.ts";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import { loadFrom } from "../find_connectors.ts";

/**
 * Throws `spec.invalid` with all mistakes of the spec. Undefined if the spec has hooks: they import what only a
 * project can provide.
 */
export async function loadFromSpec(spec: string): Promise<ConnectorDefinition | undefined> {
  const { model, diagnostics } = loadConnector(spec);
  if (model === undefined) {
    throw invalidRequest(
      "spec.invalid",
      `The spec has mistakes.\n\n${formatDiagnostics(diagnostics)}`,
    );
  }
  if (model.hooks.length > 0) return undefined;
  // The sources hold `.ts` where the built package holds `.js`.
  const extension = import.meta.url.endsWith(".js") ? "js" : "ts";
  const runtime = new URL(`../../src/connector/mod.${extension}`, import.meta.url).href;
  const folder = await mkdtemp(join(tmpdir(), "vastar-call-"));
  try {
    for (const { name, text } of emitConnector(model, { runtime })) {
      await writeFile(join(folder, name), text);
    }
    return await loadFrom(tmpdir(), folder.slice(tmpdir().length + 1));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
