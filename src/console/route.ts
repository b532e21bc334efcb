/** Deep links: `#/openai/chat.completions.create`. */

export interface Route {
  readonly connector: string | undefined;
  readonly operation: string | undefined;
}

export function readRoute(hash: string): Route {
  const [connector, operation] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  return { connector: connector || undefined, operation: operation || undefined };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
