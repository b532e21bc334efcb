import { describe, expect, test } from "bun:test";
import { readHookModule } from "../../../codegen/read/hooks/module.ts";

function exportOf(text: string, name = "f"): string | undefined {
  const found = readHookModule("./hooks.ts", text).exports.get(name);
  return found && (found.is === "function" ? `function of ${found.required}` : found.is);
}

describe("what a module of hooks exports", () => {
  const functions = [
    ["export function f(a: string, b?: number, ...rest: unknown[]) {}", 1],
    ["export async function f(a, b = 1) {}", 1],
    ["export const f = (a: string, b: number): void => {};", 2],
    ["export const f = function (this: Window, a: string) {};", 1],
    ["export const f = ((a) => {}) satisfies AuthHook;", 1],
    ["export const f = (() => {}) as AuthHook, g = 1;", 0],
    ["function g(a: string) {}\nexport { g as f };", 1],
    ["export { f };\nconst f = () => {};", 0],
    ["export function f(a: string): void;\nexport function f(a: string, b?: number): void {}", 1],
  ] as const;
  for (const [text, required] of functions) {
    test(text.replaceAll("\n", " "), () => expect(exportOf(text)).toBe(`function of ${required}`));
  }

  const others = {
    "export const f = make();": "unknown",
    'export { f } from "./other.ts";': "unknown",
    "export let f;": "unknown",
    "export const f = { a: 1 };": "value",
    "export const f = `text`;": "value",
    "export class f {}": "class",
    "export interface f {}": "type",
    "type g = () => void;\nexport type { g as f };": "type",
    "function f() {}": undefined,
    'import { f } from "./other.ts";': undefined,
    "export default function f() {}": undefined,
    "export namespace g { export const f = 1; }": undefined,
  };
  for (const [text, is] of Object.entries(others)) {
    test(text.replaceAll("\n", " "), () => expect(exportOf(text)).toBe(is));
  }

  test("export * leaves open what there is", () => {
    expect(readHookModule("./hooks.ts", 'export * from "./other.ts";').open).toBe(true);
    const named = readHookModule("./hooks.ts", 'export * as f from "./other.ts";');
    expect(named.open).toBe(false);
    expect(named.exports.get("f")?.is).toBe("value");
  });

  test("JavaScript is read too", () => {
    const { exports, syntaxError } = readHookModule("./hooks.js", "export const f = (a) => a;");
    expect(exports.get("f")).toEqual({ is: "function", required: 1 });
    expect(syntaxError).toBeUndefined();
  });

  test("a syntax error is reported with its place", () => {
    expect(readHookModule("./hooks.ts", "\nexport const = 1;").syntaxError).toBe(
      "2:14: Variable declaration expected.",
    );
  });
});
