/** A call as a request to `/mcp`. */
import { toolName } from "../../mcp/catalog/tool_name.ts";
import { otherType } from "../form/body_choice.ts";
import { hasFiles, type Subject } from "./subject.ts";

/** How a worker offers operations to agents: each as a tool, or all behind the tool `call`. */
export type McpMode = "direct" | "search";

/** Undefined where files would have to go along. */
export function mcpCall(subject: Subject, mode: McpMode): string | undefined {
  if (hasFiles(subject)) return undefined;
  const { operation: { connector, id }, input } = subject;
  const contentType = otherType(subject.operation, subject.form);
  const params = mode === "direct"
    ? {
      name: toolName(connector, id),
      arguments: contentType === undefined
        ? input
        : { ...input as object, _contentType: contentType },
    }
    : { name: "call", arguments: { operation: `${connector}.${id}`, contentType, input } };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, null, 2);
}

/** From the answer to `tools/list`. */
export function modeOf(listed: unknown): McpMode {
  const { tools = [] } = ((listed as { result?: { tools?: { name: string }[] } }).result) ?? {};
  return ["search", "describe", "call"].every((name) => tools.some((tool) => tool.name === name))
    ? "search"
    : "direct";
}
