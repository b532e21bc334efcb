/** Which tables a statement may leave out of a row, as PostgreSQL's own plan says. */

interface PlanNode {
  readonly "Join Type"?: unknown;
  readonly "Parent Relationship"?: unknown;
  readonly "Subplan Name"?: unknown;
  readonly "CTE Name"?: unknown;
  readonly "Schema"?: unknown;
  readonly "Relation Name"?: unknown;
  readonly "Grouping Sets"?: unknown;
  readonly Plans?: readonly PlanNode[];
}

/** `schema.table` of each. */
export function leftOut(explained: unknown): ReadonlySet<string> {
  const roots = Array.isArray(explained) ? explained as { readonly Plan?: PlanNode }[] : [];
  const found = new Set<string>();
  for (const { Plan: root } of roots) {
    if (root === undefined) continue;
    const ctes = new Map<string, PlanNode>();
    collectCtes(root, ctes);
    search(root, false, { found, ctes, open: new Set() });
  }
  return found;
}

function collectCtes(node: PlanNode, ctes: Map<string, PlanNode>): void {
  const name = node["Subplan Name"];
  if (typeof name === "string" && name.startsWith("CTE ")) ctes.set(name.slice(4), node);
  for (const child of node.Plans ?? []) collectCtes(child, ctes);
}

interface Search {
  readonly found: Set<string>;
  readonly ctes: ReadonlyMap<string, PlanNode>;
  /** Being searched: a recursive one names itself. */
  readonly open: Set<string>;
}

function search(node: PlanNode, out: boolean, context: Search): void {
  const relation = node["Relation Name"];
  if (out && typeof relation === "string") {
    context.found.add(`${String(node["Schema"])}.${relation}`);
  }
  const cte = node["CTE Name"];
  if (out && typeof cte === "string" && !context.open.has(cte)) {
    const source = context.ctes.get(cte);
    context.open.add(cte);
    if (source !== undefined) search(source, true, context);
    context.open.delete(cte);
  }
  const join = node["Join Type"];
  const below = out || node["Grouping Sets"] !== undefined;
  for (const child of node.Plans ?? []) {
    const side = child["Parent Relationship"];
    const missing = join === "Full" || (join === "Left" && side === "Inner") ||
      (join === "Right" && side === "Outer");
    // What is computed beside a row is not part of it.
    search(child, side === "InitPlan" || side === "SubPlan" ? false : below || missing, context);
  }
}
