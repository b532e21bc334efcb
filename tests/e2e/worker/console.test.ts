/** The console in Chromium, as people use it: in front of the simulator, with and without keys. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { definition as anthropic } from "../../../connectors/anthropic/definition.gen.ts";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import { RuntimeClient } from "../../../mod.ts";
import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { scalarScript } from "../../../cli/serve/scalar.ts";
import { mcp } from "../../../src/mcp/mod.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import type { Fault } from "../../../src/simulator/mod.ts";
import {
  type Access,
  apiKeys,
  apiReference,
  consolePage,
  createKey,
  createWorker,
  figures,
  openApi,
} from "../../../src/worker/mod.ts";
import { run } from "../../../tools/lib/run.ts";
import { noChromium, startChromium } from "../../support/chromium.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { runtime as programs, titled } from "../../support/runtimes.ts";
import { type ServedSimulator, serveSimulator } from "./worker_support.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CHAT = "#/openai/chat.completions.create";

describe.skipIf(noChromium !== undefined)(titled("the console", noChromium), () => {
  let fault: Fault | undefined;
  let simulator: ServedSimulator;
  let runtime: RuntimeClient;
  let open: HttpServer;
  let keyed: HttpServer;
  let key: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the page reported as broken: a refused resource, an error that nobody caught. */
  const broken: string[] = [];

  function serve(access: Access): Promise<HttpServer> {
    const baseURL = `${simulator.server.url}/v1`;
    const worker = createWorker({
      // The one that is not configured comes first, so that the page has something to sort.
      connectors: [anthropic, openai],
      runtime,
      access,
      tenants: { acme: { limit: { requests: 500, perMs: 60_000 } } },
      config: { openai: { baseURL, apiKey: "sk-simulator" } },
      env: () => undefined,
      parts: [
        consolePage({
          links: { OpenAPI: "openapi.json" },
          standIns: { openai: { baseURL, options: { apiKey: "sk-simulator" } } },
        }),
        figures(),
        openApi(),
        apiReference({ script: scalarScript }),
        mcp(),
      ],
    });
    return serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      fetch: (request) => worker.fetch(request),
    });
  }

  beforeAll(async () => {
    const chunkDelayMs = 10;
    simulator = await serveSimulator({ chunkDelayMs, faults: () => fault });
    const allow = [new URL(simulator.server.url).host];
    runtime = new RuntimeClient({ address: "embedded:", egress: { allow } });
    const made = await createKey({ tenant: "acme" }, new Date());
    key = made.text;
    [open, keyed, browser] = await Promise.all([
      serve("development"),
      serve([apiKeys([made.key])]),
      startChromium(),
    ]);
    context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => broken.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text())) broken.push(message.text());
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await Promise.all([open?.stop(0), keyed?.stop(0)]);
    await runtime?.close();
    await simulator?.server.stop(0);
  });

  const go = async (hash: string) => {
    await page.goto(`${open.url}/${hash}`);
    await page.locator("main h1").waitFor();
  };
  const state = () => page.locator(".pill");
  const contents = () => page.getByRole("group", { name: "content" });
  const copied = async (name: string) => {
    await page.getByRole("tab", { name }).click();
    const copy = page.getByRole("button", { name: `Copy ${name}` });
    await copy.click();
    await copy.filter({ hasText: "Copied" }).waitFor();
    return await page.evaluate(() => navigator.clipboard.readText());
  };

  test("loads in one request and one round, and lists configured connectors first", async () => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url().replace(open.url, "")));
    await go("");
    await page.locator(".board .card").first().waitFor();
    page.removeAllListeners("request");
    expect(asked.slice(0, 3).toSorted()).toEqual(["/", "/connectors", "/figures"]);
    expect(await page.locator(".list summary .grow").allTextContents()).toEqual([
      "OpenAI API",
      "Anthropic API",
    ]);
  }, 60_000);

  test(
    "finds an operation by words of its summary, by keyboard alone, and links to it",
    async () => {
      await page.keyboard.press("/");
      // More like the name of one that nobody configured.
      await page.keyboard.type("an");
      await page.locator(".list a .of").first().getByText("openai").waitFor();
      await page.getByLabel("Search operations").fill("conversation answer");
      const first = page.locator(".list a").first();
      await first.getByText("chat.completions.create").waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "chat.completions.create" }).waitFor();
      expect(new URL(page.url()).hash).toBe(CHAT);
      await page.reload();
      await page.getByRole("heading", { name: "chat.completions.create" }).waitFor();
      expect(await page.locator("a[aria-current=page]").allTextContents()).toEqual([
        "chat.completions.create",
      ]);
    },
    60_000,
  );

  test("leads on from a link that leads nowhere", async () => {
    await go("#/openai/chat.completion.create");
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.getByText('Did you mean "chat.completions.create"?').waitFor();
    expect(await page.title()).toMatch(/^There is no such page/);
    const main = page.getByRole("main");
    await main.getByRole("link", { name: "About OpenAI API" }).click();
    await main.getByRole("heading", { name: "OpenAI API" }).waitFor();
    await go("#/opena1");
    await main.getByRole("link", { name: "All connectors" }).click();
    // What there is to choose from, before what is measured.
    await main.getByRole("heading", { name: "Runtime" }).waitFor();
    expect(await main.locator("h2").allTextContents()).toEqual(["Connectors", "Runtime"]);
    await go(CHAT);
  }, 60_000);

  test("keeps form and JSON in step, and sends what they say", async () => {
    await page.getByLabel("Add a field", { exact: true }).last().selectOption("temperature");
    await page.getByRole("spinbutton", { name: "temperature" }).fill("0.5");
    await contents().first().getByRole("textbox").fill("Say hello");
    await page.getByRole("tab", { name: "JSON" }).click();
    const raw = page.getByLabel("Input as JSON");
    expect(JSON.parse(await raw.inputValue())).toEqual({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: "Say hello" }],
      temperature: 0.5,
    });
    await raw.fill('{"model":"gpt-4o","messages":[{"role":"system","content":"Be brief"}]}');
    await page.getByRole("tab", { name: "Form" }).click();
    expect(await page.getByLabel("model").inputValue()).toBe("gpt-4o");
    expect(await page.getByLabel("Kind").first().inputValue()).toBe("1");
    await page.getByRole("button", { name: "Add item" }).click();
    await page.getByLabel("Kind").nth(2).selectOption({ label: "user" });
    await contents().nth(1).getByRole("textbox").fill("Hello");
    await page.getByRole("button", { name: "Send" }).click();
    await state().getByText("200 OK").waitFor();
    expect(await page.getByLabel("Body").textContent()).toContain('"chat.completion"');
    expect(await page.locator(".response .measures").textContent())
      .toMatch(/First byte.*Total.*Attempts1.*Size/);
    await page.getByRole("tab", { name: "Headers" }).click();
    await page.getByRole("rowheader", { name: "x-request-id" }).waitFor();
  }, 60_000);

  test("shows a stream as text while it arrives, and its events beside it", async () => {
    await page.getByLabel("Example").selectOption({ label: "stream" });
    await page.evaluate(() => {
      const seen = new Set<number>();
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        const text = document.querySelector(".streamed")?.textContent ?? "";
        const running = document.querySelector(".pill.busy") !== null;
        if (running && text !== "") seen.add(text.length);
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    await page.keyboard.press("Control+Enter");
    await state().getByText("200 OK").waitFor();
    const text = await page.getByRole("region", { name: "Text" }).textContent() ?? "";
    expect(text).toContain("simulator");
    const events = await page.locator(".events li").allTextContents();
    expect(events.at(-1)).toBe("[DONE]");
    const pieces = await page.evaluate(() =>
      (globalThis as unknown as { seen: Set<number> }).seen.size
    );
    expect(pieces).toBeGreaterThan(2);
    expect(events.length).toBeGreaterThan(pieces);
  }, 60_000);

  test("stops a stream at the API, says so, and keeps what came", async () => {
    fault = { kind: "stall", after: 5 };
    await page.keyboard.press("Control+Enter");
    await page.getByRole("region", { name: "Text" }).filter({ hasText: "am" }).waitFor();
    const before = simulator.simulator.stats().cancelled;
    await page.getByRole("button", { name: "Stop" }).click();
    await state().getByText("Stopped").waitFor();
    expect(await page.locator(".response").textContent()).not.toMatch(/abort|error/i);
    expect(await page.getByRole("region", { name: "Text" }).textContent()).toContain("am");
    while (simulator.simulator.stats().cancelled === before) await page.waitForTimeout(10);
    fault = undefined;
  }, 60_000);

  test("tells a stream that broke off from one that never began", async () => {
    const other = await serve("development");
    try {
      await page.goto(`${other.url}/${CHAT}`);
      await page.getByLabel("Example").selectOption({ label: "stream" });
      fault = { kind: "stall", after: 5 };
      await page.keyboard.press("Control+Enter");
      await page.getByRole("region", { name: "Text" }).filter({ hasText: "am" }).waitFor();
    } finally {
      fault = undefined;
      await other.stop(0);
    }
    await state().getByText("Broke off").waitFor();
    expect(await page.getByRole("region", { name: "Text" }).textContent()).toContain("am");
    expect(await page.locator(".problem").textContent()).toContain("lost before the end");
    await page.keyboard.press("Control+Enter");
    await state().getByText("No answer").waitFor();
    expect(await page.locator(".problem").textContent()).toContain("cannot be reached");
    await go(CHAT);
    await page.getByLabel("Example").selectOption({ label: "stream" });
  }, 60_000);

  test(
    "has a menu on a narrow screen that Escape closes, after what was searched for",
    async () => {
      await page.setViewportSize({ width: 375, height: 740 });
      const menu = page.getByRole("button", { name: "Operations" });
      const open = () => menu.getAttribute("aria-expanded");
      await page.getByRole("heading", { name: "chat.completions.create" }).focus();
      await page.keyboard.press("/");
      await page.keyboard.type("models");
      await page.keyboard.press("Escape");
      expect([await open(), await page.getByLabel("Search operations").inputValue()])
        .toEqual(["true", ""]);
      await page.keyboard.press("Escape");
      expect([await open(), await menu.evaluate((one) => one === document.activeElement)])
        .toEqual(["false", true]);
      await page.setViewportSize({ width: 1280, height: 860 });
    },
    60_000,
  );

  test("explains a failure, and marks the mistakes beside their fields", async () => {
    fault = { status: 404, code: "model_not_found" };
    await page.keyboard.press("Control+Enter");
    await state().getByText("404 Not found").waitFor();
    expect(await page.locator(".problem").textContent())
      .toMatch(/The API answered.*model_not_found/);
    fault = undefined;
    await page.getByLabel("Example").selectOption("empty");
    await page.keyboard.press("Control+Enter");
    await state().getByText("400 Bad request").waitFor();
    expect(await page.locator(".row .mistake").allTextContents()).toEqual([
      "has 0 items: must have at least 1",
    ]);
    await go("#/openai/files.create");
    await page.getByLabel("file").setInputFiles({
      name: "notes.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("hello"),
    });
    expect(await copied("curl")).toContain("-F file=@notes.txt");
    await go("#/anthropic/messages.create");
    await page.getByText("is not configured").waitFor();
    await page.keyboard.press("Control+Enter");
    await state().getByText("503").waitFor();
  }, 60_000);

  test("gives the call as curl, as TypeScript that runs, and as a call of an agent", async () => {
    await go(CHAT);
    await page.getByLabel("Example").selectOption({ label: "stream" });
    expect(await copied("curl")).toContain(`curl -N ${open.url}/connectors/openai/chat`);
    const code = await copied("TypeScript");
    // 20 operations: each is a tool.
    const asked = JSON.parse(await copied("MCP")) as object;
    expect(asked).toMatchObject({ params: { name: "openai_chat_completions_create" } });
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    const answered = await fetch(`${open.url}/mcp`, {
      method: "POST",
      headers,
      body: JSON.stringify(asked),
    });
    expect(await answered.text()).toContain("simulator");

    const folder = await mkdtemp(join(tmpdir(), "vastar-console-"));
    try {
      await mkdir(join(folder, "node_modules", "@vastar"), { recursive: true });
      await symlink(ROOT, join(folder, "node_modules", "@vastar", "connector"));
      await writeFile(join(folder, "package.json"), '{ "type": "module" }');
      await writeFile(join(folder, "chat.ts"), code);
      const { path, script } = programs(OWN_RUNTIME);
      const ran = await run(path, script("chat.ts"), { cwd: folder });
      expect(ran).toMatchObject({ ok: true });
      expect(ran.output).toContain("Hello! I am the bundled simulator.");
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);

  test(
    "asks for a key where the worker wants one, and puts it into no URL and no code",
    async () => {
      const urls: string[] = [];
      page.on("request", (request) => urls.push(request.url()));
      await page.goto(`${keyed.url}/${CHAT}`);
      const input = page.getByLabel("API key or token");
      await input.fill(`${key.slice(0, -1)}_`);
      await page.keyboard.press("Enter");
      await page.getByText("unknown or was revoked").waitFor();
      await page.getByLabel("API key or token").fill(key);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "chat.completions.create" }).waitFor();
      await page.keyboard.press("Control+Enter");
      await state().getByText("200 OK").waitFor();
      expect(await copied("curl")).toContain('-H "authorization: Bearer $VASTAR_KEY"');
      await page.goto(`${keyed.url}/#/`);
      await page.getByText("requests left").waitFor();
      expect(await page.locator("body").innerHTML()).not.toContain(key);
      expect(urls.filter((url) => url.includes(key.slice(4)))).toEqual([]);
      expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain("vsk_");
      await page.getByRole("button", { name: "Key", exact: true }).click();
      await page.getByLabel("API key or token").waitFor();
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
      page.removeAllListeners("request");
    },
    60_000,
  );

  test("is usable by everybody, light and dark, wide and narrow", async () => {
    const violations = async () => {
      await page.evaluate(axe.source);
      return await page.evaluate(async () => {
        const { axe: tool } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: Violation[] }> };
        };
        const found = (await tool.run()).violations;
        return found.filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
      });
    };
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    for (const theme of ["light", "dark"] as const) {
      await page.setViewportSize({ width: 1280, height: 860 });
      await go("#/");
      await page.locator(".board .card").first().waitFor();
      await page.getByLabel("Theme").selectOption(theme);
      const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(dark).toBe(theme === "dark" ? "rgb(15, 17, 21)" : "rgb(246, 247, 249)");
      expect(await violations()).toEqual([]);
      await page.setViewportSize({ width: 375, height: 740 });
      expect(await overflow()).toBe(0);
      await go(CHAT);
      await page.getByLabel("Example").selectOption({ label: "stream" });
      await page.keyboard.press("Control+Enter");
      await state().getByText("200 OK").waitFor();
      expect(await overflow()).toBe(0);
      expect(await violations()).toEqual([]);
      await page.getByRole("button", { name: "Operations" }).click();
      expect(await overflow()).toBe(0);
      await go("#/anthropic/nothing");
      await page.getByText("There is no operation").waitFor();
      expect(await violations()).toEqual([]);
    }
  }, 120_000);

  test("breaks no rule of its content security policy, and throws nothing", () => {
    expect(broken).toEqual([]);
  });

  test(
    "the API reference beside it breaks no rule of its policy, and asks nobody else",
    async () => {
      const reference = await context.newPage();
      const found: string[] = [];
      reference.on("pageerror", (error) => found.push(error.message));
      reference.on("console", (message) => {
        if (message.type() === "error" || message.text().startsWith("refused")) {
          found.push(message.text());
        }
      });
      reference.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(open.url) && !/^(?:data|blob):/.test(url)) found.push(url);
      });
      await reference.addInitScript(
        `addEventListener("securitypolicyviolation", (event) =>
        console.log("refused", event.effectiveDirective, event.blockedURI, event.sourceFile))`,
      );
      await reference.goto(`${open.url}/docs#tag/openai/POST/connectors/openai/models.list`);
      await reference.getByRole("button", { name: /openai/i }).first().waitFor();
      await reference.getByRole("button", { name: /test request/i }).first().click();
      await reference.getByRole("dialog").first().waitFor();
      expect(found).toEqual([]);
      await reference.close();
    },
    60_000,
  );
});

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}
