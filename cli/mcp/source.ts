/** The connectors behind the tools of `vastar mcp`: known by the heads of their files, loaded when they are needed. */
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { didYouMean } from "../../src/core/suggest.ts";
import type { McpHost, McpSource } from "../../src/mcp/mod.ts";
import { UsageError } from "../command.ts";
import { baseUrlsOf } from "../serve/base_urls.ts";
import type { McpSettings } from "./settings.ts";
import { findConnectors, loadFrom, surveyConnectors, type Surveyed } from "../find_connectors.ts";

export interface ClosableSource extends McpSource {
  close(): Promise<void>;
}

/** `baseUrls` are `ID=URL`. @throws UsageError for a connector that there is none of. */
export async function mcpSource(
  given: Omit<McpSettings, "baseUrls"> & { readonly baseUrls: readonly string[] },
): Promise<ClosableSource> {
  const { folder, only, notice } = given;
  let load: () => Promise<ConnectorDefinition[]>;
  const surveyed = await surveyConnectors(folder);
  let known: readonly Pick<Surveyed, "id" | "operations">[];
  if (surveyed === undefined) {
    const all = await findConnectors(folder, notice);
    known = all.map(({ id, operations }) => ({ id, operations: operations.length }));
    load = () => Promise.resolve(all.filter(({ id }) => only.length === 0 || only.includes(id)));
  } else {
    known = surveyed;
    load = async () => {
      const wanted = surveyed.filter(({ id }) => only.length === 0 || only.includes(id));
      const found = await Promise.all(wanted.map(({ folder: name }) => loadFrom(folder, name)));
      return found.filter((definition) => definition !== undefined);
    };
  }
  const ids = known.map(({ id }) => id);
  const stranger = only.find((id) => !ids.includes(id));
  if (stranger !== undefined) {
    throw new UsageError(
      `--connector names "${stranger}"; there are ${ids.join(", ") || "none"}.${
        didYouMean(stranger, ids)
      }`,
    );
  }
  const settings = { ...given, baseUrls: baseUrlsOf(given.baseUrls, ids) };
  const offered = known.filter(({ id }) => only.length === 0 || only.includes(id));
  let opened: Promise<{ host: McpHost; close(): Promise<void> }> | undefined;
  return {
    connectors: offered.map(({ id }) => id),
    operations: offered.reduce((sum, { operations }) => sum + operations, 0),
    async open() {
      opened ??= load().then(async (connectors) => {
        const { openHost } = await import("./host.ts");
        return await openHost(connectors, settings);
      });
      return (await opened).host;
    },
    close: async () => await (await opened)?.close(),
  };
}
