/** `vastar call` against real servers: the simulator, and one that does what a test needs. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { hello, type ServedSimulator, serveSimulator } from "../../e2e/worker/worker_support.ts";
import { folder, spec, start, vastar } from "./support.ts";

const CHAT = "chat.completions.create";
const KEY = "sk-right-and-secret";
const env = { OPENAI_API_KEY: KEY };

let root: Awaited<ReturnType<typeof folder>>;
let simulator: ServedSimulator;
let server: Server;
let port = 0;
let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {};

beforeAll(async () => {
  simulator = await serveSimulator({ apiKey: KEY });
  server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  root = await folder({
    "hello.json": JSON.stringify(hello()),
    "note.txt": "seven bytes and more",
    "my-api/connector.yaml": spec(
      "my-api",
      `  items.raw:
    get: /raw
    result: { binary: application/octet-stream }
  items.text:
    get: /text
    result: { text: text/plain }
  items.change:
    patch: /items
    body:
      json: { type: object, properties: { n: integer } }
      as: body
      alternatives:
        - { json: "string[]", contentType: application/json-patch+json }
    result: { text: text/plain }
  items.drop:
    delete: /items
  items.list:
    get: /list
    input: { page: { in: query, type: integer, optional: true } }
    result: { type: array, items: integer }
    paginate: { style: page, param: page, items: $ }
`,
    ),
  });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await simulator.server.stop(0);
  root.remove();
});

const allow = () => ["--allow", `127.0.0.1:${port}`, "--base-url", `http://127.0.0.1:${port}`];
/** OpenAI, answered by the simulator. */
function openai(...args: string[]) {
  const base = `${simulator.server.url}/v1`;
  const target = simulator.server.url.replace("http://", "");
  return ["call", "openai", ...args, "--base-url", base, "--allow", target];
}
/** A connector of the temporary folder, answered by the server of the test. */
const mine = (...args: string[]) =>
  vastar(["call", "./my-api", ...args, ...allow()], { cwd: root.path });
const chat = (...args: string[]) => vastar(openai(CHAT, ...args), { cwd: root.path, env });

