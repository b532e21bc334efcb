import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { JsonSyntaxError, scanJson } from "../../../codegen/load/json_scan.ts";
import type { Key } from "../../../codegen/load/source.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function scans(text: string): boolean {
  try {
    const { end } = scanJson(text, 0, []);
    return text.slice(end).trim() === "";
  } catch (error) {
    if (error instanceof JsonSyntaxError) return false;
    throw error;
  }
}

/** Every path of a value. */
function paths(value: unknown, path: Key[] = []): Key[][] {
  if (typeof value !== "object" || value === null) return [path];
  const entries: [Key, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return [path, ...entries.flatMap(([key, child]) => paths(child, [...path, key]))];
}

function at(value: unknown, path: readonly Key[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<Key, unknown>)[key], value);
}

describe("scanJson", () => {
  test("finds every value where it stands", () => {
    fc.assert(fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const plain = JSON.parse(text) as unknown;
      for (const path of paths(plain)) {
        const { place } = scanJson(text, 0, path);
        expect(JSON.parse(text.slice(place.value.start, place.value.end))).toEqual(at(plain, path));
      }
    }));
  });

  test("accepts what JSON.parse accepts, and nothing else", () => {
    const noise = fc.array(fc.constantFrom(...'[]{},:"\\ 01-.eEtruefalsn\n'.split("")), {
      maxLength: 12,
    }).map((list) => list.join(""));
    fc.assert(fc.property(noise, (text) => expect(scans(text)).toBe(isJson(text))), {
      numRuns: 2000,
    });
    const cut = fc.tuple(fc.jsonValue(), fc.nat(40)).map(([value, length]) =>
      JSON.stringify(value).slice(0, length)
    );
    fc.assert(fc.property(cut, (text) => expect(scans(text)).toBe(isJson(text))), { numRuns: 500 });
  });

  test("tells a key that is given twice", () => {
    const found: string[] = [];
    scanJson('{"a":1,"b":{"a":2,"a":3}}', 0, [], (key, span) => found.push(`${key} ${span.start}`));
    expect(found).toEqual(["a 18"]);
  });
});
