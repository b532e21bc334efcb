/** NATS as larger installations run it: accounts with signed credentials, and several servers of which one may end. */
import { describe, expect } from "bun:test";
import { createAccount, createOperator, createUser, type KeyPair } from "@nats-io/nkeys";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RuntimeClient } from "../../../mod.ts";
import { failure } from "../../conformance/context.ts";
import { freePort, NatsServer } from "../../support/nats.ts";
import { startUpstream } from "../../support/upstream.ts";
import { it, joinAt } from "./own_servers.ts";

/** A claim as the server wants it: a JWT signed with an nkey. */
function claim(issuer: KeyPair, subject: KeyPair, name: string, nats: object): string {
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${
    encode({
      jti: crypto.randomUUID(),
      iat: Math.floor(Date.now() / 1_000),
      iss: issuer.getPublicKey(),
      sub: subject.getPublicKey(),
      name,
      nats: { ...nats, version: 2 },
    })
  }`;
  const signature = issuer.sign(new TextEncoder().encode(body));
  return `${body}.${Buffer.from(signature).toString("base64url")}`;
}

const EVERYTHING = { subs: -1, data: -1, payload: -1 };

function credentials(account: KeyPair, user: KeyPair): string {
  const jwt = claim(account, user, "runtime", { pub: {}, sub: {}, ...EVERYTHING, type: "user" });
  return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${new TextDecoder().decode(user.getSeed())}
------END USER NKEY SEED------
`;
}

describe("NATS", () => {
  it(
    "with an operator: a credentials file is all that members and clients need",
    async (folder, stack) => {
      const [operator, system, account, user] = [
        createOperator(),
        createAccount(),
        createAccount(),
        createUser(),
      ];
      const limits = {
        ...EVERYTHING,
        imports: -1,
        exports: -1,
        wildcards: true,
        conn: -1,
        leaf: -1,
      };
      const accountOf = (key: KeyPair, name: string): string => {
        const facts = { limits, default_permissions: {}, type: "account" };
        return `${key.getPublicKey()}: "${claim(operator, key, name, facts)}"`;
      };
      const config = join(folder, "nats.conf");
      writeFileSync(
        config,
        `operator: "${claim(operator, operator, "O", { type: "operator" })}"
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${accountOf(system, "SYS")}
  ${accountOf(account, "A")}
}
`,
      );
      const server = await NatsServer.start(["-c", config]);
      stack.defer(() => server.stop());
      const upstream = await startUpstream();
      stack.defer(() => upstream.close());
      const at = (name: string, key: KeyPair): string => {
        const file = join(folder, name);
        writeFileSync(file, credentials(account, key));
        return `nats://${server.at}/p?creds=${file}`;
      };
      const right = at("runtime.creds", user);
      await joinAt(right, `127.0.0.1:${upstream.port}`, stack);
      await using client = new RuntimeClient({ address: right });
      expect((await client.executeHTTP({ url: `${upstream.url}/json` })).statusCode).toBe(200);

      // Signed by an account that this operator does not know.
      const stranger = join(folder, "stranger.creds");
      writeFileSync(stranger, credentials(createAccount(), createUser()));
      await using other = new RuntimeClient({ address: `nats://${server.at}/p?creds=${stranger}` });
      const refused = await failure(other.executeHTTP({ url: `${upstream.url}/json` }));
      expect([refused.code, refused.sent]).toEqual(["connect.forbidden", "no"]);
      const seed = new TextDecoder().decode(user.getSeed());
      expect(JSON.stringify(refused) + String(refused.cause)).not.toContain(seed);
    },
  );

  it("of three servers, of which one ends: calls go on", async (folder, stack) => {
    const routes = await Promise.all([0, 1, 2].map(() => freePort()));
    const all = routes.map((port) => `nats://127.0.0.1:${port}`).join(",");
    const servers = await Promise.all(routes.map((port, at) =>
      NatsServer.start([
        ...["--cluster_name", "three", "--name", `${folder}-${at}`],
        ...["--cluster", `nats://127.0.0.1:${port}`, "--routes", all],
      ])
    ));
    for (const server of servers) stack.defer(() => server.stop());
    const upstream = await startUpstream();
    stack.defer(() => upstream.close());
    const names = servers.map(({ at }) => at);
    // Its member is at the second or third server, its client begins at the first.
    await joinAt(`nats://${names.slice(1).join(",")}/p`, `127.0.0.1:${upstream.port}`, stack);
    await using client = new RuntimeClient({ address: `nats://${names.join(",")}/p` });
    const call = async () =>
      (await client.executeHTTP({ url: `${upstream.url}/json`, timeoutMs: 20_000 })).statusCode;
    // Servers tell each other of their members, a moment after the start.
    while (await call().catch(() => 0) !== 200) await new Promise((wake) => setTimeout(wake, 20));
    for (const server of servers) {
      await server.down();
      // What was on its way through that server may be lost with it; what follows is not.
      await call().catch(() => {});
      while (await call().catch(() => 0) !== 200) await new Promise((wake) => setTimeout(wake, 20));
      expect(await call()).toBe(200);
      await server.up();
    }
  });
});
