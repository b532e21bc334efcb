/** Logins at an authorization server over HTTP: with a browser through the worker, and with a code on another device. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { loginCommand } from "../../../../cli/login/login.ts";
import { openLogins } from "../../../../cli/serve/worker_logins.ts";
import { tokenFile } from "../../../../src/platform/entry/token_file.ts";
import {
  apiKeys,
  createKey,
  createSeal,
  createWorker,
  logins,
  type TokenStorage,
  TokenVault,
  type Worker,
} from "../../../../src/worker/mod.ts";
import { fakeClock } from "../../../support/clock.ts";
import { runInProcess } from "../../cli/in_process.ts";
import { folder } from "../../cli/support.ts";
import { get, post, testConnector } from "../support.ts";
import { type FakeProvider, fakeProvider } from "./provider.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await fakeProvider();
});
afterAll(() => provider.server.stop(0));
beforeEach(() => {
  provider.grants.length = 0;
  provider.refusal = undefined;
  provider.pending = 0;
});

const KEY = randomBytes(32).toString("base64");

function memory(): TokenStorage & { kept: string | undefined } {
  return {
    kept: undefined,
    read() {
      return Promise.resolve(this.kept);
    },
    replace(before, sealed) {
      const same = before === this.kept;
      if (same) this.kept = sealed;
      return Promise.resolve(same);
    },
  };
}

/** As a browser reads it. */
function field(html: string, name: string): string {
  const [, value = ""] = html.match(`name="${name}" value="([^"]*)"`) ?? [];
  return value.replaceAll("&amp;", "&");
}

async function confirm(worker: Worker, form: Record<string, string>, cookie: string | undefined) {
  return await worker.request("http://localhost:8787/oauth/callback", {
    method: "POST",
    body: new URLSearchParams(form),
    headers: cookie === undefined ? {} : { cookie },
  });
}

