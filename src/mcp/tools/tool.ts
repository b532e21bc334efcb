/** Tools: as a list shows them, and what runs when they are called. */
import type { Annotations } from "../catalog/annotations.ts";
import type { ToolResult } from "../call/answer.ts";
import type { ToolRequest } from "../call/session.ts";
import type { SchemaNode } from "../../schema/check.ts";

export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: SchemaNode;
  readonly outputSchema?: SchemaNode;
  readonly annotations: Annotations;
}

export interface Tool {
  /** Never rejects: what fails is a result that says so. */
  run(given: Readonly<Record<string, unknown>>, request: ToolRequest): Promise<ToolResult>;
}

/** Tools by their names. */
export interface Toolset {
  list(request: Pick<ToolRequest, "caller">): ToolDefinition[];
  find(name: string, request: Pick<ToolRequest, "caller">): Tool | undefined;
}

/** The strings of an argument that is a list of strings; undefined for anything else. */
export function stringsOf(value: unknown): string[] | undefined {
  if (typeof value === "string") return [value];
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined;
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
