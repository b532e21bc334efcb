/** The pool that `vastar runtime` joins: what an operator may write, and what is shown of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { folder, vastar } from "../support.ts";

const PASSWORD = "password-of-nats-4711";
const SECRET = "secret-of-the-pool-4711";
let root: Awaited<ReturnType<typeof folder>>;

beforeAll(async () => {
  root = await folder({
    "pool.yaml": `join:
  address: "nats://me:\${PW}@127.0.0.1,127.0.0.1:5222/pool"
  only: [connector=openai, tenant=acme]
  name: here-1
  secret: "\${SECRET}"
`,
    "bad.yaml": `join:
  address: tcp://127.0.0.1:5000
  only: [connector]
`,
    "short.yaml": "join: { address: nats://127.0.0.1/pool, secret: short }\n",
    "far.yaml": "join: { address: nats://10.0.0.1/pool }\n",
    "none.yaml": "join: { only: [connector=a] }\n",
  });
});
afterAll(() => root.remove());

function check(args: readonly string[], env: Record<string, string> = {}) {
  return vastar(["runtime", "--check-config", ...args], {
    cwd: root.path,
    env: { PW: PASSWORD, SECRET, VASTAR_TOKEN: undefined, VASTAR_JOIN: undefined, ...env },
  });
}

test("shows the pool without credentials, and listens nowhere else unless told to", async () => {
  const { code, stdout, stderr } = await check(["--config", "pool.yaml"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toMatchObject({
    daemon: {
      listen: [],
      join: {
        address: "nats://127.0.0.1,127.0.0.1:5222/pool",
        only: "connector=openai tenant=acme",
        name: "here-1",
      },
    },
  });
  for (const hidden of [PASSWORD, SECRET]) expect(stdout).not.toContain(hidden);
});

test("takes the address with its password from the environment, and not from the command line", async () => {
  const address = `nats://me:${PASSWORD}@127.0.0.1/pool`;
  const { code, stdout } = await check([], { VASTAR_JOIN: address });
  expect(code).toBe(0);
  expect(stdout).toContain('"nats://127.0.0.1/pool"');
  expect(stdout).not.toContain(PASSWORD);
  const refused = await check(["--join", address]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("set VASTAR_JOIN, or join.address in the configuration");
  expect(refused.stderr).not.toContain(PASSWORD);
});

const BAD: readonly (readonly [args: readonly string[], says: string])[] = [
  [["--config", "bad.yaml"], "write nats://host:4222/pool"],
  [["--config", "bad.yaml"], "write connector=NAME or tenant=NAME"],
  [["--config", "short.yaml"], "is too short; use at least 16 characters"],
  [["--config", "far.yaml"], "nats://10.0.0.1/pool can be reached from other machines"],
  [["--config", "none.yaml"], "address"],
  [["--only", "connector=a"], "add --join nats://"],
  [["--listen", "nats://127.0.0.1/pool"], "--join for a pool"],
];
for (const [args, says] of BAD) {
  test(`refuses ${args.join(" ")}: ${says}`, async () => {
    const { code, stdout, stderr } = await check(args);
    expect([code === 0, stdout]).toEqual([false, ""]);
    expect(stderr).toContain(says);
  });
}
