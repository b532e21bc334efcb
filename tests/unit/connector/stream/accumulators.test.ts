import { describe, expect, test } from "bun:test";
import {
  type Accumulator,
  eventResult,
  hookResult,
  merge,
  rules,
} from "../../../../src/connector/mod.ts";

function run(accumulator: Accumulator, items: readonly unknown[]): unknown {
  const before = JSON.stringify(items);
  const value = items.reduce((sum: unknown, item) => accumulator.add(sum, item), undefined);
  // Items are their reader's: adding them up must not change them.
  expect(JSON.stringify(items)).toBe(before);
  return accumulator.finish === undefined ? value : accumulator.finish(value);
}

describe("merge", () => {
  test("lists are joined where texts would be", () => {
    const joined = merge({ join: { list: { "*": { parts: true } } }, index: "index" });
    const part = (...parts: readonly unknown[]): unknown => ({ list: [{ index: 0, parts }] });
    expect(run(joined, [part({ t: "a" }), part(), part({ t: "b" }, 3), { list: null }])).toEqual({
      list: [{ index: 0, parts: [{ t: "a" }, { t: "b" }, 3] }],
    });
    const late = { list: [{ index: 0, parts: null }] };
    expect(run(joined, [late, part(1), late])).toEqual({ list: [{ index: 0, parts: [1] }] });
  });

  const chat = merge({
    join: {
      choices: {
        "*": {
          delta: { content: true, tool_calls: { "*": { function: { arguments: true } } } },
        },
      },
    },
    index: "index",
    rename: [["delta", "message"]],
    set: { object: "chat.completion" },
  });

  test("the chunks of a chat become its completion", () => {
    const chunk = (delta: object, more: object = {}): object => ({
      id: "c1",
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason: null, ...more }],
    });
    const call = (index: number, part: object): object =>
      chunk({ tool_calls: [{ index, ...part }] });
    expect(run(chat, [
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "Hel" }),
      chunk({ content: "lo" }),
      call(0, { id: "t0", type: "function", function: { name: "f", arguments: '{"a' } }),
      call(1, { id: "t1", function: { name: "g", arguments: "{}" } }),
      call(0, { function: { arguments: '":1}' } }),
      chunk({}, { finish_reason: "tool_calls" }),
      { id: "c1", choices: [], usage: { total_tokens: 3 } },
    ])).toEqual({
      id: "c1",
      object: "chat.completion",
      choices: [{
        index: 0,
        message: {
          role: "assistant",
          content: "Hello",
          tool_calls: [
            { index: 0, id: "t0", type: "function", function: { name: "f", arguments: '{"a":1}' } },
            { index: 1, id: "t1", function: { name: "g", arguments: "{}" } },
          ],
        },
        finish_reason: "tool_calls",
      }],
      usage: { total_tokens: 3 },
    });
  });

  test("several choices, out of order, end up in index order", () => {
    const item = (index: number, content: string): object => ({
      choices: [{ index, delta: { content } }],
    });
    expect(run(chat, [item(1, "b"), item(0, "a"), item(1, "B")])).toMatchObject({
      choices: [{ index: 0, message: { content: "a" } }, { index: 1, message: { content: "bB" } }],
    });
  });

  test("indices that are read as text are numbers all the same", () => {
    const item = (index: string, content: string): object => ({
      choices: [{ index, delta: { content } }],
    });
    expect(run(chat, [item("10", "b"), item("9", "a"), item("10", "B")])).toMatchObject({
      choices: [
        { index: "9", message: { content: "a" } },
        { index: "10", message: { content: "bB" } },
      ],
    });
  });

  test("an empty text does not take away what was said before", () => {
    const call = (part: object): object => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...part }] } }],
    });
    expect(run(chat, [
      call({ id: "t0", type: "function", function: { name: "f", arguments: "{" } }),
      call({ id: "", type: "", function: { name: "", arguments: "}" } }),
    ])).toMatchObject({
      choices: [{
        message: {
          tool_calls: [{ id: "t0", type: "function", function: { name: "f", arguments: "{}" } }],
        },
      }],
    });
  });

  test("hostile keys change nothing but the value", () => {
    run(merge({ index: "index" }), [
      JSON.parse('{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"polluted":1}}}}'),
    ]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("no items", () => {
    expect(run(chat, [])).toBeUndefined();
  });
});

test("one item carries the whole", () => {
  const done = eventResult([{ path: ["type"], oneOf: ["completed"] }], ["response"]);
  expect(run(done, [{ type: "delta" }, { type: "completed", response: { id: 1 } }])).toEqual({
    id: 1,
  });
  expect(run(done, [{ type: "delta" }])).toBeUndefined();
});

describe("rules", () => {
  const is = (type: string) => [{ path: ["type"], oneOf: [type] }];
  const message = rules([
    { when: is("message_start"), action: "set", target: [], from: ["message"] },
    {
      when: is("block_start"),
      action: "set",
      target: ["content", { at: ["index"] }],
      from: ["block"],
    },
    {
      when: [...is("block_delta"), { path: ["delta", "type"], oneOf: ["text"] }],
      action: "concat",
      target: ["content", { at: ["index"] }, "text"],
      from: ["delta", "text"],
    },
    {
      when: [...is("block_delta"), { path: ["delta", "type"], oneOf: ["json"] }],
      action: "concat",
      target: ["content", { at: ["index"] }, "input"],
      from: ["delta", "json"],
    },
    { when: is("block_stop"), action: "parse", target: ["content", { at: ["index"] }, "input"] },
    { when: is("message_delta"), action: "merge", target: ["usage"], from: ["usage"] },
    { when: is("citation"), action: "push", target: ["citations"], from: ["citation"] },
  ]);

  test("the events of a message become the message", () => {
    expect(run(message, [
      { type: "message_start", message: { id: "m", content: [], usage: { input: 1, output: 0 } } },
      { type: "block_start", index: 0, block: { type: "text", text: "" } },
      { type: "block_delta", index: 0, delta: { type: "text", text: "Hel" } },
      { type: "block_delta", index: 0, delta: { type: "text", text: "lo" } },
      { type: "block_stop", index: 0 },
      { type: "block_start", index: 1, block: { type: "tool", input: "" } },
      { type: "block_delta", index: 1, delta: { type: "json", json: '{"a":' } },
      { type: "block_delta", index: 1, delta: { type: "json", json: "1}" } },
      { type: "block_stop", index: 1 },
      { type: "message_delta", usage: { output: 5 } },
      { type: "citation", citation: 1 },
      { type: "citation", citation: 2 },
      { type: "ping" },
    ])).toMatchObject({
      id: "m",
      content: [{ type: "text", text: "Hello" }, { type: "tool", input: { a: 1 } }],
      usage: { input: 1, output: 5 },
      citations: [1, 2],
    });
  });

  test("JSON that was cut stays text, none is an empty object", () => {
    const parse = rules([{ when: [], action: "parse", target: ["x"] }]);
    expect(parse.add({ x: '{"a":' }, {})).toEqual({ x: '{"a":' });
    expect(parse.add({ x: "" }, {})).toEqual({ x: {} });
  });

  test("a wild index makes no endless list, and a wild key no prototype", () => {
    const set = rules([{ when: [], action: "set", target: [{ at: ["key"] }], from: ["value"] }]);
    expect(set.add([], { key: 4_000_000_000, value: 1 })).toEqual([]);
    set.add({}, { key: "__proto__", value: { polluted: 1 } });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

test("a hook adds up as it likes", () => {
  expect(
    run(hookResult((sum, item) => ((sum as number | undefined) ?? 0) + (item as number)), [
      1,
      2,
      3,
    ]),
  ).toBe(6);
});
