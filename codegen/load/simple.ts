/**
 * Most YAML: the fast parser, whose events also have positions. It leaves tags, aliases of much or of what they are in, and keys
 * that are not text to the full parser, and also anything invalid, because the full parser explains mistakes better.
 */
import {
  COLLECTION_STYLE_FLOW,
  constructFromEvents,
  CORE_SCHEMA,
  type Event,
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE_DOUBLE_QUOTED,
  SCALAR_STYLE_FOLDED_BLOCK,
  SCALAR_STYLE_LITERAL_BLOCK,
  SCALAR_STYLE_PLAIN,
  SCALAR_STYLE_SINGLE_QUOTED,
  type ScalarEvent,
  YAMLException,
} from "js-yaml";
import { parseLines } from "./lines.ts";
import { cover, type Inside, NONE, type Place, type Places, START } from "./places.ts";
import type { Key, SourceDocument, Span } from "./source.ts";

const PARSE = { maxDepth: 500 };
/** From this length on, not the place of everything is kept. */
const LONG = 200_000;
/** `operations`, and the operations in it. */
const ENTRY_DEPTH = 2;

export interface SimpleOptions {
  /** False: the last of several keys of the same name counts. */
  readonly uniqueKeys: boolean;
  /** Nodes that aliases may stand for, with all others. */
  readonly maxAliasNodes: number;
}

export interface SimpleYaml {
  readonly value: unknown;
  /** Or the positions of its entries, where no events were made. */
  readonly parts: { readonly events: readonly Event[] } | { readonly entries: Places };
}

/** Undefined: the full parser must read the text. */
export function parseSimpleYaml(
  text: string,
  { uniqueKeys, maxAliasNodes }: SimpleOptions,
): SimpleYaml | undefined {
  const lines = text.length > LONG ? parseLines(text) : undefined;
  if (lines !== undefined) return { value: lines.value, parts: lines };
  try {
    const events = parseEvents(text, PARSE);
    if (!isSimple(text, events, maxAliasNodes)) return undefined;
    const documents = constructFromEvents(events, {
      source: text,
      schema: CORE_SCHEMA,
      json: !uniqueKeys,
    });
    return documents.length === 1 ? { value: documents[0], parts: { events } } : undefined;
  } catch (error) {
    if (error instanceof YAMLException) return undefined;
    throw error;
  }
}

/** An anchor: how many nodes it stands for, once its node has ended. */
interface Anchor {
  nodes: number | undefined;
}

/** A container: whether a key comes next, undefined in a list; its anchor, and how many nodes came before it. */
interface Open {
  isKey: boolean | undefined;
  readonly anchor: Anchor | undefined;
  readonly before: number;
}

/** True if keys are only strings, nothing has a tag, and aliases stand for what came before, and not for too much. */
function isSimple(text: string, events: readonly Event[], maxAliasNodes: number): boolean {
  const open: Open[] = [];
  const anchors = new Map<string, Anchor>();
  let nodes = 0;
  for (const event of events) {
    if (event.type === EVENT_POP) {
      const ended = open.pop();
      if (ended?.anchor !== undefined) ended.anchor.nodes = nodes - ended.before;
      continue;
    }
    if (event.type === EVENT_DOCUMENT) {
      if (event.directives.length > 0) return false;
      open.push({ isKey: undefined, anchor: undefined, before: 0 });
      continue;
    }
    const holder = open.at(-1);
    const isKey = holder?.isKey === true;
    if (holder?.isKey !== undefined) holder.isKey = !holder.isKey;
    nodes++;
    if (event.type === EVENT_ALIAS) {
      const anchor = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      if (isKey || anchor?.nodes === undefined) return false;
      nodes += anchor.nodes;
      continue;
    }
    if (!("tagStart" in event) || event.tagStart >= 0) return false;
    if (isKey && (event.type !== EVENT_SCALAR || !isTextKey(text, event))) return false;
    let anchor: Anchor | undefined;
    if (event.anchorStart >= 0) {
      if (isKey) return false;
      anchor = { nodes: event.type === EVENT_SCALAR ? 1 : undefined };
      anchors.set(text.slice(event.anchorStart, event.anchorEnd), anchor);
    }
    if (event.type === EVENT_SCALAR) continue;
    open.push({
      isKey: event.type === EVENT_MAPPING ? true : undefined,
      anchor,
      before: nodes - 1,
    });
  }
  return anchors.size === 0 || nodes <= maxAliasNodes;
}

/** `200:` means the string. The full parser handles other keys that are not strings, and reports merge keys. */
const WHOLE = /^(?:0|[1-9]\d{0,14})$/;
const NO_TEXT =
  /^(?:~?|null|true|false|[-+]?(?:\.?\d[\d.]*(?:e[-+]?\d+)?|0[xo][\da-f]+|\.(?:inf|nan)))$/i;

