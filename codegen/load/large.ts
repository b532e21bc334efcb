/**
 * Large YAML: the fast parser, whose events also have positions. It leaves aliases, anchors and tags to the full
 * parser, which limits their expansion, and also anything invalid, because the full parser explains mistakes better.
 */
import {
  COLLECTION_STYLE_FLOW,
  constructFromEvents,
  CORE_SCHEMA,
  type Event,
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
import type { Key, SourceDocument, Span } from "./source.ts";

const PARSE = { maxDepth: 500 };
/** `operations`, and the operations in it. */
const ENTRY_DEPTH = 2;

export interface LargeYaml {
  readonly value: unknown;
  readonly events: readonly Event[];
}

/** Undefined: the full parser must read the text. */
export function parseLargeYaml(
  text: string,
  { uniqueKeys }: { readonly uniqueKeys: boolean },
): LargeYaml | undefined {
  try {
    const events = parseEvents(text, PARSE);
    if (!isSimple(text, events)) return undefined;
    const documents = constructFromEvents(events, {
      source: text,
      schema: CORE_SCHEMA,
      json: !uniqueKeys,
    });
    return documents.length === 1 ? { value: documents[0], events } : undefined;
  } catch (error) {
    if (error instanceof YAMLException) return undefined;
    throw error;
  }
}

/** True if keys are only strings and nothing refers to another place. */
function isSimple(text: string, events: readonly Event[]): boolean {
  /** For each open container: whether a key comes next; undefined in a list. */
  const open: (boolean | undefined)[] = [];
  for (const event of events) {
    if (event.type === EVENT_POP) {
      open.pop();
      continue;
    }
    if (event.type === EVENT_DOCUMENT) {
      if (event.directives.length > 0) return false;
      open.push(undefined);
      continue;
    }
    if (!("tagStart" in event) || event.tagStart >= 0 || event.anchorStart >= 0) return false;
    const isKey = open.at(-1);
    if (isKey !== undefined) open[open.length - 1] = !isKey;
    if (isKey === true && (event.type !== EVENT_SCALAR || !isTextKey(text, event))) return false;
    if (event.type !== EVENT_SCALAR) open.push(event.type === EVENT_MAPPING ? true : undefined);
  }
  return true;
}

/** `200:` means the string. The full parser handles other keys that are not strings. */
const WHOLE = /^(?:0|[1-9]\d{0,14})$/;
const NO_TEXT =
  /^(?:~?|null|true|false|[-+]?(?:\.?\d[\d.]*(?:e[-+]?\d+)?|0[xo][\da-f]+|\.(?:inf|nan)))$/i;

function isTextKey(text: string, { style, valueStart, valueEnd }: ScalarEvent): boolean {
  if (style !== SCALAR_STYLE_PLAIN) return true;
  const key = text.slice(valueStart, valueEnd);
  return WHOLE.test(key) || !NO_TEXT.test(key);
}

interface Place {
  readonly key: Span;
  readonly value: Span;
}

/** The position of a list or mapping, and of its children. */
interface Inside {
  readonly span: Span;
  readonly children: ReadonlyMap<Key, Place>;
}

type Places = ReadonlyMap<unknown, Inside>;

const START: Span = { start: 0, end: 1 };
const NONE: Inside["children"] = new Map();

export class LargeDocument implements SourceDocument {
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
  /** Position of an entry such as an operation or type, used for everything in it. Small, as all are kept. */
  readonly #entries: Places;
  #all: Places | undefined;

  constructor(path: string, text: string, { value, events }: LargeYaml) {
    this.path = path;
    this.text = text;
    this.value = value;
    this.#entries = placesOf(text, value, events, ENTRY_DEPTH);
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
    if (event?.type !== EVENT_MAPPING && event?.type !== EVENT_SEQUENCE) return START;
    const children = new Map<Key, Place>();
    if (level >= depth) places.set(value, holder);
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
      const inside = key === undefined || level >= depth ? holder : { span: key, children: NONE };
      const found = walk((value as Record<Key, unknown>)[name], level + 1, inside);
      // An empty value has no text of its own: the key is the only place to point at.
      const own = found.end > found.start ? found : key ?? START;
      if (level < depth) children.set(name, { key: key ?? own, value: own });
      end = Math.max(end, own.end);
    }
    at++;
    if (event.style === COLLECTION_STYLE_FLOW) {
      end = text.indexOf(event.type === EVENT_MAPPING ? "}" : "]", end) + 1;
    }
    const span = { start: event.start, end };
    if (level < depth) places.set(value, { span, children });
    return span;
  };
  walk(root, 0, { span: START, children: NONE });
  return places;
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
