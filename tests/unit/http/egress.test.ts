import { describe, expect, test } from "bun:test";
import type { ConnectorError } from "../../../src/core/errors.ts";
import type { PinnedAddress } from "../../../src/core/rules/pinned_address.ts";
import {
  createEgressGuard,
  type EgressDenial,
  type EgressOptions,
} from "../../../src/http/egress.ts";
import { parseUrl } from "../../../src/http/syntax.ts";
import { fakeClock } from "../../support/clock.ts";

type Zone = Record<string, string[]>;

/** A guard over a resolver whose answers a test may change between calls. */
function guardWith(options: EgressOptions, zone: Zone | undefined = {}, ttlMs = 5_000) {
  const clock = fakeClock();
  const asked: string[] = [];
  const resolver = zone === undefined ? {} : {
    resolve(host: string) {
      asked.push(host);
      const found = zone[host];
      if (!found) {
        return Promise.reject(Object.assign(new Error("no such host"), { code: "ENOTFOUND" }));
      }
      return Promise.resolve(
        found.map((address) => ({ address, family: family(address), ttlMs })),
      );
    },
  };
  const guard = createEgressGuard(options, { clock, resolver: () => resolver });
  return {
    clock,
    asked,
    async admit(url: string, signal = new AbortController().signal) {
      return await guard.admit(parseUrl(url), signal, "default");
    },
  };
}

function family(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  try {
    await work;
  } catch (error) {
    return error as ConnectorError;
  }
  throw new Error("it was admitted");
}

