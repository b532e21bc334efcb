import { describe, expect, test } from "bun:test";
import { linkWith } from "../../../../src/connector/answer/link_header.ts";

const NEXT = "https://a.test/items?page=2";

describe("the next page in a Link header", () => {
  const rows: [string, string, string | undefined][] = [
    ["alone", `<${NEXT}>; rel="next"`, NEXT],
    ["without quotes", `<${NEXT}>;rel=next`, NEXT],
    ["in single quotes", `<${NEXT}>; rel='next'`, NEXT],
    ["in capitals", `<${NEXT}>; REL="Next"`, NEXT],
    ["among several relations", `<${NEXT}>; foo; rel="last next"`, NEXT],
    ["after another link", `<https://a.test/?f=a,b>; rel="prev", <${NEXT}>; rel="next"`, NEXT],
    ["with semicolons in the address", "</items;v=1;w=2>; rel=next", "/items;v=1;w=2"],
    ["after a comma in quotes", `<${NEXT}>; title="two, more; yes"; rel="next"`, NEXT],
    ["after a quoted pair", `<${NEXT}>; title="say \\"hi\\""; rel="next"`, NEXT],
    ["after a backslash", `<${NEXT}>; title="a\\\\"; rel="next"`, NEXT],
    ["after a link in quotes", `<${NEXT}>; title="a, <x>; rel=prev"; rel="next"`, NEXT],
    [
      "not one in quotes",
      `<https://a.test/p>; title=", <${NEXT}>; rel=next"; rel="prev"`,
      undefined,
    ],
    ["after an extended title", `<${NEXT}>; title*=UTF-8'de'n%c3%a4chste; rel="next"`, NEXT],
    ["of the first rel", `<${NEXT}>; rel="next"; rel="prev"`, NEXT],
    ["not of another relation", `<${NEXT}>; rel="prev"`, undefined],
    ["not without an end", `<${NEXT}; rel="next"`, undefined],
    ["not from nothing", "", undefined],
    [
      "not from a quote without an end",
      `<https://a.test/p>; title="<${NEXT}>; rel=next`,
      undefined,
    ],
  ];
  for (const [name, header, target] of rows) {
    test(name, () => expect(linkWith(header, "next")).toBe(target));
  }
});