function isTextKey(text: string, { style, valueStart, valueEnd }: ScalarEvent): boolean {
  if (style !== SCALAR_STYLE_PLAIN) return true;
  const key = text.slice(valueStart, valueEnd);
  return WHOLE.test(key) || !(key === "<<" || NO_TEXT.test(key));
}

export class SimpleDocument implements SourceDocument {
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
  /** In a long text only the position of an entry such as an operation or type, used for everything in it. */
  readonly #entries: Places;
  #all: Places | undefined;

  constructor(path: string, text: string, { value, parts }: SimpleYaml) {
    this.path = path;
    this.text = text;
    this.value = value;
    const isLong = text.length > LONG;
    this.#entries = "entries" in parts
      ? parts.entries
      : placesOf(text, value, parts.events, isLong ? ENTRY_DEPTH : Infinity);
    if (!isLong && "events" in parts) this.#all = this.#entries;
  }

  span(container: unknown, key: Key | undefined, part: "key" | "value"): Span {
    this.#all ??= placesOf(this.text, this.value, parseEvents(this.text, PARSE), Infinity);
    return placeIn(this.#all, container, key, part);
  }

  near(container: unknown, key: Key | undefined): Span {
    return placeIn(this.#entries, container, key, "key");
  }
}

function placeIn(
  places: Places,
  container: unknown,
  key: Key | undefined,
  part: "key" | "value",
): Span {
  const inside = places.get(container);
  return (key === undefined ? undefined : inside?.children.get(key)?.[part]) ?? inside?.span ??
    START;
}

/** Walks the events and the resulting value side by side. Anything below `depth` has the position of its container. */
function placesOf(
  text: string,
  root: unknown,
  events: readonly Event[],
  depth: number,
): Places {
  const places = new Map<unknown, Inside>();
  // The first event opens the document.
  let at = 1;
  const walk = (value: unknown, level: number, holder: Inside): Span => {
    const event = events[at++];
    if (event?.type === EVENT_SCALAR) return scalarSpan(text, event);
    if (event?.type === EVENT_ALIAS) return { start: event.anchorStart - 1, end: event.anchorEnd };
    if (event?.type !== EVENT_MAPPING && event?.type !== EVENT_SEQUENCE) return START;
    if (level >= depth) {
      cover(places, value, holder);
      at = afterEnd(events, at);
      return holder.span;
    }
    const children = new Map<Key, Place>();
    let end = event.start + 1;
    for (let index = 0; events[at]?.type !== EVENT_POP; index++) {
      let name: Key = index;
      let key: Span | undefined;
      if (event.type === EVENT_MAPPING) {
        const keyEvent = events[at];
        if (keyEvent?.type !== EVENT_SCALAR) return START;
        name = getScalarValue(text, keyEvent);
        key = walk(undefined, level, holder);
      }
      const inside = key === undefined ? holder : { span: key, children: NONE };
      const found = walk((value as Record<Key, unknown>)[name], level + 1, inside);
      // An empty value has no text of its own: the key is the only place to point at.
      const own = found.end > found.start ? found : key ?? START;
      children.set(name, { key: key ?? own, value: own });
      end = Math.max(end, own.end);
    }
    at++;
    if (event.style === COLLECTION_STYLE_FLOW) {
      end = text.indexOf(event.type === EVENT_MAPPING ? "}" : "]", end) + 1;
    }
    const span = { start: event.start, end };
    places.set(value, { span, children });
    return span;
  };
  walk(root, 0, { span: START, children: NONE });
  return places;
}

/** The index after the end of the list or mapping whose first event in it is at `from`. */
function afterEnd(events: readonly Event[], from: number): number {
  let at = from;
  for (let open = 1; open > 0; at++) {
    const type = events[at]?.type;
    if (type === EVENT_POP) open--;
    else if (type === EVENT_MAPPING || type === EVENT_SEQUENCE) open++;
  }
  return at;
}

function scalarSpan(text: string, { style, valueStart, valueEnd }: ScalarEvent): Span {
  switch (style) {
    case SCALAR_STYLE_SINGLE_QUOTED:
    case SCALAR_STYLE_DOUBLE_QUOTED:
      return { start: valueStart - 1, end: valueEnd + 1 };
    case SCALAR_STYLE_LITERAL_BLOCK:
      return { start: text.lastIndexOf("|", valueStart), end: valueEnd };
    case SCALAR_STYLE_FOLDED_BLOCK:
      return { start: text.lastIndexOf(">", valueStart), end: valueEnd };
    default:
      return { start: valueStart, end: valueEnd };
  }
}
