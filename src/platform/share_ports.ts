import process from "node:process";

/** Deno does not let another process listen on its port. */
export function sharesPorts(): boolean {
  return process.platform === "linux" && !("Deno" in globalThis);
}
