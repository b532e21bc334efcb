/** A value as an expression of TypeScript, laid out as `deno fmt` would. */
import { isFile } from "../form/text.ts";

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const WIDTH = 80;

/** `file`: the expression for one. `used`: characters that stand before it on its line. */
export function literal(
  value: unknown,
  file: (name: string) => string,
  indent = "",
  used: number = indent.length,
): string {
  if (isFile(value)) return file(value.name);
  if (typeof value !== "object" || value === null) return scalar(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => literal(item, file, inner))
    : Object.entries(value).filter(([, item]) => item !== undefined).map(([name, item]) =>
      `${key(name)}: ${literal(item, file, inner)}`
    );
  const [open, close, pad] = Array.isArray(value) ? ["[", "]", ""] : ["{", "}", " "];
  if (parts.length === 0) return open + close;
  const line = `${open}${pad}${parts.join(", ")}${pad}${close}`;
  if (line.length + used <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

function key(name: string): string {
  // As a plain key it would set the prototype.
  if (name === "__proto__") return `["__proto__"]`;
  return IDENTIFIER.test(name) ? name : scalar(name);
}

function scalar(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  return (JSON.stringify(value) ?? "undefined")
    .replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