describe("a value", () => {
  test("is printed as JSON for people, or on one line for programs", async () => {
    const pretty = await chat("--input", JSON.stringify(hello()));
    expect(pretty).toMatchObject({ code: 0, stderr: "" });
    expect(pretty.stdout).toMatch(/^\{\n {2}"id": "chatcmpl-/);
    const compact = await chat("--input", JSON.stringify(hello()), "--json");
    expect(compact.stdout.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(compact.stdout)).toMatchObject({ object: "chat.completion" });
  });
  test("goes to a file, which is not made when the call fails", async () => {
    const out = join(root.path, "answer.json");
    expect(await chat("-i", "@hello.json", "--out", "answer.json")).toMatchObject({
      code: 0,
      stdout: "",
    });
    expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({ object: "chat.completion" });
    const failed = await vastar([...openai(CHAT), "-i", "@hello.json", "-o", "no.json"], {
      cwd: root.path,
      env: { OPENAI_API_KEY: "wrong" },
    });
    expect(failed.code).toBe(1);
    expect(existsSync(join(root.path, "no.json"))).toBe(false);
  });
  test("of bytes and of text comes as it is", async () => {
    const every = Uint8Array.from({ length: 256 }, (_, at) => at);
    handle = (_, response) => response.end(every);
    expect((await mine("items.raw")).bytes).toEqual(every);
    await mine("items.raw", "-o", "raw.bin");
    expect(new Uint8Array(readFileSync(join(root.path, "raw.bin")))).toEqual(every);
    handle = (_, response) => response.end("two\nlines");
    expect((await mine("items.text")).stdout).toBe("two\nlines");
    handle = (_, response) => response.writeHead(204).end();
    expect(await mine("items.drop")).toMatchObject({ code: 0, stdout: "" });
  });
  test("shows status and headers when asked", async () => {
    const { stdout, stderr } = await chat("-i", "@hello.json", "--include", "--json");
    expect(stderr).toMatch(/^HTTP 200\n/);
    expect(stderr).toContain("x-request-id: req_sim_");
    expect(stderr).toMatch(/\n# 1 attempt, \d+ ms to the head\n\n$/);
    expect(stdout).toMatch(/^\{"id"/);
  });
});

describe("input", () => {
  test("is that of the form of the body that was chosen", async () => {
    handle = (request, response) => {
      request.setEncoding("utf8").on("data", (body: string) => {
        response.end(`${request.headers["content-type"]} ${body}`);
      });
    };
    const patch = "application/json-patch+json";
    const change = (body: string, ...more: string[]) =>
      mine("items.change", "-f", `body=${body}`, ...more);
    expect((await change('{"n":1}')).stdout).toBe('application/json {"n":1}');
    expect((await change('["a"]', "--content-type", patch)).stdout).toBe(`${patch} ["a"]`);
    const wrong = await change('{"n":1}', "--content-type", patch);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("$.body")]);
    const unknown = await change("{}", "--content-type", "text/csv");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain(`must be application/json or ${patch}`);
  });
  test("comes from the command line, a file, standard input and single fields", async () => {
    for (
      const [args, input] of [
        [["-i", JSON.stringify(hello())], ""],
        [["--input", "@hello.json"], ""],
        [["--input", "-"], JSON.stringify(hello())],
        [["-f", "model=gpt-4o-mini", "-f", 'messages=[{"role":"user","content":"Hello"}]'], ""],
        [["-i", "@hello.json", "-f", "temperature=0.5"], ""],
      ] as const
    ) {
      const { code, stdout } = await vastar([...openai(CHAT), "--json", ...args], {
        cwd: root.path,
        env,
        input,
      });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ model: "gpt-4o-mini" });
    }
  });
  test("keeps text as text where the type says so", async () => {
    let path: string | undefined;
    handle = (request, response) => {
      path = request.url;
      response.setHeader("content-type", "application/json").end("{}");
    };
    await mine("items.get", "-f", "id=007");
    expect(path).toBe("/items/007");
  });
  test("is sent once more after --hedge, and what is said of the answer tells it", async () => {
    let asked = 0;
    handle = (_, response) => {
      // The first is never answered.
      if (asked++ > 0) response.setHeader("content-type", "application/json").end("{}");
    };
    const { code, stderr } = await mine("items.get", "-f", "id=7", "--hedge", "1", "--include");
    expect({ code, asked }).toEqual({ code: 0, asked: 2 });
    expect(stderr).toContain("1 of them beside another");
  });
  test("takes files for uploads", async () => {
    let received = "";
    handle = (request, response) => {
      request.setEncoding("latin1").on("data", (text: string) => received += text);
      request.on("end", () => response.writeHead(500).end());
    };
    const args = ["call", "openai", "files.create", "-f", "file=@note.txt", "-f", "purpose=batch"];
    await vastar([...args, "--retries", "0", ...allow()], { cwd: root.path, env });
    expect(received).toContain('filename="note.txt"');
    expect(received).toContain("\r\n\r\nseven bytes and more\r\n");
    expect(received).toContain("batch");
  });
  test("that does not fit is refused before anything is sent, with every mistake", async () => {
    const { code, stderr } = await chat("-i", '{"messages": "Hello", "temperature": 9}');
    expect(code).toBe(1);
    expect(stderr).toContain("$.model is missing");
    expect(stderr).toContain("$.messages is");
    expect(stderr).toContain("$.temperature is 9: must be at most 2");
  });
  const WRONG: readonly [args: readonly string[], message: string][] = [
    [["-i", "{"], "--input is not JSON"],
    [["-i", "[1]"], "--input must be a JSON object"],
    [["-i", "@none.json"], "none.json cannot be read"],
    [["-f", "model"], "--field must be NAME=VALUE"],
    [["--all"], "has no pages: leave --all out"],
    [["-c", "apiKye=1"], 'Did you mean "apiKey"?'],
    [["--timeout", "0"], "--timeout must be a number of seconds above 0"],
    [["--retries", "1.5"], "--retries must be a whole number"],
    [["--hedge", "0"], "--hedge must be a number of milliseconds above 0"],
    [["--header", "nothing"], "--header must be NAME:VALUE"],
  ];
  for (const [args, message] of WRONG) {
    test(`${args.join(" ")}: ${message}`, async () => {
      const given = args[0] === "-i" ? [] : ["-i", "@hello.json"];
      const { code, stderr } = await chat(...given, ...args);
      expect(stderr).toContain(message);
      expect(code).not.toBe(0);
    });
  }
});

/** A chat completion whose pieces the test sends one by one. */
function serveStream(): { piece(text: string): void; end(): void; readonly left: Promise<void> } {
  let response: ServerResponse | undefined;
  const waiting: string[] = [];
  const left = Promise.withResolvers<void>();
  const send = (text: string) => {
    if (response === undefined) waiting.push(text);
    else response.write(text);
  };
  handle = (_, open) => {
    response = open;
    open.writeHead(200, { "content-type": "text/event-stream" });
    open.on("close", left.resolve);
    for (const text of waiting.splice(0)) open.write(text);
  };
  return {
    piece: (content) => {
      const delta = { choices: [{ index: 0, delta: { content }, finish_reason: null }] };
      send(
        `data: ${JSON.stringify({ id: "c", object: "x", created: 1, model: "m", ...delta })}\n\n`,
      );
    },
    end: () => send("data: [DONE]\n\n"),
    left: left.promise,
  };
}

