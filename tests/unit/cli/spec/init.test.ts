/** `vastar init` and `vastar import openapi`: from nothing, or from a document, to a client that compiles and answers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { COMPILER } from "../../../../tools/lib/compiler.ts";
import { OWN_RUNTIME } from "../../../support/process.ts";
import { runtime } from "../../../support/runtimes.ts";
import { folder, ROOT, spec, vastar } from "../support.ts";

const STRICT = {
  compilerOptions: {
    target: "ES2024",
    lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    module: "ESNext",
    moduleResolution: "bundler",
    types: [],
    noEmit: true,
    allowImportingTsExtensions: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    isolatedDeclarations: true,
    declaration: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    skipLibCheck: true,
  },
  include: ["connectors", "*.ts"],
};

const DOCUMENT = `openapi: 3.1.0
info: { title: Pet Store API, version: 2.1.0 }
servers: [{ url: https://pets.example/v2 }]
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Pet" } }
  /pets/{id}:
    delete:
      operationId: deletePet
      tags: [admin]
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      callbacks: { done: { "{$request.query.url}": { post: { responses: { "200": { description: ok } } } } } }
      responses: { "204": { description: gone } }
components:
  schemas:
    Pet: { type: object, required: [id], properties: { id: { type: string }, name: { type: string } } }
`;

let project: Awaited<ReturnType<typeof folder>>;
let server: Server;
let url = "";

beforeAll(async () => {
  server = createServer((request, response) =>
    response.setHeader("content-type", "application/json").end(
      JSON.stringify({ path: request.url, key: request.headers.authorization }),
    )
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  project = await folder({
    "package.json": '{ "name": "mine", "type": "module" }',
    "tsconfig.json": JSON.stringify(STRICT),
    "petstore.yaml": DOCUMENT,
    "petstore.json": "{}",
  });
  const installed = at("node_modules/@vastar/connector");
  mkdirSync(dirname(installed), { recursive: true });
  symlinkSync(ROOT, installed);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  project.remove();
});

const at = (path: string) => join(project.path, path);
const read = (path: string) => readFileSync(at(path), "utf8");
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  vastar(args, { cwd: project.path, env });

/** Exit code and errors of the compiler, in the project. */
function compile(): string {
  const own = runtime(OWN_RUNTIME);
  const { status, stdout, stderr } = spawnSync(
    own.path,
    own.script(...COMPILER, "-p", "."),
    { cwd: project.path, encoding: "utf8" },
  );
  return `${status} ${stdout}${stderr}`;
}