describe("egress policy", () => {
  test.each([
    ["http://127.0.0.1/", "loopback"],
    ["http://127.255.255.254/", "loopback"],
    ["http://2130706433/", "loopback"],
    ["http://0x7f000001/", "loopback"],
    ["http://0x7f.1/", "loopback"],
    ["http://017700000001/", "loopback"],
    ["http://0177.0.0.1/", "loopback"],
    ["http://127.1/", "loopback"],
    ["http://127.0.0.1./", "loopback"],
    ["http://%31%32%37.0.0.1/", "loopback"],
    ["http://１２７.0.0.1/", "loopback"],
    ["http://0/", "unspecified"],
    ["http://0.0.0.0/", "unspecified"],
    ["http://10.0.0.1/", "private"],
    ["http://172.16.0.1/", "private"],
    ["http://192.168.1.1/", "private"],
    ["http://169.254.169.254/latest/meta-data", "link-local"],
    ["http://0xa9fea9fe/", "link-local"],
    ["http://100.64.0.1/", "carrier-grade NAT"],
    ["http://192.0.0.1/", "reserved"],
    ["http://198.18.0.1/", "reserved"],
    ["http://240.0.0.1/", "reserved"],
    ["http://255.255.255.255/", "broadcast"],
    ["http://224.0.0.1/", "multicast"],
    ["http://[::1]/", "loopback"],
    ["http://[::]/", "unspecified"],
    ["http://[0:0:0:0:0:0:0:1]/", "loopback"],
    ["http://[::ffff:127.0.0.1]/", "IPv4-mapped"],
    ["http://[::ffff:8.8.8.8]/", "IPv4-mapped"],
    ["http://[::127.0.0.1]/", "unassigned"],
    ["http://[64:ff9b::7f00:1]/", "NAT64"],
    ["http://[64:ff9b:1::1]/", "NAT64"],
    ["http://[2002:7f00:1::]/", "6to4"],
    ["http://[2001:0:7f00:1::]/", "Teredo"],
    ["http://[fe80::1]/", "link-local"],
    ["http://[fec0::1]/", "site-local"],
    ["http://[fc00::1]/", "unique local"],
    ["http://[fd12:3456::1]/", "unique local"],
    ["http://[ff02::1]/", "multicast"],
    ["http://[2001:db8::1]/", "reserved"],
    ["http://[100::1]/", "discard"],
    ["http://[4000::1]/", "unassigned"],
  ])("refuses %s as %s", async (url, range) => {
    const error = await failure(guardWith({}).admit(url));
    expect(error).toMatchObject({
      code: "egress.denied",
      errorClass: 2,
      origin: "local",
      sent: "no",
    });
    expect(error.message).toContain(range);
    expect(error.message).toContain("VASTAR_ALLOW=");
  });

  test.each(
    [
      ["http://8.8.8.8/", "8.8.8.8", 4],
      ["http://134744072/", "8.8.8.8", 4],
      ["https://[2606:4700:4700::1111]/", "2606:4700:4700::1111", 6],
    ] as const,
  )("admits %s", async (url, address, family) => {
    expect(await guardWith({}).admit(url)).toEqual([{ address, family }]);
  });

  test("judges what a name resolves to, and says which rule would permit it", async () => {
    const { admit } = guardWith({}, { "db.example.com": ["10.1.2.3"] });
    const error = await failure(admit("https://db.example.com/x"));
    expect(error.message).toBe(
      "the egress policy refuses db.example.com:443 (10.1.2.3): private. " +
        'To permit it: give the client `egress: { allow: ["db.example.com:443"] }`, or set VASTAR_ALLOW=db.example.com:443',
    );
    const open = guardWith({ allow: ["db.example.com:443"] }, { "db.example.com": ["10.1.2.3"] });
    expect(await open.admit("https://db.example.com/x")).toEqual([{
      address: "10.1.2.3",
      family: 4,
    }]);
  });

  test("the rule in the message works for every range", async () => {
    for (const address of ["169.254.169.254", "::1", "10.0.0.1", "64:ff9b::1", "0.0.0.0"]) {
      const zone = { "a.example.com": [address] };
      const { message } = await failure(guardWith({}, zone).admit("http://a.example.com:81/"));
      const rule = message.slice(message.indexOf("VASTAR_ALLOW=") + 13);
      expect(message).toContain(`\`egress: { allow: ["${rule}"] }\`, or set VASTAR_ALLOW=${rule}`);
      expect(await guardWith({ allow: [rule] }, zone).admit("http://a.example.com:81/"))
        .toHaveLength(1);
    }
  });

  test("a name with public and private addresses uses only the public ones", async () => {
    const { admit } = guardWith({}, { "mixed.example.com": ["10.0.0.1", "8.8.8.8", "::1"] });
    expect(await admit("http://mixed.example.com/")).toEqual([{ address: "8.8.8.8", family: 4 }]);
  });

  test("upper case, trailing dots and punycode are the name they stand for", async () => {
    const zone = { "api.example.com": ["10.0.0.1"], "xn--bcher-kva.example": ["10.0.0.2"] };
    const { admit } = guardWith({ allow: ["api.example.com", "xn--bcher-kva.example"] }, zone);
    expect(await admit("http://API.Example.COM./")).toHaveLength(1);
    expect(await admit("http://bücher.example/")).toHaveLength(1);
  });

  test("rebinding: the next answer is judged anew, the remembered one is the one connected to", async () => {
    const zone: Zone = { "rebind.example.com": ["8.8.8.8"] };
    const { admit, clock, asked } = guardWith({}, zone, 2_000);
    const first = await admit("http://rebind.example.com/") as readonly PinnedAddress[];
    expect(first).toEqual([{ address: "8.8.8.8", family: 4 }]);
    zone["rebind.example.com"] = ["127.0.0.1"];
    expect(await admit("http://rebind.example.com/")).toEqual(first);
    expect(asked).toHaveLength(1);
    clock.advance(2_001);
    expect(await failure(admit("http://rebind.example.com/"))).toMatchObject({
      code: "egress.denied",
    });
    expect(asked).toHaveLength(2);
  });

  test("the runtime's own listeners need a rule that names them exactly", async () => {
    const ownListeners = () => [{ host: "127.0.0.1", port: 5001 }, { host: "0.0.0.0", port: 5002 }];
    const wide = guardWith({ allow: ["127.0.0.0/8", "10.0.0.0/8", "*"], ownListeners }, {
      "me.example.com": ["127.0.0.1"],
    });
    for (
      const url of [
        "http://127.0.0.1:5001/",
        "http://me.example.com:5001/",
        "http://10.0.0.9:5002/",
      ]
    ) {
      const error = await failure(wide.admit(url));
      expect(error).toMatchObject({ code: "egress.denied" });
      expect(error.message).toContain("own listener");
    }
    expect(await wide.admit("http://127.0.0.1:5003/")).toHaveLength(1);
    expect(await wide.admit("http://127.0.0.2:5001/")).toHaveLength(1);
    const exact = guardWith({ allow: ["127.0.0.1:5001"], ownListeners });
    expect(await exact.admit("http://127.0.0.1:5001/")).toHaveLength(1);
  });

  test("a listener on a name is one on any address of this machine", async () => {
    const ownListeners = () => [{ host: "localhost", port: 5001 }];
    const { admit } = guardWith({ allow: ["127.0.0.0/8", "::1"], ownListeners });
    for (const url of ["http://127.0.0.1:5001/", "http://[::1]:5001/"]) {
      expect((await failure(admit(url))).code).toBe("egress.denied");
    }
  });

  test("a listener is not reached through its IPv4-mapped address either", async () => {
    const ownListeners = () => [{ host: "127.0.0.1", port: 5001 }];
    const { admit } = guardWith({ allow: ["::ffff:0:0/96"], ownListeners });
    expect(await admit("http://[::ffff:127.0.0.1]:5003/")).toHaveLength(1);
    expect((await failure(admit("http://[::ffff:127.0.0.1]:5001/"))).code).toBe("egress.denied");
  });

  test("a listener that appears later is refused from then on", async () => {
    const listeners: { host: string; port: number }[] = [];
    const { admit } = guardWith({ allow: ["127.0.0.0/8"], ownListeners: () => listeners });
    expect(await admit("http://127.0.0.1:5001/")).toHaveLength(1);
    listeners.push({ host: "127.0.0.1", port: 5001 });
    expect((await failure(admit("http://127.0.0.1:5001/"))).code).toBe("egress.denied");
  });

  test("report mode lets through and tells", async () => {
    const denials: EgressDenial[] = [];
    const { admit } = guardWith({ mode: "report", onDenied: (denial) => denials.push(denial) }, {
      "mixed.example.com": ["10.0.0.1", "8.8.8.8"],
    });
    expect(await admit("http://127.0.0.1:8080/")).toHaveLength(1);
    expect(await admit("http://mixed.example.com/")).toHaveLength(2);
    expect(denials).toEqual([
      {
        host: "127.0.0.1",
        port: 8080,
        address: "127.0.0.1",
        range: "loopback",
        rule: "127.0.0.1:8080",
      },
      {
        host: "mixed.example.com",
        port: 80,
        address: "10.0.0.1",
        range: "private",
        rule: "mixed.example.com:80",
      },
    ]);
  });

  test("where the runtime resolves by itself, local names and literals are still refused", async () => {
    const { admit } = guardWith({}, undefined);
    const plain = guardWithoutResolver({});
    expect(await plain("http://api.example.com/")).toBeUndefined();
    for (
      const host of [
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "printer.local",
        "metadata.google.internal",
        "intranet",
        "10.0.0.1",
        "[::1]",
      ]
    ) {
      expect((await failure(plain(`http://${host}/`))).code).toBe("egress.denied");
    }
    expect(await guardWithoutResolver({ allow: ["localhost:3000"] })("http://localhost:3000/"))
      .toBeUndefined();
    expect(admit).toBeDefined();
  });

  test("many callers of one name share one query; one that cancels does not affect the others", async () => {
    const answer = Promise.withResolvers<{ address: string; family: 4; ttlMs: number }[]>();
    let asked = 0;
    const guard = createEgressGuard({}, {
      clock: fakeClock(),
      resolver: () => ({ resolve: () => (asked++, answer.promise) }),
    });
    const url = new URL("http://slow.example.com/");
    const leaving = new AbortController();
    const left = failure(Promise.resolve(guard.admit(url, leaving.signal, "default")));
    const stayed = Promise.all(
      [1, 2, 3].map(() => guard.admit(url, new AbortController().signal, "default")),
    );
    await Promise.resolve();
    await Promise.resolve();
    leaving.abort(new Error("gone"));
    expect((await left).message).toBe("gone");
    answer.resolve([{ address: "8.8.8.8", family: 4, ttlMs: 0 }]);
    expect(await stayed).toEqual(Array(3).fill([{ address: "8.8.8.8", family: 4 }]));
    expect(asked).toBe(1);
  });

  test("a name that does not exist", async () => {
    expect(await failure(guardWith({}).admit("http://nowhere.example.com/"))).toMatchObject({
      code: "dns.not_found",
      errorClass: 1,
      sent: "no",
    });
  });
});

function guardWithoutResolver(options: EgressOptions) {
  const guard = createEgressGuard(options, { clock: fakeClock(), resolver: () => ({}) });
  return async (url: string) =>
    await guard.admit(parseUrl(url), new AbortController().signal, "default");
}
