/** The tools that run: loaded when the first of them is called, or listed where there is one for each operation. */
import { type Catalog, createCatalog } from "../catalog/catalog.ts";
import { createSession } from "../call/session.ts";
import type { McpHost } from "../host.ts";
import type { ResolvedMcpOptions } from "../options.ts";
import { directTools } from "./direct.ts";
import { searchTools } from "./search.ts";
import type { Toolset } from "./tool.ts";

export interface Opened {
  readonly catalog: Catalog;
  readonly tools: Toolset;
}

/** Returns what gives the tools of a host: the same as long as it serves the same connectors. */
export function createToolsets(
  options: ResolvedMcpOptions,
  mode: "direct" | "search",
  connectors: readonly string[],
): (host: McpHost) => Opened {
  const session = createSession(options);
  const known = new WeakMap<object, Opened>();
  return ({ registry: { entries } }) => {
    const before = known.get(entries);
    if (before !== undefined) return before;
    const catalog = createCatalog([...entries.values()].map(({ definition }) => definition));
    const tools = mode === "search"
      ? searchTools(connectors, session)
      : directTools(catalog, session);
    const opened = { catalog, tools };
    known.set(entries, opened);
    return opened;
  };
}
