/** Every way to write a forbidden IPv4 address ends in the same refusal. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { createEgressGuard } from "../../../src/http/egress.ts";
import { parseUrl } from "../../../src/http/syntax.ts";
import { fakeClock } from "../../support/clock.ts";

/** First octets (and how many are fixed) of blocks that must never be reached. */
const FORBIDDEN: readonly (readonly number[])[] = [
  [0],
  [10],
  [127],
  [169, 254],
  [172, 16],
  [192, 168],
  [100, 64],
  [224],
  [255],
];

const octet = fc.nat(255);
const address = fc.tuple(fc.constantFrom(...FORBIDDEN), octet, octet, octet, octet)
  .map(([fixed, ...rest]) => [...fixed, ...rest].slice(0, 4));

const base = fc.constantFrom(
  (n: number) => String(n),
  (n: number) => `0x${n.toString(16)}`,
  (n: number) => `0X${n.toString(16).toUpperCase()}`,
  (n: number) => `0${n.toString(8)}`,
  (n: number) => `0x000${n.toString(16)}`,
);

/** Four, three, two or one part, each in any base, maybe with a trailing dot or percent-encoded digits. */
const written = fc.tuple(
  address,
  fc.nat(3),
  fc.array(base, { minLength: 4, maxLength: 4 }),
  fc.boolean(),
  fc.boolean(),
)
  .map(([parts, merged, bases, dot, encode]) => {
    const kept = parts.slice(0, 3 - merged);
    const last = parts.slice(3 - merged).reduce((sum, part) => sum * 256 + part, 0);
    const text = [...kept, last].map((n, i) => (bases[i] ?? String)(n)).join(".") +
      (dot ? "." : "");
    return encode ? text.replace(/\d/, (digit) => `%3${digit}`) : text;
  });

test("forbidden IPv4 addresses are refused in every form", async () => {
  await fc.assert(
    fc.asyncProperty(written, async (host) => {
      const guard = createEgressGuard({}, {
        clock: fakeClock(),
        resolver: () => ({
          resolve: () => Promise.reject(new Error(`${host} was taken for a name`)),
        }),
      });
      const admit = async () =>
        await guard.admit(parseUrl(`http://${host}/`), new AbortController().signal, "default");
      await expect(admit()).rejects.toMatchObject({ code: "egress.denied" });
    }),
    { numRuns: 500 },
  );
});

test("so are they inside an IPv6 address, even when every name is allowed", async () => {
  const wrap = fc.constantFrom(
    (hex: string) => `::ffff:${hex}`,
    (hex: string) => `64:ff9b::${hex}`,
    (hex: string) => `2002:${hex}::`,
    (hex: string) => `::ffff:0:${hex}`,
  );
  await fc.assert(
    fc.asyncProperty(address, wrap, async ([a = 0, b = 0, c = 0, d = 0], form) => {
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      const guard = createEgressGuard({ allow: ["*"] }, {
        clock: fakeClock(),
        resolver: () => ({}),
      });
      const admit = async () =>
        await guard.admit(
          parseUrl(`http://[${form(hex)}]/`),
          new AbortController().signal,
          "default",
        );
      await expect(admit()).rejects.toMatchObject({ code: "egress.denied" });
    }),
    { numRuns: 300 },
  );
});
