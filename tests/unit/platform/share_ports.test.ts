import { expect, test } from "bun:test";
import { sharesPorts } from "../../../src/platform/share_ports.ts";

type Versions = Parameters<typeof sharesPorts>[0];

test.each([
  ["linux", { node: "20.20.2" }, false],
  ["linux", { node: "22.11.0" }, false],
  ["linux", { node: "22.12.0" }, true],
  ["linux", { node: "23.0.0" }, false],
  ["linux", { node: "23.1.0" }, true],
  ["linux", { node: "24.3.0" }, true],
  ["darwin", { node: "24.3.0" }, false],
  ["linux", { node: "22.0.0", bun: "1.4.5" }, true],
  ["linux", { node: "24.3.0", deno: "2.9.5" }, false],
])("ports can be shared: %s, %j: %j", (platform, versions, shares) => {
  expect(sharesPorts({ platform, versions } as Versions)).toBe(shares);
});