describe("init", () => {
  test("writes a spec of at most ten lines, with the schema for editors", async () => {
    const { code, stdout } = await run(["init", "weather", "--url", `${url}/v1/`]);
    expect(code).toBe(0);
    const text = read("connectors/weather/connector.yaml");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
    const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? "none";
    expect(existsSync(join(at("connectors/weather"), schema))).toBe(true);
    expect(stdout).toContain("vastar generate connectors/weather");
    expect(stdout).not.toContain("npm install");
  });

  test("then what it names as the next steps works: check, generate, compile, call", async () => {
    expect((await run(["spec", "check", "connectors/weather"])).code).toBe(0);
    expect((await run(["generate", "connectors/weather"])).code).toBe(0);
    writeFileSync(
      at("main.ts"),
      `import { Weather } from "./connectors/weather/mod.gen.ts";\n` +
        `export const answer: Promise<unknown> = new Weather().status.get().then((all) => all);\n`,
    );
    expect(compile()).toBe("0 ");
    const target = url.replace("http://", "");
    const called = await run(["call", "weather", "status.get", "--allow", target]);
    expect(called.stderr).toBe("");
    expect(JSON.parse(called.stdout)).toEqual({ path: "/v1/status" });
  }, 60_000);

  test("takes the first path, its parameters and the credential", async () => {
    const args = ["init", "my-users", "--url", url, "--path", "/v1/users/{id}", "--auth", "bearer"];
    const { stdout } = await run(args);
    const [, operation = ""] = /vastar call \.\/connectors\/my-users (\S+ -f id=)/.exec(stdout) ??
      [];
    expect(operation).toBe("users.get -f id=");
    const target = url.replace("http://", "");
    const called = await run(["call", "my-users", "users.get", "-f", "id=7", "--allow", target], {
      MY_USERS_KEY: "k1",
    });
    expect(JSON.parse(called.stdout)).toEqual({ path: "/v1/users/7", key: "Bearer k1" });
  });

  test("never overwrites", async () => {
    const before = read("connectors/weather/connector.yaml");
    const again = await run(["init", "weather"]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("connectors/weather/connector.yaml exists and was left alone");
    expect(read("connectors/weather/connector.yaml")).toBe(before);
  });

  const WRONG: readonly [args: readonly string[], message: string][] = [
    [["My API"], "such as my-api"],
    [["7up"], '"7up" cannot be an id'],
    [["a", "--url", "example.com"], "--url must be an absolute http or https URL"],
    [["a", "--path", "status"], "--path must start with /"],
    [[], "ID is missing"],
  ];
  for (const [args, message] of WRONG) {
    test(`refuses ${JSON.stringify(args)}`, async () => {
      const { code, stderr } = await run(["init", ...args]);
      expect(code).toBe(2);
      expect(stderr).toContain(message);
    });
  }

  test("takes another class name where the id's own is taken", async () => {
    expect((await run(["init", "error", "--dir", "other"])).code).toBe(0);
    expect(read("other/error/connector.yaml")).toContain("name: ErrorApi\n");
  });

  test("outside of a project says what is missing", async () => {
    const bare = await folder();
    const { stdout } = await vastar(["init", "weather"], { cwd: bare.path });
    const text = readFileSync(join(bare.path, "connectors/weather/connector.yaml"), "utf8");
    bare.remove();
    expect(stdout).toContain("npm install @vastar/connector");
    expect(text).toContain("$schema=../../node_modules/@vastar/connector/schemas/");
  });
});

describe("import openapi", () => {
  const SPEC = "connectors/pet-store/connector.yaml";

  test("writes a spec that generates and compiles, and tells what was lost", async () => {
    const { code, stdout } = await run(["import", "openapi", "petstore.yaml"]);
    expect(code).toBe(0);
    expect(stdout).toContain("2 operations and 1 types imported");
    expect(stdout).toContain("DELETE /pets/{id} done: Left out: it has no JSON body.");
    expect(stdout).toContain(`${SPEC} is written`);
    expect(read(SPEC)).toMatch(/^# yaml-language-server: \$schema=/);
    expect((await run(["generate", "connectors/pet-store"])).code).toBe(0);
    expect(compile()).toBe("0 ");
  }, 60_000);

  test("again: the same bytes, and a version that was raised stays", async () => {
    const before = read(SPEC);
    expect((await run(["import", "openapi", "petstore.yaml"])).stdout).toContain("is unchanged");
    expect(read(SPEC)).toBe(before);
    writeFileSync(at(SPEC), before.replace(/^version: .*$/m, "version: 3.4.5"));
    await run(["import", "openapi", "petstore.yaml"]);
    expect(read(SPEC)).toMatch(/^version: "?3\.4\.5"?$/m);
  });

  test("takes parts, another id and folder, standard input, and writes the report", async () => {
    const args = [
      "import",
      "openapi",
      "-",
      "--id",
      "pets",
      "--out",
      "mine",
      "--include",
      "tag:pets",
    ];
    const { code, stdout } = await vastar([...args, "--report", "lost.json"], {
      cwd: project.path,
      input: DOCUMENT,
    });
    expect(code).toBe(0);
    expect(stdout).toContain("1 operations left out");
    expect(read("mine/connector.yaml")).toMatch(/^id: "?pets"?$/m);
    expect(JSON.parse(read("lost.json"))).toMatchObject({ operations: 1, filtered: 1 });
    const all = await run(["import", "openapi", "petstore.yaml", "--out", "all", "--exclude", "*"]);
    expect(all.code).toBe(1);
    expect(all.stderr).toContain("import.empty");
  });

  test("keeps the overlay, and writes nothing when the document no longer fits it", async () => {
    const overlay = "connectors/pet-store/connector.overlay.yaml";
    writeFileSync(at(overlay), "operations:\n  admin.deletePet:\n    summary: Gone for good.\n");
    const kept = await run(["import", "openapi", "petstore.yaml"]);
    expect(kept.stdout).toContain(`${overlay} is applied over it`);
    expect(read(overlay)).toContain("Gone for good.");
    const before = read(SPEC);
    const less = await run(["import", "openapi", "petstore.yaml", "--include", "tag:pets"]);
    expect(less.code).toBe(1);
    expect(less.stderr).toContain(overlay);
    expect(read(SPEC)).toBe(before);
  });

  test("leaves a spec alone that was written by hand", async () => {
    mkdirSync(at("hand"));
    writeFileSync(at("hand/connector.yaml"), spec("hand"));
    const args = ["import", "openapi", "petstore.yaml", "--out", "hand"];
    const refused = await run(args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("hand/connector.yaml was written by hand and was left alone");
    expect(read("hand/connector.yaml")).toBe(spec("hand"));
    expect((await run([...args, "--force"])).code).toBe(0);
    expect(read("hand/connector.yaml")).toContain("Imported from Pet Store API");
  });

  test("reports files that are missing or not documents", async () => {
    expect((await run(["import", "openapi", "petstore.json"])).stderr).toContain(
      "import.not_openapi",
    );
    expect((await run(["import", "openapi", "none.json"])).stderr).toContain(
      "none.json cannot be read",
    );
    writeFileSync(at("main.ts"), 'import { a } from "b"; const x: y: 3');
    expect((await run(["import", "openapi", "main.ts"])).stderr).toMatch(
      /main\.ts: The document cannot be read\. .* at line 1, column 33\. \(import\.syntax\)/,
    );
  });
});
