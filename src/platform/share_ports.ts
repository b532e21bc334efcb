import process from "node:process";

/** Deno does not let another process listen on its port, nor does Node before 22.12. */
export function sharesPorts(
  { platform, versions }: Pick<NodeJS.Process, "platform" | "versions"> = process,
): boolean {
  if (platform !== "linux" || versions["deno"] !== undefined) return false;
  if (versions["bun"] !== undefined) return true;
  const [major = 0, minor = 0] = versions.node.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}