describe("a login with a browser", () => {
  async function setup(publicUrl = "https://worker.example") {
    const storage = memory();
    const seal = await createSeal(KEY);
    const vault = await TokenVault.open(seal, storage);
    const clock = fakeClock();
    const configs: Record<string, unknown>[] = [];
    const connector = testConnector({ "notes.create": () => ({}) });
    const key = await createKey({ tenant: "acme" }, new Date());
    const worker = createWorker({
      connectors: [{
        ...connector,
        create(options = {}) {
          configs.push(options);
          return connector.create(options);
        },
      }],
      runtime: { call: () => Promise.reject(new Error("not used")) },
      config: { notes: { apiKey: "sk", region: "eu" } },
      env: () => undefined,
      access: [apiKeys([key.key])],
      publicUrl,
      clock,
      parts: logins({
        providers: {
          notes: {
            issuer: provider.server.url,
            clientId: "client",
            clientSecret: "very-secret",
            scopes: ["read", "offline_access"],
            field: "refreshToken",
          },
        },
        vault,
        seal,
      }),
    });
    const headers = { authorization: `Bearer ${key.text}`, "content-type": "application/json" };
    const begin = async (id = "notes") => {
      const response = await post(worker, `/oauth/login/${id}`, {}, { headers });
      return { status: response.status, ...await response.json() as { url: string; code: string } };
    };
    const call = () => post(worker, "/connectors/notes/notes.create", { text: "x" }, { headers });
    return { worker, storage, vault, clock, configs, begin, call };
  }

  test("sends it there with PKCE, and back with a token that the tenant's calls use", async () => {
    const { worker, storage, vault, configs, begin, call } = await setup();
    await call();
    expect(configs.at(-1)).toMatchObject({ apiKey: "sk" });
    expect(configs.at(-1)?.["refreshToken"]).toBe(undefined);
    const url = new URL((await begin()).url);
    const asked = Object.fromEntries(url.searchParams);
    expect(asked).toMatchObject({
      client_id: "client",
      redirect_uri: "https://worker.example/oauth/callback",
      response_type: "code",
      code_challenge_method: "S256",
      scope: "read offline_access",
    });
    const back = `/oauth/callback?code=c-1&state=${asked["state"]}`;
    const page = await get(worker, back);
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    const html = await page.text();
    expect(html).toContain("From now on the tenant acme can use notes as you.");
    expect(provider.grants).toEqual([]);
    const proof = field(html, "proof");
    const cookie = page.headers.get("set-cookie") ?? "";
    expect(cookie).toBe(
      `vastar-login=${proof}; Path=/oauth/callback; Max-Age=600; HttpOnly; SameSite=Strict; Secure`,
    );
    const answer = { search: field(html, "search"), proof };
    // Another page knows neither the proof nor can it send the cookie.
    for (
      const [form, sent] of [
        [answer, undefined],
        [answer, "vastar-login=other"],
        [{ search: answer.search }, "vastar-login="],
        [{ ...answer, filler: "x".repeat(20_000) }, cookie],
      ] as const
    ) {
      const refused = await confirm(worker, form, sent);
      expect([refused.status, (await refused.json() as { code: string }).code]).toEqual([
        400,
        "login.unconfirmed",
      ]);
    }
    expect(provider.grants).toEqual([]);
    const done = await confirm(worker, answer, `a=b; ${cookie.split(";")[0]}`);
    expect([done.status, await done.text()]).toEqual([
      200,
      "Done: the tenant acme can use notes as you. You may close this window.\n",
    ]);
    const [grant] = provider.grants;
    expect(grant).toMatchObject({
      grant_type: "authorization_code",
      code: "c-1",
      client_secret: "very-secret",
      redirect_uri: "https://worker.example/oauth/callback",
    });
    expect(createHash("sha256").update(grant?.["code_verifier"] ?? "").digest("base64url")).toBe(
      asked["code_challenge"] ?? "",
    );
    expect((await call()).status).toBe(200);
    expect(configs.at(-1)).toMatchObject({
      apiKey: "sk",
      region: "eu",
      refreshToken: "rt-secret-1",
    });
    // The API may hand out another one: the same client goes on, and the next start has it.
    const made = configs.length;
    const { onRefreshToken } = configs.at(-1) as { onRefreshToken: (token: string) => void };
    onRefreshToken("rt-secret-next");
    await call();
    expect(configs.length).toBe(made);
    // So has what another process has kept meanwhile.
    await (await TokenVault.open(await createSeal(KEY), storage)).set("third", "notes", "rt-third");
    await vault.set("other", "notes", "rt-other");
    expect(storage.kept).not.toContain("rt-secret");
    const again = await TokenVault.open(await createSeal(KEY), storage);
    const found = [["acme", "notes"], ["acme", "mail"], ["third", "notes"]] as const;
    expect(found.map(([tenant, id]) => again.get(tenant, id))).toEqual([
      ...["rt-secret-next", undefined, "rt-third"],
    ]);
  });

  test("is refused without a key, without a provider, and with a state that is not ours or too old", async () => {
    const { worker, clock, begin } = await setup();
    expect((await post(worker, "/oauth/login/notes", {})).status).toBe(401);
    const foreign = { headers: { origin: "https://evil.example" } };
    expect((await post(worker, "/oauth/login/notes", {}, foreign)).status).toBe(403);
    expect(await begin("nots")).toMatchObject({ status: 404, code: "connector.unknown" });
    const state = new URL((await begin()).url).searchParams.get("state") ?? "";
    const code = async (given: string, answer = "code=c") => {
      const response = await get(worker, `/oauth/callback?${answer}&state=${given}`);
      return [response.status, (await response.json() as { code: string }).code];
    };
    const other = (await createSeal(randomBytes(32).toString("base64"))).seal("{}");
    for (const wrong of ["", "x", `${state}x`, state.slice(0, -4), await other]) {
      expect(await code(wrong)).toEqual([400, "login.state"]);
    }
    expect(await code(state, "error=access_denied")).toEqual([502, "login.failed"]);
    provider.refusal = "access_denied";
    const page = await get(worker, `/oauth/callback?code=c&state=${state}`);
    const html = await page.text();
    const form = { search: field(html, "search"), proof: field(html, "proof") };
    const refused = await confirm(worker, form, page.headers.get("set-cookie") ?? "");
    expect(refused.status).toBe(502);
    clock.advance(600_001);
    expect(await code(state)).toEqual([400, "login.state"]);
  });
});

