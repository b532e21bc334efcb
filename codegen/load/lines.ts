/**
 * Specs as the importer writes them: a key and JSON on each line, the entries of a section indented. The native parser of JSON reads
 * them in a fraction of the time, and of the memory, that events take. Whatever is not exactly so is left to the parser of YAML.
 */
import { cover, type Inside, NONE, type Place, type Places } from "./places.ts";
import type { Key, Span } from "./source.ts";

const KEY = /( {2})?([A-Za-z$_][\w.$-]*|"(?:[^"\\\n]|\\.)*"):( (?=\S)|$)/my;
/** Keys that YAML reads as other values. */
const NO_TEXT = /^(?:null|true|false|__proto__)$/i;
/** What JSON may hold as it is, and YAML has no place for, or takes for the end of a line. */
const UNUSUAL = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;
const CONTROL = /\p{Cc}/u;

interface Section {
  readonly values: Record<string, unknown>;
  readonly children: Map<Key, Place>;
  readonly span: { readonly start: number; end: number };
}

/** Undefined: it is not such a text. */
export function parseLines(
  text: string,
): { readonly value: unknown; readonly entries: Places } | undefined {
  if (UNUSUAL.test(text)) return undefined;
  const places = new Map<unknown, Inside>();
  const root: Section = { values: {}, children: new Map(), span: { start: 0, end: text.length } };
  let section: Section | undefined;
  let end: number;
  for (let start = 0; start < text.length; start = end + 1) {
    end = text.indexOf("\n", start);
    if (end === -1) end = text.length;
    if (end === start) continue;
    if (text[start] === "#") {
      if (CONTROL.test(text.slice(start, end))) return undefined;
      continue;
    }
    KEY.lastIndex = start;
    const found = KEY.exec(text);
    if (found === null) return undefined;
    const [whole, indent = "", written = ""] = found;
    const name = written[0] === '"' ? canonical(written) : written;
    const holder = indent === "" ? root : section;
    if (typeof name !== "string" || NO_TEXT.test(name) || holder === undefined) return undefined;
    if (Object.hasOwn(holder.values, name)) return undefined;
    const key: Span = { start: start + indent.length, end: start + indent.length + written.length };
    const from = start + whole.length;
    if (from === end) {
      // A section; one without entries is null.
      if (indent !== "" || !text.startsWith("  ", end + 1)) return undefined;
      const span = { start: end + 3, end: end + 3 };
      section = { values: {}, children: new Map(), span };
      holder.values[name] = section.values;
      holder.children.set(name, { key, value: span });
      places.set(section.values, section);
      continue;
    }
    const value = canonical(text.slice(from, end));
    if (value === undefined) return undefined;
    if (indent === "") section = undefined;
    holder.values[name] = value;
    holder.children.set(name, { key, value: { start: from, end } });
    if (indent !== "") holder.span.end = end;
    cover(places, value, { span: key, children: NONE });
  }
  if (root.children.size === 0) return undefined;
  places.set(root.values, root);
  return { value: root.values, entries: places };
}

/** Undefined where it is not JSON as `JSON.stringify` writes it: there, keys come once, and nothing is read otherwise than in YAML. */
function canonical(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return JSON.stringify(value) === json ? value : undefined;
  } catch {
    return undefined;
  }
}
