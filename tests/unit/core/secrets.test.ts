import { describe, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Secrets } from "../../../src/core/secrets/secrets.ts";
import { halfOf } from "../../support/share.ts";

const KEY = `k<y/"7+é\\&' z`;

describe("a secret is found", () => {
  const utf8 = Buffer.from(KEY);
  const html = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  test.each(
    [
      ["as it is", KEY],
      ["in another case", KEY.toUpperCase()],
      ["in a URL", encodeURIComponent(KEY)],
      ["in a URL, lower case", encodeURIComponent(KEY).toLowerCase()],
      ["in a URL, twice", encodeURIComponent(encodeURIComponent(KEY))],
      ["in a form", new URLSearchParams({ a: KEY }).toString().slice(2)],
      ["in JSON", JSON.stringify(KEY).slice(1, -1)],
      ["in JSON within JSON", JSON.stringify(JSON.stringify(KEY)).slice(3, -3)],
      ["in ASCII JSON", JSON.stringify(KEY).slice(1, -1).replace("é", "\\u00e9")],
      ["in JSON with escaped slashes", JSON.stringify(KEY).slice(1, -1).replaceAll("/", "\\/")],
      ["in HTML", html(KEY).replaceAll("'", "&#39;")],
      [
        "in HTML, by number",
        KEY.replace(/\W/g, (char) => `&#x${char.charCodeAt(0).toString(16)};`),
      ],
      ["in JSON within HTML", html(JSON.stringify(KEY).slice(1, -1))],
      ["in JSON within a URL", encodeURIComponent(JSON.stringify(KEY).slice(1, -1))],
      ["in hex", utf8.toString("hex")],
      ["in base64", utf8.toString("base64")],
      ["in base64url", utf8.toString("base64url")],
      ["in base64 within a URL", encodeURIComponent(utf8.toString("base64"))],
      ["escaped, in base64", Buffer.from(encodeURIComponent(KEY)).toString("base64")],
    ] as const,
  )("%s", (_, form) => {
    expect(new Secrets([KEY]).redact(`a ${form} z`)).toBe("a [redacted] z");
  });

  test("in base64 of something longer, wherever it stands there", () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, bytes, (before, after) => {
        const whole = Buffer.concat([before, Buffer.from("s3cr3t-k3y-0f-s0m3b0dy"), after]);
        for (const form of [whole.toString("base64"), whole.toString("base64url")]) {
          const clean = new Secrets(["s3cr3t-k3y-0f-s0m3b0dy"]).redact(form);
          expect(clean).toContain("[redacted]");
          const [left = "", right = ""] = clean.split("[redacted]");
          // What is left is the neighbours, and of the secret no whole byte.
          expect(left.length).toBeLessThanOrEqual(Math.ceil(before.length * 4 / 3) + 2);
          expect(right.length).toBeLessThanOrEqual(Math.ceil(after.length * 4 / 3) + 4);
        }
      }),
      halfOf(100),
    );
  });
});

test("any text, with letters of any kind in it, is taken out", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 6, maxLength: 30 }), (secret) => {
      const secrets = new Secrets([secret]);
      for (
        const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
      ) {
        expect(secrets.redact(`<${form}>`)).toBe("<[redacted]>");
      }
    }),
    halfOf(100),
  );
});

test("a private key of any length is taken out, also out of base64", () => {
  const lines = Array.from({ length: 50 }, (_, i) => `${i}`.repeat(64).slice(0, 64));
  const key = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
  const secrets = new Secrets([key]);
  for (const form of [key, JSON.stringify(key), encodeURIComponent(key), btoa(`x${key}`)]) {
    const left = secrets.redact(`<${form}>`).replaceAll("[redacted]", "");
    expect(left.length).toBeLessThan(form.length / 20);
  }
  const huge = "long-secret-".repeat(100_000);
  expect(new Secrets([huge]).redact(`<${huge}>`).startsWith("<[redacted][redacted]")).toBe(true);
}, 30_000);

