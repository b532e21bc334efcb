/** What is requested, and how it is read, if a document offers several forms of an answer. */
import { describe, expect, test } from "bun:test";
import { collect } from "../../support/streams.ts";
import { Answers } from "../golden/imported_answers/mod.gen.ts";
import { Results } from "../golden/results/mod.gen.ts";
import { Served } from "./served.ts";

const served = Served.forThisFile();

async function failureOf(call: PromiseLike<unknown>): Promise<unknown> {
  return await call.then(() => undefined, (error: unknown) => error);
}

describe("an empty answer", () => {
  const empty = (): void => {
    served.answer = (_, response) => response.writeHead(200).end();
  };

  test("is undefined where the document has a success without content", async () => {
    empty();
    const order: { id: number } | undefined = await new Answers(served.options).putOrder();
    expect(order).toBeUndefined();
    const { things, files, pages } = new Results(served.options);
    expect(await things.maybe()).toBeUndefined();
    expect(await files.maybe()).toBeUndefined();
    expect(await pages.maybe()).toBeUndefined();
    served.json({ id: 1 });
    expect(await new Answers(served.options).putOrder()).toEqual({ id: 1 });
  });

  test("is an error that names the key of the spec where it has none", async () => {
    empty();
    expect(await failureOf(new Answers(served.options).getOrder())).toMatchObject({
      code: "response.not_json",
      message: expect.stringContaining("`mayBeEmpty: true`"),
    });
  });
});

describe("a text", () => {
  test("is asked for as text where the same could be had as one JSON string", async () => {
    served.text("line 1\nline 2\n");
    expect(await new Answers(served.options).readLog()).toBe("line 1\nline 2\n");
    expect(served.last.headers["accept"]).toBe("text/plain");
  });

  test("of any media type is read as it is", async () => {
    served.text("<html>", 200, "text/html");
    expect(await new Answers(served.options).proxy()).toBe("<html>");
    expect(served.last.headers["accept"]).toBe("*/*");
  });

  test("is not what an object of any media type is", async () => {
    served.json({ id: 3 });
    expect(await new Answers(served.options).anyObject()).toEqual({ id: 3 });
    expect(served.last.headers["accept"]).toBe("application/json");
  });
});

test("a switch that may be null tells whether an answer is streamed", async () => {
  served.text('data: {"id":1}\n\ndata: {"id":2}\n\n', 200, "text/event-stream");
  const client = new Answers(served.options);
  expect(await collect(client.respond({ input: "x", stream: true }))).toEqual([{ id: 1 }, {
    id: 2,
  }]);
  served.json({ id: 3 });
  expect((await client.respond({ input: "x", stream: null })).id).toBe(3);
});
