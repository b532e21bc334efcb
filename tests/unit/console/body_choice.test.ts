/** A body in another form than the spec's first one: as it is sent, and as code. */
import { expect, test } from "bun:test";
import { curl } from "../../../src/console/code/curl.ts";
import { mcpCall } from "../../../src/console/code/mcp.ts";
import type { Subject } from "../../../src/console/code/subject.ts";
import { typeScript } from "../../../src/console/code/typescript.ts";
import { send } from "../../../src/console/call/send.ts";
import { bodyChoice } from "../../../src/console/form/body_choice.ts";
import type { OperationDescription } from "../../../src/worker/describe.ts";
import { createWorker } from "../../../src/worker/mod.ts";
import { definition } from "../../codegen/golden/imported_bodies/definition.gen.ts";
import { Served } from "../../codegen/import/served.ts";

const served = Served.forThisFile();
const { types } = definition;

function described(id: string): OperationDescription {
  const operation = definition.operations.find((one) => one.id === id);
  if (operation === undefined) throw new Error(id);
  return { connector: "bodies", call: "", ...operation, types };
}

function subject(id: string, contentType: string, input: unknown): Subject {
  const operation = described(id);
  const form = bodyChoice(operation).find((one) => one.contentType === contentType);
  return { base: "http://w/", keyed: false, operation, input, form };
}

/** What the API gets of a call that the console sends to a worker. */
async function sent({ operation, input, form }: Subject): Promise<readonly [string, string]> {
  const { runtime, baseURL } = served.options;
  const config = { bodies: { baseURL } };
  const worker = createWorker({ connectors: [definition], runtime, config });
  served.answer = (_, response) => response.writeHead(204).end();
  const problem = await new Promise<unknown>((resolve) =>
    send({
      url: `http://localhost:8787/connectors/bodies/${operation.id}`,
      input,
      form,
      headers: {},
      fetch: async (url, init) => await worker.fetch(new Request(url, init)),
      now: () => 0,
    }, {
      head: () => {},
      event: () => {},
      text: () => {},
      bytes: () => {},
      end: resolve,
    })
  );
  expect(problem).toMatchObject({ kind: "done" });
  const { headers, body } = served.last;
  return [String(headers["content-type"]).split(";")[0] ?? "", body];
}

const FORM = "application/x-www-form-urlencoded";
const PATCH = "application/json-patch+json";

test("there is a choice where the spec has several forms", () => {
  expect(bodyChoice(described("choose")).map(({ contentType }) => contentType)).toEqual([
    "application/json",
    FORM,
    "multipart/form-data",
  ]);
  expect(bodyChoice(described("patchThing"))).toEqual([]);
});

test("the worker gets the chosen form, and the API that too", async () => {
  const steps = { id: "1", body: [{ op: "remove" }] };
  expect(await sent(subject("changeThing", PATCH, steps))).toEqual([PATCH, '[{"op":"remove"}]']);
  expect(await sent(subject("choose", FORM, { name: "a b" }))).toEqual([FORM, "name=a+b"]);
  const input = { file: { name: "f" }, note: "n" };
  const [type, body] = await sent(subject("choose", "multipart/form-data", input));
  expect([type, body.includes('name="note"')]).toEqual(["multipart/form-data", true]);
  expect((await sent(subject("choose", "application/json", { name: "a" })))[0]).toBe(
    "application/json",
  );
});

test("code says so", () => {
  const patch = subject("changeThing", PATCH, { id: "1", body: [] });
  expect(curl(patch)).toContain(`-H 'content-type: ${PATCH}'`);
  expect(mcpCall(patch, "direct")).toContain(`"_contentType": "${PATCH}"`);
  expect(mcpCall(patch, "search")).toContain(`"contentType": "${PATCH}"`);
  expect(typeScript(patch, { id: "bodies", className: "Bodies", config: [] }, undefined)).toContain(
    `bodies.changeThing({ id: "1", body: [] }, { contentType: "${PATCH}" })`,
  );
  expect(curl(subject("choose", FORM, { name: "a b" }))).toContain("--data-urlencode 'name=a b'");
  const usual = subject("choose", "application/json", { name: "a" });
  expect(mcpCall(usual, "search")).not.toContain("contentType");
});
