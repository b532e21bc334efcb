import process from "node:process";

/** Deno lets no other process listen on a port of its own. */
export function sharesPorts(): boolean {
  return process.platform === "linux" && !("Deno" in globalThis);
}
