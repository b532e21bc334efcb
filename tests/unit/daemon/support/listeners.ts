/** The listener of the runtime that the tests run on, and the portable one. */
import type { Listen } from "../../../../src/daemon/listen/listener.ts";

export async function listeners(): Promise<[name: string, listen: Listen][]> {
  const portable: [string, Listen] = [
    "node:net",
    (await import("../../../../src/platform/node/listen.ts")).listen,
  ];
  if ("Bun" in globalThis) {
    return [
      ["Bun.listen", (await import("../../../../src/platform/bun/listen.ts")).listen],
      portable,
    ];
  }
  if ("Deno" in globalThis) {
    return [["Deno", (await import("../../../../src/platform/deno/listen.ts")).listen], portable];
  }
  return [portable];
}
