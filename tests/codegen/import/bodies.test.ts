/** How the bodies of a document are sent, byte for byte. */
import { describe, expect, test } from "bun:test";
import { callOperation, createWorker, openApi } from "../../../src/worker/mod.ts";
import { Bodies, choose, definition } from "../golden/imported_bodies/mod.gen.ts";
import { partsOf, Served } from "./served.ts";

const served = Served.forThisFile();

describe("files", () => {
  test("are sent as multipart even if the document also offers JSON", async () => {
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

describe("bytes of several types", () => {
  const sent = (): unknown => [served.last.headers["content-type"], served.last.body];

  test("have the one that the caller says, that of a Blob, or the first", async () => {
    const bodies = new Bodies(served.options);
    const body = new Uint8Array([49]);
    await bodies.putPhoto({ id: "1", body });
    expect(sent()).toEqual(["image/png", "1"]);
    await bodies.putPhoto({ id: "1", body }, { contentType: "image/jpeg" });
    expect(sent()).toEqual(["image/jpeg", "1"]);
    await bodies.putPhoto({ id: "1", body: new Blob(["2"], { type: "image/jpeg" }) });
    expect(sent()).toEqual(["image/jpeg", "2"]);
    await bodies.putPhoto({ id: "1", body: new Blob(["3"], { type: "image/gif" }) });
    expect(sent()).toEqual(["image/png", "3"]);
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
      image: { data: "png", name: "image", headers: { "X-Custom": "own" } },
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
      { head: 'name="names"; X-List: all', content: "x|y" },
      { head: 'name="csv"', content: "p,q" },
      {
        head:
          'name="image"; filename="image"; Content-Type: image/png; X-Kind: photo; X-Custom: own',
        content: "png",
      },
    ]);
  });

  test("a header that would end the head of its part is refused", async () => {
    const image = { data: "png", headers: { "X-Custom": "a\r\n\r\nb" } };
    const sent = async (): Promise<void> => new Bodies(served.options).sendParts({ image });
    await expect(sent()).rejects.toMatchObject({ code: "request.header_value" });
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

  test("of which there are several are chosen by the caller, each with an input of its own", async () => {
    const client = new Bodies(served.options);
    const sent = (): unknown => [served.last.headers["content-type"], served.last.body];
    await client.changeThing({ id: "1", body: { n: 2 } });
    expect(sent()).toEqual(["application/merge-patch+json", '{"n":2}']);
    const steps = { id: "1", body: [{ op: "remove" }] };
    await client.changeThing(steps, { contentType: "application/json-patch+json" });
    expect(sent()).toEqual(["application/json-patch+json", '[{"op":"remove"}]']);
    await client.choose({ n: 1 });
    expect(sent()).toEqual(["application/json", '{"n":1}']);
    const form = "application/x-www-form-urlencoded";
    await choose(client, { n: 1, tags: ["a", "b"] }, { contentType: form });
    expect(sent()).toEqual([form, "n=1&tags=a+b"]);
    await client.choose({ file: { name: "x" } }, { contentType: "multipart/form-data" });
    expect(partsOf(served.last)).toEqual([
      { head: 'name="file"; Content-Type: application/json', content: '{"name":"x"}' },
    ]);
  });

  test("that the document does not give are refused, by the types too", async () => {
    type Last = Parameters<Bodies["choose"]>[1]["contentType"];
    const offered: "application/xml" extends Last ? true : false = false;
    const client = new Bodies(served.options);
    const xml = async (): Promise<void> =>
      Reflect.apply(client.choose.bind(client), undefined, [{}, {
        contentType: "application/xml",
      }]);
    await expect(xml()).rejects.toThrow(
      'contentType of choose is "application/xml": it must be application/json or application/x-www-form-urlencoded or multipart/form-data',
    );
    expect(offered).toBe(false);
  });
});

describe("a worker takes a body as any type that is declared", () => {
  const url = "http://localhost/connectors/bodies/";
  const worker = () =>
    createWorker({
      runtime: served.options.runtime,
      connectors: [{ ...definition, create: () => definition.create(served.options) }],
      parts: [openApi()],
    });
  async function send(id: string, body: BodyInit, type?: string): Promise<unknown> {
    const headers = type === undefined ? {} : { "content-type": type };
    const response = await worker().fetch(new Request(url + id, { method: "POST", headers, body }));
    if (response.ok) return [served.last.headers["content-type"], served.last.body];
    const { code, errors = [] } = await response.json() as {
      code: string;
      errors?: { path: string }[];
    };
    return [code, ...errors.map(({ path }) => path)];
  }

  test("and sends it as that, checked against that form", async () => {
    served.answer = (_, response) => response.writeHead(204).end();
    const patch = "application/json-patch+json";
    const steps = JSON.stringify({ id: "1", body: [{ op: "remove" }] });
    expect(await send("changeThing", steps, `${patch}; charset=utf-8`)).toEqual([
      patch,
      '[{"op":"remove"}]',
    ]);
    expect(await send("changeThing", steps, "application/merge-patch+json")).toEqual([
      "input.invalid",
      "$.body",
    ]);
    // Not declared: the first one.
    expect(await send("changeThing", '{"id":"1","body":{"n":1}}', "application/json")).toEqual([
      "application/merge-patch+json",
      '{"n":1}',
    ]);
    const form = "application/x-www-form-urlencoded";
    expect(await send("choose", "n=1&tags=a&tags=b", form)).toEqual([form, "n=1&tags=a+b"]);
    expect(await send("choose", "n=x", form)).toEqual(["input.invalid", "$.n"]);
    expect(await send("changeThing", "id=1", form)).toEqual(["input.content_type"]);
    const parts = new FormData();
    parts.append("file", '{"name":"x"}');
    await send("choose", parts);
    expect(partsOf(served.last)).toEqual([
      { head: 'name="file"; Content-Type: application/json', content: '{"name":"x"}' },
    ]);
  });

  test("and a program that calls by id says which", async () => {
    served.answer = (_, response) => response.writeHead(204).end();
    const client = definition.create(served.options);
    const contentType = "application/json-patch+json";
    const steps = { id: "1", body: [{ op: "remove" }] };
    await callOperation(definition, "changeThing", steps, { client, contentType });
    expect([served.last.headers["content-type"], served.last.body]).toEqual([
      contentType,
      '[{"op":"remove"}]',
    ]);
    expect(() => callOperation(definition, "changeThing", steps, { client })).toThrow("$.body");
  });

  test("and says so", async () => {
    const response = await worker().fetch(new Request("http://localhost/openapi.json"));
    const { paths } = await response.json() as {
      paths: Record<string, { post: { requestBody: { content: Record<string, unknown> } } }>;
    };
    const types = (id: string) =>
      Object.keys(paths[`/connectors/bodies/${id}`]?.post.requestBody.content ?? {});
    expect(types("choose").toSorted()).toEqual([
      "application/json",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
    ]);
    expect(types("changeThing")).toEqual([
      "application/json",
      "application/merge-patch+json",
      "application/json-patch+json",
    ]);
  });
});
