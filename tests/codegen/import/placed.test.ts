/** Where an imported client sends calls if its document does not name a host. */
import { describe, expect, test } from "bun:test";
import { Placed } from "../golden/imported_servers/mod.gen.ts";
import { Served } from "./served.ts";

const served = Served.forThisFile();

function paths(): string[] {
  return served.seen.splice(0).map(({ url }) => url);
}

describe("an address without a host", () => {
  test("makes a client that asks for one, and never calls another", () => {
    type Options = ConstructorParameters<typeof Placed>[0];
    const required: undefined extends Options["baseURL"] ? false : true = true;
    expect(required).toBe(true);
    const { runtime } = served.options;
    const without = (): unknown => Reflect.construct(Placed, [{ runtime }]);
    expect(without).toThrow("needs baseURL");
    expect(without).toThrow("https://HOST/api/v3");
  });

  test("keeps the query that the document has there", async () => {
    const client = new Placed({ ...served.options, baseURL: `${served.baseURL}/api/v3` });
    await client.listThings();
    await client.putThing();
    await client.putThing({ apiVersion: "8" });
    expect(paths()).toEqual([
      "/api/v3/things?api-version=7",
      "/api/v3/things?api-version=7",
      "/api/v3/things?api-version=8",
    ]);
  });
});

describe("an operation with a server of its own", () => {
  test("is on the host of the others, or where the client puts it", async () => {
    await new Placed({ ...served.options, baseURL: `${served.baseURL}/api/v3` }).listFiles();
    const baseURL = { default: `${served.baseURL}/a`, files: `${served.baseURL}/b` };
    const both = new Placed({ ...served.options, baseURL });
    await both.listFiles();
    await both.listThings();
    expect(paths()).toEqual(["/files/v1/files", "/b/files", "/a/things?api-version=7"]);
  });

  test("has a name that is checked", () => {
    const baseURL = { default: served.baseURL, fiels: served.baseURL };
    expect(() => new Placed({ ...served.options, baseURL })).toThrow(
      'placed has no server "fiels": it has default, files',
    );
  });
});