describe("a stream", () => {
  const streaming = (...args: string[]) =>
    start(["call", "openai", CHAT, "-i", "@hello.json", "--stream", ...args, ...allow()], {
      cwd: root.path,
      env,
    });

  test("prints text as it arrives, and ends with a line break", async () => {
    const stream = serveStream();
    const program = streaming();
    stream.piece("Hel");
    await program.saw(/^Hel$/);
    stream.piece("lo ünd");
    await program.saw(/^Hello ünd$/);
    stream.end();
    expect(await program.finished).toMatchObject({ code: 0, stdout: "Hello ünd\n", stderr: "" });
  });
  test("as JSON: one item a line", async () => {
    const { stdout } = await chat("-i", "@hello.json", "--stream", "--json");
    const items = stdout.trim().split("\n").map((line): unknown => JSON.parse(line));
    expect(items.length).toBeGreaterThan(3);
    expect(items[0]).toMatchObject({ object: "chat.completion.chunk" });
  });
  test("starts because of the input too", async () => {
    const { stdout } = await chat("-i", JSON.stringify(hello({ stream: true })));
    expect(stdout).toMatch(/^Hello! I am the bundled simulator\. .*\n$/);
  });
  test("ends upstream when Ctrl-C is pressed", async () => {
    const stream = serveStream();
    const program = streaming();
    stream.piece("Hel");
    await program.saw(/Hel/);
    process.kill(program.child.pid ?? 0, "SIGINT");
    await stream.left;
    expect(await program.finished).toMatchObject({ code: 130, stderr: "" });
  });
  test("ends upstream when nobody reads it any more", async () => {
    const stream = serveStream();
    const program = streaming("--json");
    stream.piece("first");
    await program.saw(/first/);
    program.child.stdout?.destroy();
    const more = setInterval(() => stream.piece("more"), 20);
    await stream.left;
    clearInterval(more);
    expect((await program.finished).code).toBe(0);
  });
  test("that is cut fails, after what came of it", async () => {
    handle = (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const delta = { choices: [{ index: 0, delta: { content: "Half" }, finish_reason: null }] };
      response.end(`data: ${JSON.stringify(delta)}\n\n`);
    };
    const { code, stdout, stderr } = await streaming().finished;
    expect(code).toBe(1);
    expect(stdout).toBe("Half");
    expect(stderr).toContain("stream.truncated");
  });
  test("is refused where the operation has none", async () => {
    const { code, stderr } = await vastar(openai("models.list", "--stream"), { env });
    expect(code).toBe(2);
    expect(stderr).toContain("models.list does not stream");
  });
});

test("pages: the first one, or the items of all", async () => {
  handle = (request, response) => {
    const page = Number(new URL(request.url ?? "", "http://x").searchParams.get("page") ?? 1);
    const items = page < 3 ? [page * 10, page * 10 + 1] : [];
    response.setHeader("content-type", "application/json").end(JSON.stringify(items));
  };
  expect((await mine("items.list", "--json")).stdout).toBe("[10,11]\n");
  expect((await mine("items.list", "--all")).stdout).toBe("10\n11\n20\n21\n");
});

