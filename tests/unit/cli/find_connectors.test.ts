import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { findConnectors } from "../../../cli/find_connectors.ts";
import { withTree } from "../../support/tree.ts";
import { failure } from "../engine/support.ts";

const TREE = {
  "ready/connector.yaml": "id: ready",
  "ready/definition.gen.js":
    "export const definition = { id: 'ready', operations: [], invoke() {} };",
  "new/connector.yaml": "id: new",
  "other/readme.md": "no connector",
};

describe("a folder of connectors", () => {
  test("tells which specs nothing was generated from", async () => {
    await withTree(TREE, async (folder) => {
      const told: string[] = [];
      const found = await findConnectors(folder, (text) => told.push(text));
      expect(found.map(({ id }) => id)).toEqual(["ready"]);
      const path = join(folder, "new");
      expect(told).toEqual([
        `${path} is not served because nothing was generated from its spec: run \`vastar generate ${path}\``,
      ]);
    });
  });

  test.each([
    ["needs a package that is not there", 'import "no-such-package";', "no-such-package"],
    ["fails while it loads", 'throw new Error("no device key");', "no device key"],
  ])("a connector that %s is named, with the reason on one line", async (_what, text, reason) => {
    await withTree({ "shop/definition.gen.js": text }, async (folder) => {
      const error = await failure(findConnectors(folder));
      expect(error.code).toBe("connector.broken");
      expect(error.message).toContain(
        `The connector in ${join(folder, "shop")} cannot be loaded: `,
      );
      expect(error.message).toContain(reason);
      expect(error.message).not.toContain("\n");
    });
  });
});
