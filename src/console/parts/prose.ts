/** Texts of specs, and JSON in colours. */
import { h } from "../parts/dom.ts";

/** What stands between backticks is code. */
export function prose(text: string): (HTMLElement | string)[] {
  return text.split(/`([^`\n]+)`/).map((part, at) => at % 2 === 1 ? h("code", {}, part) : part)
    .filter((part) => part !== "");
}

const TOKEN =
  /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Above this, an element for each value would slow the page down. */
const MOST_COLOURED = 100_000;

export function colouredJson(text: string): (HTMLElement | string)[] {
  if (text.length > MOST_COLOURED) return [text];
  const parts: (HTMLElement | string)[] = [];
  let done = 0;
  for (const { 0: token, 1: quoted, 2: colon, index } of text.matchAll(TOKEN)) {
    parts.push(text.slice(done, index));
    const kind = quoted === undefined ? "literal" : colon === undefined ? "string" : "key";
    const shown = quoted ?? token;
    parts.push(h("span", { class: kind }, shown));
    done = index + shown.length;
  }
  parts.push(text.slice(done));
  return parts;
}
