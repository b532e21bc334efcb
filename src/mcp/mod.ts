/** Operations of connectors as tools for agents, by the Model Context Protocol. */
export { toolName } from "./catalog/tool_name.ts";
export type { McpCaller, McpHost, McpSource } from "./host.ts";
export type { McpMode, McpOptions } from "./options.ts";
export { mcp } from "./part.ts";
