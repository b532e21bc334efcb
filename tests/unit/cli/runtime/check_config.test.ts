/** `vastar runtime --check-config`: what an operator sees before starting anything. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { folder, vastar } from "../support.ts";

const SECRET = "a-token-of-acme-0123456789";
const SHOP_KEY = "the-key-of-the-shop-98765";
const DB_PASSWORD = "password-of-the-database";
let root: Awaited<ReturnType<typeof folder>>;

beforeAll(async () => {
  root = await folder({
    "good.yaml": `admin: tcp://127.0.0.1:5001
tokens: [{ token: "\${ACME_TOKEN}", tenant: acme }]
limits: { maxCalls: 5 }
secrets: { shop: { env: SHOP_KEY }, shop-db: { env: SHOP_DB } }
databases:
  idle: 30s
  named: { shop: { secret: shop-db, connectors: shop-*, poolSize: 8 } }
credentials:
  - { secret: shop, connectors: shop, hosts: shop.example, headers: { x-key: "k \${secret}" } }
`,
    "bad.yaml": `listen: ["unix:"]
admin: nowhere
timeout: 5s
limits: { maxCalls: -1 }
egress: { allow: ["256.0.0.0/8"] }
`,
    "small.yaml": `admin: tcp://0.0.0.0:5001
limits: { maxFrame: 1KiB, callCredit: 3GiB }
databases: { poolSize: 3, files: ["/x/*"], named: {} }
`,
    "unnamed.yaml": "databases: { named: { shop: { secret: none, connectors: shop } } }\n",
  });
});
afterAll(() => root.remove());

function check(file: string, ...more: string[]) {
  return vastar(["runtime", "--config", file, "--check-config", ...more], {
    cwd: root.path,
    env: {
      ACME_TOKEN: SECRET,
      SHOP_KEY,
      SHOP_DB: `postgres://shop:${DB_PASSWORD}@db.example/shop`,
      VASTAR_SOCKET_PATH: join(root.path, "r.sock"),
      VASTAR_TOKEN: undefined,
    },
  });
}

test("prints what would be in force, defaults included and secrets not, and starts nothing", async () => {
  const { code, stdout, stderr } = await check("good.yaml", "--allow", "127.0.0.1:4545");
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toMatchObject({
    admin: { kind: "tcp", host: "127.0.0.1", port: 5001 },
    daemon: {
      listen: [{ kind: "unix", path: join(root.path, "r.sock") }],
      maxCalls: 5,
      maxOpenCalls: 10_000,
    },
    engine: {
      egress: { allow: ["127.0.0.1:4545"] },
      connectTimeoutMs: 5_000,
      databases: {
        poolSize: 4,
        idleMs: 30_000,
        maxRows: 10_000,
        named: { shop: { connectors: ["shop-*"], poolSize: 8 } },
      },
    },
    drainMs: 30_000,
    tokens: "[redacted]",
  });
  expect(stdout).not.toContain(SECRET);
  expect(stdout).not.toContain(SHOP_KEY);
  expect(stdout).not.toContain(DB_PASSWORD);
  expect(stdout).not.toContain("db.example");
  expect(stdout).toContain('"credentials": "[redacted]"');
  expect(existsSync(join(root.path, "r.sock"))).toBe(false);
});

test("reports every mistake of the file, with its place, and those of flags and variables beside it", async () => {
  const { code, stdout, stderr } = await check("bad.yaml", "--listen", "pipe:x", "--allow", "1/");
  expect([code, stdout]).toEqual([1, ""]);
  for (const place of ["1:10: listen", "2:8: admin", "3:1: unknown", "4:21: limits", "5:19: egr"]) {
    expect(stderr).toContain(`bad.yaml:${place}`);
  }
  expect(stderr).toContain("pipe:x");
  expect(stderr).toContain('"1/"');
});

test("finds what only the daemon itself would refuse", async () => {
  const { code, stderr } = await check("small.yaml");
  expect(code).toBe(1);
  expect(stderr).toContain("maxFrameBytes is 1024");
  expect(stderr).toContain("admin tcp://0.0.0.0:5001 can be reached from other machines");
});

test("finds a database whose secret nobody has", async () => {
  const { code, stderr } = await check("unnamed.yaml");
  expect(code).toBe(1);
  expect(stderr).toContain("unnamed.yaml:1:39: no secret has this name");
});

test("has exit code 2 when the command line is wrong", async () => {
  expect((await check("good.yaml", "--drain", "-1")).code).toBe(2);
});
