/** Formats, against those of another validator where both follow the same document. */
import { describe, expect, test } from "bun:test";
import { format as others } from "@cfworker/json-schema";
import fc from "fast-check";
import { formatTest } from "../../../src/schema/format.ts";

const SAMPLES: Readonly<Record<string, readonly [right: string[], wrong: string[]]>> = {
  date: [["2024-02-29", "2000-02-29", "0001-12-31"], ["2023-02-29", "1900-02-29", "2024-13-01"]],
  time: [["23:59:60Z", "12:00:00.5+01:30", "01:29:60+01:30"], ["12:00:00", "24:00:00Z", "1:0:0Z"]],
  "date-time": [["2024-02-29T12:00:00Z", "2024-01-01t00:00:00z"], ["2024-02-29", "x2024-01-01T1"]],
  duration: [["P1W", "PT1M", "P1Y2M3DT4H5M6S", "P1DT1H"], ["P", "PT", "P1", "P1YT", "P1WT1H"]],
  uri: [
    ["http://a.b/c?d=e#f", "urn:isbn:1", "mailto:a@b.c", "http://[::1]:80/", "http://[v1.x]/"],
    ["/a", "a", "http://[::g]/", "http://a b", "http://%zz", "http://[1::2::3]/"],
  ],
  "uri-reference": [["/a", "", "?q", "#f", "a/b", "//host/x"], ["a b", "\\\\", "#a#b", "//[x]/"]],
  "uri-template": [["/a/{b}", "{+x,y:3,z*}", "{?a*}"], ["{", "{a", "a b", "{a:0}", "{y:3*}"]],
  url: [["http://127.0.0.1:80/", "https://a.b/?c"], ["a", "mailto:a@b.c", "http://a b"]],
  email: [
    ["a@b.c", '"a b"@c', "a@[127.0.0.1]", "a@[IPv6:::1]", "a.b+c@d.e"],
    ["a", ".a@b", "a..b@c", "a.@b", "a@[x]", "a@-b", `${"a".repeat(65)}@b`],
  ],
  hostname: [["a", "a-b.c", "xn--a"], ["-a", "a-", "a..b", "a_b", "", "a".repeat(64)]],
  ipv4: [["0.0.0.0", "255.255.255.255"], ["256.0.0.0", "01.0.0.0", "1.1.1", "1.1.1.1.1"]],
  ipv6: [
    ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4", "1::3:4:5:6:7:8"],
    [
      "",
      ":",
      ":::",
      "1:2:3:4:5:6:7",
      "1::2::3",
      "::12345",
      "1:2:3:4:5:6:7:8:9",
      "1.2.3.4",
      "::1.2.3",
    ],
  ],
  regex: [["^a+$", "\\p{Lu}"], ["(", "a{2,1}"]],
  uuid: [["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000", ""]],
  "json-pointer": [["", "/a~0~1/b"], ["a", "/~2", "/~"]],
  "relative-json-pointer": [["0#", "1/a", "10"], ["/a", "01", "-1", "1a"]],
};

describe("the format", () => {
  for (const [name, [right, wrong]] of Object.entries(SAMPLES)) {
    test(name, () => {
      const fits = formatTest(name);
      expect(right.filter((text) => fits?.(text) === false)).toEqual([]);
      expect(wrong.filter((text) => fits?.(text) !== false)).toEqual([]);
    });
  }

  // Left out: `url`, which is nobody's, and addresses, where the other one takes leading zeros.
  const same = ["date", "time", "date-time", "duration", "email", "hostname", "ipv6", "uuid"];
  for (const name of [...same, "json-pointer", "relative-json-pointer", "uri-template"]) {
    test(`${name} means the same to both, whatever the text`, () => {
      const [right, wrong] = SAMPLES[name] ?? [[], []];
      const known = [...right, ...wrong];
      const part = fc.oneof(
        fc.constantFrom(..."0123456789abfzZtTPYMDHSW:.-+~/#{}@[]%_ ", "::", "60"),
        fc.constantFrom(...known).chain((text) =>
          fc.nat(text.length).map((end) => text.slice(0, end))
        ),
        fc.constantFrom(...known).chain((text) =>
          fc.nat(text.length).map((start) => text.slice(start))
        ),
      );
      const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(""));
      fc.assert(
        fc.property(text, (text) => {
          expect([text, formatTest(name)?.(text)]).toEqual([text, others[name]?.(text)]);
        }),
        { numRuns: 1000 },
      );
    });
  }

  test("nonsense says nothing", () => expect(formatTest("nonsense")).toBeUndefined());
});

test("a long text is looked at once", () => {
  const long = "a".repeat(20_000);
  for (const name of Object.keys(SAMPLES)) formatTest(name)?.(`${long} ${long}`);
  expect(formatTest("uri")?.(`http://${long}:`)).toBe(true);
  expect(formatTest("uri-template")?.(`${long}{`)).toBe(false);
});
