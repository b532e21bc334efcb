/** Reads settings out of a tree with their types; every mistake is noted with its place, none stops the reading. */
import { didYouMean } from "../core/suggest.ts";
import { type ConfigNode, type ConfigProblems, type Place } from "./tree.ts";

const DURATION: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SIZE: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/**
 * One map of settings. Values may come from the environment, which only knows text: a text that spells a number or
 * `true` is taken where one is wanted.
 */
export class ConfigSection {
  readonly #node: ConfigNode;
  readonly #problems: ConfigProblems;
  readonly #path: string;
  readonly #known = new Set<string>();

  constructor(node: ConfigNode, problems: ConfigProblems, path: string = "") {
    this.#node = node;
    this.#problems = problems;
    this.#path = path;
    if (node.kind !== "map" && !isNull(node)) {
      problems.add(node, `${path} must be a map of settings, found ${described(node)}`);
    }
  }

  string(name: string, choices?: readonly string[]): string | undefined {
    const node = this.#take(name);
    if (node === undefined) return undefined;
    if (node.kind !== "value") return this.#wrong(name, node, "a text");
    const text = String(node.value);
    if (choices === undefined || choices.includes(text)) return text;
    return this.#wrong(name, node, `one of ${choices.join(", ")}`, didYouMean(text, choices));
  }

  /** Whole and above 0. */
  count(name: string): number | undefined {
    const node = this.#take(name);
    if (node === undefined) return undefined;
    const value = numeric(node);
    if (value !== undefined && Number.isSafeInteger(value) && value > 0) return value;
    return this.#wrong(name, node, "a whole number above 0");
  }

  boolean(name: string): boolean | undefined {
    const node = this.#take(name);
    if (node === undefined) return undefined;
    if (node.kind === "value" && String(node.value) === "true") return true;
    if (node.kind === "value" && String(node.value) === "false") return false;
    return this.#wrong(name, node, "true or false");
  }

  /** `30s`, `500ms`, `2m` or `1h`; in ms. A number alone is refused: some would mean seconds, others milliseconds. */
  duration(name: string): number | undefined {
    return this.#withUnit(name, DURATION, "a duration like 30s, 500ms, 2m or 1h", false);
  }

  /** `64MiB`, `256KiB` or a number of bytes; in bytes. */
  size(name: string): number | undefined {
    return this.#withUnit(name, SIZE, "a size like 64MiB, 256KiB or a number of bytes", true);
  }

  /**
   * A single text counts as a list of one; a text from the environment is split at commas. What `check` throws is noted at the
   * text's place.
   */
  strings(
    name: string,
    check: (text: string) => unknown = () => {},
  ): readonly string[] | undefined {
    const node = this.#take(name);
    if (node === undefined) return undefined;
    const checked = (text: string, at: Place): string => {
      try {
        check(text);
      } catch (error) {
        this.#problems.add(at, `${this.#name(name)}: ${messageOf(error)}`);
      }
      return text;
    };
    if (node.kind === "value") {
      return String(node.value).split(",").map((one) => one.trim()).filter((one) => one !== "")
        .map((one) => checked(one, node));
    }
    if (node.kind === "map") return this.#wrong(name, node, "a list");
    return node.items.flatMap((item) => {
      if (item.kind === "value" && item.unknown) return [];
      if (item.kind === "value" && item.value !== null) return [checked(String(item.value), item)];
      this.#problems.add(
        item,
        `an entry of ${this.#name(name)} must be a text, found ${described(item)}`,
      );
      return [];
    });
  }

  section(name: string): ConfigSection {
    const node = this.#take(name) ?? { kind: "map", entries: new Map(), line: 1, column: 1 };
    return new ConfigSection(node, this.#problems, this.#name(name));
  }

  sections(name: string): readonly ConfigSection[] {
    const node = this.#take(name);
    if (node === undefined) return [];
    if (node.kind !== "list") {
      this.#wrong(name, node, "a list");
      return [];
    }
    return node.items.map((item, index) =>
      new ConfigSection(item, this.#problems, `${this.#name(name)}[${index}]`)
    );
  }

  /** Whether anything stands there, be it wrong or not known. */
  has(name: string): boolean {
    const node = this.#node.kind === "map" ? this.#node.entries.get(name)?.node : undefined;
    return node !== undefined && (!isNull(node) || isUnknown(node));
  }

  /** Notes a mistake that only the caller can see, at the setting's place. */
  problem(name: string, message: string): void {
    const entry = this.#node.kind === "map" ? this.#node.entries.get(name) : undefined;
    this.#problems.add(entry?.node ?? this.#node, `${this.#name(name)} ${message}`);
  }

  /** Runs `read` and notes its failure at the setting's place. */
  checked<T>(name: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.problem(name, `is wrong: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Notes every setting that nobody asked for. Call it last. */
  done(): void {
    if (this.#node.kind !== "map") return;
    for (const [name, { key }] of this.#node.entries) {
      if (this.#known.has(name)) continue;
      const known = [...this.#known];
      this.#problems.add(
        key,
        `unknown setting ${this.#name(name)}.${didYouMean(name, known)} Known here: ${
          known.join(", ")
        }.`,
      );
    }
  }

  #withUnit(
    name: string,
    units: Readonly<Record<string, number>>,
    wanted: string,
    plainToo: boolean,
  ): number | undefined {
    const node = this.#take(name);
    if (node === undefined) return undefined;
    const plain = plainToo ? numeric(node) : undefined;
    if (plain !== undefined && plain > 0 && Number.isFinite(plain)) return Math.ceil(plain);
    const match = node.kind === "value"
      ? /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(String(node.value))
      : null;
    const unit = match?.[2] !== undefined && Object.hasOwn(units, match[2])
      ? units[match[2]]
      : undefined;
    const value = unit === undefined ? 0 : Math.ceil(Number(match?.[1]) * unit);
    return value > 0 ? value : this.#wrong(name, node, wanted);
  }

  #take(name: string): ConfigNode | undefined {
    this.#known.add(name);
    const node = this.#node.kind === "map" ? this.#node.entries.get(name)?.node : undefined;
    return node === undefined || isNull(node) ? undefined : node;
  }

  #name(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #wrong(name: string, node: ConfigNode & Place, wanted: string, hint: string = ""): undefined {
    const found = described(node) + (hint === "" ? "" : `.${hint}`);
    this.#problems.add(node, `${this.#name(name)} must be ${wanted}, found ${found}`);
    return undefined;
  }
}

function numeric(node: ConfigNode): number | undefined {
  if (node.kind !== "value") return undefined;
  if (typeof node.value === "number") return node.value;
  return typeof node.value === "string" && /^-?\d+(\.\d+)?$/.test(node.value)
    ? Number(node.value)
    : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isUnknown(node: ConfigNode): boolean {
  return node.kind === "value" && node.unknown === true;
}

function isNull(node: ConfigNode): boolean {
  return node.kind === "value" && node.value === null;
}

function described(node: ConfigNode): string {
  if (node.kind !== "value") return `a ${node.kind}`;
  if (node.value === null) return "nothing";
  // A secret that slipped into the wrong place must not be repeated in full.
  const text = String(node.value);
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 8)}…` : node.value);
}