describe("a failure", () => {
  test("says what happened, in which class, and what to do", async () => {
    handle = (_, response) => {
      response.writeHead(429, { "retry-after": "7", "x-request-id": "req_9" });
      response.end(JSON.stringify({ error: { message: "Slow down", code: "too_fast" } }));
    };
    const args = ["call", "openai", CHAT, "-i", "@hello.json", "--retries", "0", ...allow()];
    const { code, stdout, stderr } = await vastar(args, { cwd: root.path, env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^vastar call: openai chat\.completions\.create: Slow down\n/);
    expect(stderr).toMatch(/^ {2}class +RateLimited \(RateLimitError\)$/m);
    expect(stderr).toMatch(/^ {2}code +api\.error \(openai: too_fast\)$/m);
    expect(stderr).toMatch(/^ {2}status +429$/m);
    expect(stderr).toMatch(/^ {2}request +req_9$/m);
    expect(stderr).toMatch(/^ {2}hint +try again in 7 s$/m);
    const json = await vastar([...args, "--json"], { cwd: root.path, env });
    expect(JSON.parse(json.stderr)).toMatchObject({
      name: "RateLimitError",
      errorClass: "RateLimited",
      status: 429,
      retryAfterMs: 7000,
    });
  });
  test("of a key says where the key comes from, and never shows it", async () => {
    const args = openai(CHAT, "-i", "@hello.json");
    const wrong = await vastar([...args, "--config", "apiKey=sk-wrong-one"], { cwd: root.path });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("AuthenticationError");
    expect(wrong.stderr).toContain("check OPENAI_API_KEY");
    expect(wrong.stderr).not.toContain("sk-wrong-one");
    const missing = await vastar(args, { cwd: root.path });
    expect(missing.stderr).toContain("openai needs apiKey");
    expect(missing.stderr).toContain("OPENAI_API_KEY");
    const malformed = await vastar([...args, "--config", "sk-oops"], { cwd: root.path });
    expect(malformed.stderr).toContain("--config must be NAME=VALUE");
    expect(malformed.stderr).not.toContain("sk-oops");
  });
  test("of the way there says what would open it", async () => {
    const base = ["call", "./my-api", "items.text", "--retries", "0"];
    const denied = await vastar([...base, "--base-url", `http://127.0.0.1:${port}`], {
      cwd: root.path,
    });
    expect(denied.stderr).toContain(`--allow 127.0.0.1:${port}`);
    const runtime = `unix:${join(root.path, "none.sock")}`;
    const away = await vastar([...base, "--runtime", runtime], { cwd: root.path });
    expect(away.code).toBe(1);
    expect(away.stderr).toContain(`vastar runtime start --listen ${runtime}`);
  });
  test("of time says which option gives more", async () => {
    handle = () => {};
    const { code, stderr } = await mine("items.text", "--timeout", "0.2");
    expect(code).toBe(1);
    expect(stderr).toMatch(/class +Timeout/);
    expect(stderr).toContain("--timeout SECONDS");
  });
});

describe("connectors", () => {
  test("are listed, and so are their operations", async () => {
    const connectors = await vastar(["call"], { cwd: root.path });
    expect(connectors.stdout).toMatch(/^openai +OpenAI API$/m);
    const operations = await vastar(["call", "openai"], { cwd: root.path });
    expect(operations.stdout).toMatch(/^chat\.completions\.create +.* \(streams\)$/m);
    expect(operations.stdout).toMatch(/^models\.list +.* \(pages\)$/m);
  });
  test("are found by folder, by spec, from inside, and by id below connectors/", async () => {
    const inside = join(root.path, "my-api");
    for (
      const [name, cwd] of [
        ["./my-api", root.path],
        ["my-api/connector.yaml", root.path],
        [inside, "/"],
        [".", inside],
        ["my-api", inside],
        ["my-api", root.path],
      ] as const
    ) {
      const { code, stdout } = await vastar(["call", name], { cwd });
      expect({ name, code, stdout: stdout.split(" ")[0] }).toEqual({
        name,
        code: 0,
        stdout: "items.get",
      });
    }
  });
  test("and operations that are unknown come with the ones that were meant", async () => {
    const connector = await vastar(["call", "opnai"], { cwd: root.path });
    expect(connector.code).toBe(1);
    expect(connector.stderr).toContain('Did you mean "openai"?');
    const operation = await vastar(["call", "openai", "chat.completion.create"]);
    expect(operation.stderr).toContain('Did you mean "chat.completions.create"?');
    const nowhere = await vastar(["call", "./nowhere"], { cwd: root.path });
    expect(nowhere.stderr).toContain("There is no folder ./nowhere");
  });
  test("are found in JSON, and in a file of any name", async () => {
    const json = JSON.stringify({
      connector: 1,
      id: "jay",
      version: "1.0.0",
      servers: { default: "https://jay.test" },
      operations: { "birds.list": { get: "/birds" } },
    });
    const tree = await folder({
      "jay/connector.json": json,
      "jay/other.yaml": json.replace("birds.list", "eggs.list"),
    });
    const list = async (name: string) => (await vastar(["call", name], { cwd: tree.path })).stdout;
    expect(await list("./jay")).toContain("birds.list");
    expect(await list("jay")).toContain("birds.list");
    expect(await list("./jay/other.yaml")).toContain("eggs.list");
    const check = await vastar(["spec", "check", "jay"], { cwd: tree.path });
    tree.remove();
    expect(check).toMatchObject({ code: 0, stderr: "" });
  });
  test("whose spec has mistakes are reported with all of them", async () => {
    const broken = await folder({ "connector.yaml": spec("b").replace("result:", "reslut:") });
    const { code, stderr } = await vastar(["call", ".", "items.get"], { cwd: broken.path });
    broken.remove();
    expect(code).toBe(1);
    expect(stderr).toMatch(/error VC1102: .*`reslut`/);
  });
});
