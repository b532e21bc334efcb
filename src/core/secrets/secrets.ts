/** The secrets in use, and the one place that removes them from errors. */
import { patternsOf } from "./forms.ts";

const REMOVED = "[redacted]";
/** Tokens come and go: the oldest are forgotten first. */
const MAX_PASSING = 64;

/** Knows the configured secrets for good, others for a while, and both in every form that others may repeat. */
export class Secrets {
  readonly #lasting: ReadonlySet<string>;
  readonly #rest: Secrets | undefined;
  readonly #passing = new Set<string>();
  #patterns: readonly RegExp[] | undefined;

  constructor(lasting: Iterable<string> = [], rest?: Secrets) {
    this.#lasting = new Set(lasting);
    this.#rest = rest;
  }

  /** Adds one that was just made or issued. */
  add(secret: string): void {
    // The newest goes to the end.
    const known = this.#passing.delete(secret);
    this.#passing.add(secret);
    if (known) return;
    this.#patterns = undefined;
    if (this.#passing.size <= MAX_PASSING) return;
    for (const oldest of this.#passing) {
      this.#passing.delete(oldest);
      return;
    }
  }

  /** These secrets and more. */
  with(more: readonly string[]): Secrets {
    const fresh = more.filter((one) => !this.#lasting.has(one) && !this.#passing.has(one));
    return fresh.length === 0 ? this : new Secrets(fresh, this);
  }

  /** The text with every secret, in every form, replaced. */
  redact(text: string): string {
    // Longest first: one secret may be part of another.
    this.#patterns ??= [...new Set([...this.#lasting, ...this.#passing])]
      .sort((a, b) => b.length - a.length).flatMap(patternsOf);
    let clean = text;
    for (const pattern of this.#patterns) clean = clean.replace(pattern, REMOVED);
    return this.#rest?.redact(clean) ?? clean;
  }

  /**
   * The same value without secrets: errors are changed in place, with their causes, to keep their identity; plain data that
   * contains a secret is copied.
   */
  clean<T>(value: T): T {
    return this.#clean(value, new Map()) as T;
  }

  #clean(value: unknown, seen: Map<object, unknown>): unknown {
    if (typeof value === "string") return this.redact(value);
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Error) return this.#error(value, seen);
    return isPlain(value) ? this.#copy(value, seen) : value;
  }

  #error(error: Error, seen: Map<object, unknown>): unknown {
    const before = seen.get(error);
    if (before !== undefined) return before;
    seen.set(error, error);
    const fields = error as unknown as Record<PropertyKey, unknown>;
    // Not all runtimes list the first three among an error's own properties.
    for (const key of new Set(["message", "stack", "cause", ...Reflect.ownKeys(error)])) {
      const value = fields[key];
      const clean = this.#clean(value, seen);
      if (clean === value || Reflect.set(error, key, clean)) continue;
      // One that cannot be changed, such as a DOMException, is replaced by an equivalent error.
      const other = Object.assign(new Error(this.redact(error.message)), { name: error.name });
      seen.set(error, other);
      return other;
    }
    return error;
  }

  /** Without recursion: answers may be nested to any depth. */
  #copy(root: object, seen: Map<object, unknown>): object {
    const copies = new Map<object, object>();
    let changed = false;
    const copyOf = (value: object): object => {
      const made = copies.get(value) ?? (Array.isArray(value) ? [] : {});
      copies.set(value, made);
      return made;
    };
    const top = copyOf(root);
    for (const [from, to] of copies) {
      for (const [key, value] of Object.entries(from)) {
        const name = this.redact(key);
        const clean = isPlain(value) ? copyOf(value) : this.#clean(value, seen);
        changed ||= name !== key || (clean !== value && !isPlain(value));
        // Assigning __proto__ would change the object instead of its content.
        Object.defineProperty(to, name, { ...OPEN, value: clean });
      }
    }
    return changed ? top : root;
  }
}

const OPEN = { writable: true, enumerable: true, configurable: true };

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