test("of several processes that write at once, none loses what another has kept", async () => {
  const kept = await mkdtemp(join(tmpdir(), "vastar-tokens-"));
  const path = join(kept, "tokens");
  try {
    const names = Array.from({ length: 8 }, (_, at) => `tenant-${at}`);
    await Promise.all(names.map(async (name) => {
      const vault = await TokenVault.open(await createSeal(KEY), tokenFile(path));
      for (const id of ["notes", "mail"]) await vault.set(name, id, `${name} ${id}`);
    }));
    const all = await TokenVault.open(await createSeal(KEY), tokenFile(path));
    for (const name of names) {
      expect(["notes", "mail"].map((id) => all.get(name, id))).toEqual([
        ...[`${name} notes`, `${name} mail`],
      ]);
    }
    expect(await readdir(kept)).toEqual(["tokens"]);
    // One that was killed while it wrote does not stop the others for ever.
    await writeFile(`${path}.lock`, "");
    await utimes(`${path}.lock`, 1, 1);
    await all.set("late", "notes", "rt");
    expect(await readdir(kept)).toEqual(["tokens"]);
  } finally {
    await rm(kept, { recursive: true });
  }
});

test("tokens cannot be read with another key, and a key has 32 bytes", async () => {
  const storage = memory();
  const vault = await TokenVault.open(await createSeal(KEY), storage);
  await vault.set("t", "c", "rt");
  const code = (work: Promise<unknown>) =>
    work.then(() => undefined, (error: { code: string }) => error.code);
  const other = await createSeal(randomBytes(32).toString("base64"));
  expect(await code(TokenVault.open(other, storage))).toBe("worker.token_key");
  for (const short of ["", "abc", randomBytes(31).toString("base64"), "not base64!"]) {
    expect(await code(createSeal(short))).toBe("worker.token_key");
  }
});

describe("vastar login", () => {
  let dir: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    dir = await folder({
      "worker.yaml": `tokens: tokens\noauth:\n  stripe:\n    issuer: ${provider.server.url}\n` +
        "    clientId: client\n    field: apiKey\n",
    });
  });
  afterAll(() => dir.remove());
  const login = async (id: string, env: Record<string, string> = { VASTAR_TOKEN_KEY: KEY }) => {
    const argv = ["login", id, "--config", "worker.yaml", "--tenant", "acme"];
    const ran = runInProcess({ login: () => Promise.resolve(loginCommand) }, argv, dir.path, env);
    return { code: await ran.code, out: ran.stdout(), err: ran.stderr() };
  };

  test("shows a code, waits for it to be entered, and keeps the token sealed", async () => {
    provider.pending = 2;
    const { code, out } = await login("stripe");
    expect([code, out]).toEqual([
      0,
      `Open ${provider.server.url}/enter in a browser and enter the code ABCD-EFGH\n` +
      "Logged in to stripe for acme.\n",
    ]);
    expect(provider.grants).toHaveLength(3);
    expect(provider.grants[0]).toMatchObject({ device_code: "d-1", client_id: "client" });
    expect(await readFile(join(dir.path, "tokens"), "utf8")).not.toContain("rt-secret");
    const config = { tokens: "tokens", oauth: {} };
    const kept = await openLogins(config, () => KEY, dir.path, () => {});
    expect(kept?.vault.get("acme", "stripe")).toBe("rt-secret-3");
  });

  test("says what is missing or was refused", async () => {
    expect(await login("strip")).toMatchObject({
      code: 1,
      err: expect.stringContaining('no oauth entry for "strip": there are stripe'),
    });
    expect(await login("stripe", {})).toMatchObject({
      code: 1,
      err: expect.stringContaining("VASTAR_TOKEN_KEY"),
    });
    provider.refusal = "access_denied";
    expect(await login("stripe")).toMatchObject({
      code: 1,
      err: expect.stringContaining("did not grant access: access_denied"),
    });
  });
});
