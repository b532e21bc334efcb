/** Names in generated code, as the generator makes them of ids. */

export function camelCase(text: string): string {
  const [first = "", ...rest] = text
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .trim()
    .split(/\s+/);
  const name = first.toLowerCase() +
    rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return /^\p{N}/u.test(name) ? `_${name}` : name;
}
