/** How the bodies of a document are sent, byte for byte. */
import { describe, expect, test } from "bun:test";
import { Bodies } from "../golden/imported_bodies/mod.gen.ts";
import { partsOf, Served } from "./served.ts";

const served = Served.forThisFile();

describe("files", () => {
  test("go as multipart where the document offers JSON beside it", async () => {
    const image = new File(["png"], "a.png", { type: "image/png" });
    await new Bodies(served.options).editImage({ prompt: "A cat", image });
    expect(partsOf(served.last)).toEqual([
      { head: 'name="prompt"', content: "A cat" },
      { head: 'name="image"; filename="a.png"; Content-Type: image/png', content: "png" },
    ]);
  });

  test("are what `contentEncoding: binary` marks", async () => {
    await new Bodies(served.options).upload({ files: [new Blob(["1"]), new Uint8Array([50])] });
    expect(partsOf(served.last).map(({ content }) => content)).toEqual(["1", "2"]);
  });
});

describe("parts", () => {
  test("an object is one of JSON, and so is each object of a list", async () => {
    await new Bodies(served.options).sendParts({
      meta: { a: 1, b: { c: "é" } },
      rows: [{ n: 1, m: 2 }, { n: 3 }],
      typed: [{ n: 4 }, { n: 5 }],
      names: ["x", "y"],
      csv: ["p", "q"],
      image: new Blob(["png"]),
    });
    const json = "; Content-Type: application/json";
    expect(partsOf(served.last)).toEqual([
      {
        head: `name="meta"${json}`,
        content: Buffer.from('{"a":1,"b":{"c":"é"}}').toString("latin1"),
      },
      { head: `name="rows"${json}`, content: '{"n":1,"m":2}' },
      { head: `name="rows"${json}`, content: '{"n":3}' },
      { head: `name="typed"${json}`, content: '{"n":4}' },
      { head: `name="typed"${json}`, content: '{"n":5}' },
      { head: 'name="names"', content: "x" },
      { head: 'name="names"', content: "y" },
      { head: 'name="csv"', content: "p,q" },
      { head: 'name="image"; filename="image"; Content-Type: image/png', content: "png" },
    ]);
  });
});

describe("forms", () => {
  const value = {
    name: "a",
    owners: ["x", "y"],
    metadata: { k: "v" },
    rows: [{ n: 1, m: 2, tags: ["t", "u"] }, { n: 3 }],
  };
  const pairs = (): string => decodeURIComponent(served.last.body);

  test("a list of objects says which of them a property belongs to", async () => {
    await new Bodies(served.options).sendForm(value);
    expect(pairs()).toBe(
      "name=a&owners=x&owners=y&metadata[k]=v&rows[0][n]=1&rows[0][m]=2&rows[0][tags]=t&rows[0][tags]=u&rows[1][n]=3",
    );
  });

  test("the style deepObject keeps the brackets of lists", async () => {
    await new Bodies(served.options).sendDeep(value);
    expect(pairs()).toBe(
      "name=a&owners[0]=x&owners[1]=y&metadata[k]=v&rows[0][n]=1&rows[0][m]=2&rows[0][tags][0]=t&rows[0][tags][1]=u&rows[1][n]=3",
    );
  });

  test("commas and JSON where the document says so, under the type that it declares", async () => {
    const { rows: _, ...flat } = value;
    await new Bodies(served.options).sendEncoded(flat);
    expect(pairs()).toBe('name=a&owners=x,y&metadata={"k":"v"}');
    expect(served.last.headers["content-type"]).toBe(
      "application/x-www-form-urlencoded; charset=utf-8",
    );
  });
});

describe("media types", () => {
  test("are sent as declared, suffix and parameters included", async () => {
    const client = new Bodies(served.options);
    await client.patchThing({ id: "1", body: [{ op: "remove", path: "/a" }] });
    expect(served.last.headers["content-type"]).toBe("application/json-patch+json");
    served.json({ n: 1 });
    expect(await client.putThing({ id: "1", n: 1 })).toEqual({ n: 1 });
    expect(served.last.headers["content-type"]).toBe("application/json; odata.metadata=minimal");
  });
});