test("words that are too short to be secrets stay, and without secrets so does everything", () => {
  expect(new Secrets(["abc", ""]).redact("abc is a word")).toBe("abc is a word");
  expect(new Secrets().redact("nothing")).toBe("nothing");
});

test("a secret that is part of another is taken out with it", () => {
  expect(new Secrets(["secret-1", "my-secret-1-long"]).redact("my-secret-1-long secret-1"))
    .toBe("[redacted] [redacted]");
});

test("tokens come and go, the configuration stays", () => {
  const secrets = new Secrets(["configured-key"]);
  for (let i = 0; i < 100; i++) secrets.add(`token-number-${i}-`);
  secrets.add("token-number-50-");
  const text = "configured-key token-number-0- token-number-50- token-number-99-";
  expect(secrets.redact(text)).toBe("[redacted] token-number-0- [redacted] [redacted]");
  const more = secrets.with(["for-one-request"]);
  expect(more.redact("for-one-request configured-key")).toBe("[redacted] [redacted]");
  expect(secrets.redact("for-one-request")).toBe("for-one-request");
});

test("an answer made of escapes costs no more than its length", () => {
  const secrets = new Secrets([`"quoted-secret"`, "\\back\\slash\\"]);
  const text = "\\".repeat(1_000_000) + "%5C".repeat(300_000) + "&amp;".repeat(200_000);
  expect(secrets.redact(text)).toBe(text);
}, 30_000);

describe("cleaning", () => {
  const secrets = new Secrets(["s3cr3t-k3y"]);

  test("changes an error in place, with its causes and what it carries", () => {
    const config = { key: "s3cr3t-k3y" };
    const inner = Object.assign(new TypeError("inner s3cr3t-k3y"), { config, path: "/s3cr3t-k3y" });
    const error = new Error("outer s3cr3t-k3y", { cause: inner });
    expect(secrets.clean(error)).toBe(error);
    expect(error.cause).toBe(inner);
    const shown = [error.message, error.stack, inner.message, inner.stack, inner.path];
    expect(shown.join() + JSON.stringify(inner.config)).not.toContain("s3cr3t");
    expect(inner).toBeInstanceOf(TypeError);
    // That of the client itself stays what it is.
    expect(config.key).toBe("s3cr3t-k3y");
  });

  test("goes around in circles once", () => {
    const error = new Error("s3cr3t-k3y");
    error.cause = error;
    const data: Record<string, unknown> = { text: "s3cr3t-k3y", error };
    data["self"] = data;
    const clean = secrets.clean(data);
    expect(clean["self"]).toBe(clean);
    expect([clean["text"], error.message]).toEqual(["[redacted]", "[redacted]"]);
  });

  test("replaces an error that cannot be changed", () => {
    const error = new Error("outer", { cause: new DOMException("s3cr3t-k3y", "AbortError") });
    secrets.clean(error);
    expect(error.cause).toMatchObject({ name: "AbortError", message: "[redacted]" });
    const frozen = Object.freeze(new Error("s3cr3t-k3y"));
    expect(secrets.clean(frozen).message).toBe("[redacted]");
  });

  test("copies data that holds a secret, in keys too, and leaves other data as it is", () => {
    const data = JSON.parse('{"__proto__":["s3cr3t-k3y"],"s3cr3t-k3y":1,"n":null}');
    const clean = secrets.clean(data);
    expect(JSON.stringify(clean)).toBe('{"__proto__":["[redacted]"],"[redacted]":1,"n":null}');
    expect(JSON.stringify(data)).toContain("s3cr3t");
    const plain = { a: [1, { b: "c" }] };
    expect(secrets.clean(plain)).toBe(plain);
    expect(secrets.clean(7)).toBe(7);
  });

  test("gets to the bottom of what is nested deep", () => {
    let data: unknown = "s3cr3t-k3y";
    for (let i = 0; i < 100_000; i++) data = [data];
    let clean = secrets.clean(data);
    while (Array.isArray(clean)) clean = clean[0];
    expect(clean).toBe("[redacted]");
  });
});
