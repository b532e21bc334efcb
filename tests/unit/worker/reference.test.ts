import { expect, test } from "bun:test";
import { scalarScript } from "../../../cli/serve/scalar.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { apiReference } from "../../../src/worker/mod.ts";
import { get, testWorker } from "./support.ts";

test("the API reference comes from the worker alone, and runs no script but its own", async () => {
  let read = 0;
  const script = () => {
    read++;
    return scalarScript();
  };
  const worker = testWorker({}, { parts: [apiReference({ script })], title: "<Mine>" });
  const page = await get(worker, "/docs");
  const text = await page.text();
  expect(text).toContain("<title>&lt;Mine&gt;</title>");
  // Relative, so that it works wherever the worker is mounted.
  expect(text).toContain('src="docs/scalar.js"');
  expect(text).toContain('"url":"openapi.json"');
  // The icon names a namespace, which nobody loads.
  expect(text.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/);
  const policy = page.headers.get("content-security-policy") ?? "";
  const [, nonce] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
  const scripts = [...text.matchAll(/<script nonce="([^"]+)"/g)].map(([, own]) => own);
  expect(scripts).toEqual([nonce, nonce, nonce]);
  expect(text.match(/<script/g)?.length).toBe(3);
  expect(policy).toContain("default-src 'none'; ");
  expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/);
  expect(read).toBe(0);
  const source = await get(worker, "/docs/scalar.js");
  expect(source.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect((await source.text()).length).toBeGreaterThan(1_000_000);
  await get(worker, "/docs/scalar.js");
  expect(read).toBe(1);
});

test("a script that is not there is said to be missing, and looked for again", async () => {
  let read = 0;
  const script = () => {
    if (++read > 1) return Promise.resolve("here");
    return Promise.reject(
      new ConnectorError({
        errorClass: ErrorClass.Transient,
        code: "docs.not_installed",
        message: "install it",
      }),
    );
  };
  const worker = testWorker({}, { parts: [apiReference({ script })] });
  const missing = await get(worker, "/docs/scalar.js");
  expect([missing.status, (await missing.json()).code]).toEqual([503, "docs.not_installed"]);
  expect(await (await get(worker, "/docs/scalar.js")).text()).toBe("here");
});
