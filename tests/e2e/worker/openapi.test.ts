/** The OpenAPI document as tools of others read it: two validators, and a generator whose client calls a worker. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { generate } from "openapi-typescript-codegen";
import { definition as gemini } from "../../../connectors/gemini/definition.gen.ts";
import { definition as github } from "../../../connectors/github/definition.gen.ts";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import { RuntimeClient } from "../../../src/client/mod.ts";
import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createWorker, openApi, openApiDocument } from "../../../src/worker/mod.ts";
import { titled } from "../../support/runtimes.ts";
import { OWN_CHORES } from "../../support/share.ts";

const reason = OWN_CHORES ? undefined : "the same document there, the run on Bun tries it";
describe.skipIf(reason !== undefined)(titled("the OpenAPI document", reason), () => {
  for (const version of ["3.1", "3.2"] as const) {
    test(`is valid for two validators (${version})`, async () => {
      const document = openApiDocument("Title", "1.0.0", [gemini, github, openai], { version });
      const source = JSON.stringify(document);
      const { valid, errors } = await new Validator().validate(JSON.parse(source));
      expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
      const config = await createConfig({ extends: ["spec"] });
      const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
      expect(problems.map(({ message }) => message)).toEqual([]);
    }, 60_000);
  }

  describe("as a client made by a generator", () => {
    let folder: string;
    let upstream: HttpServer;
    let server: HttpServer;
    const here = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "vastar-openapi-"));
      upstream = await serveHttp({
        address: here,
        fetch: ({ url }) =>
          url.endsWith("/models")
            ? Response.json({ object: "list", data: [] })
            : Response.json({ error: { message: "gone", code: "gone" } }, { status: 404 }),
      });
      const allow = [new URL(upstream.url).host];
      const worker = createWorker({
        connectors: [openai],
        runtime: new RuntimeClient({ address: "embedded:", engine: { egress: { allow } } }),
        config: { openai: { baseURL: upstream.url, apiKey: "sk-none" } },
        parts: [openApi()],
      });
      server = await serveHttp({ address: here, fetch: (request) => worker.fetch(request) });
    });
    afterAll(async () => {
      await server.stop(0);
      await upstream.stop(0);
      await rm(folder, { recursive: true });
    });

    test("calls operations, and throws problem documents", async () => {
      const document = join(folder, "openapi.json");
      await writeFile(document, await (await fetch(`${server.url}/openapi.json`)).text());
      await generate({ input: document, output: join(folder, "client"), httpClient: "fetch" });
      const { OpenAPI, OpenaiService } = await import(
        pathToFileURL(join(folder, "client/index.ts")).href
      );
      OpenAPI.BASE = server.url;
      expect(await OpenaiService.openaiModelsList()).toEqual({ object: "list", data: [] });
      const asked = OpenaiService.openaiModelsRetrieve({ model: "none" });
      const failure = await asked.catch((error: unknown) => error);
      expect(failure).toMatchObject({ status: 404, body: { code: "api.error", apiCode: "gone" } });
    }, 60_000);
  });

  test("is refused in a version that there is none of", async () => {
    const response = await fetchDocument("?version=2.0");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "input.version", known: ["3.1", "3.2"] });
    expect((await (await fetchDocument("?version=3.2")).json()).openapi).toBe("3.2.0");
  });
});

async function fetchDocument(query: string): Promise<Response> {
  const worker = createWorker({
    connectors: [openai],
    runtime: { call: () => Promise.reject(new Error("not used")) },
    parts: [openApi()],
  });
  return await worker.fetch(new Request(`http://localhost/openapi.json${query}`));
}
