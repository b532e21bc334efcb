/** Names of one generated connector, and the imports of one of its files. */

/** Exported names of the connector; each is used once. */
export class ExportNames {
  readonly #taken = new Set<string>();

  /** The name itself, or with underscores if it is taken. */
  claim(wanted: string): string {
    let name = wanted;
    while (this.#taken.has(name)) name += "_";
    this.#taken.add(name);
    return name;
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }
}

interface Used {
  readonly local: string;
  value: boolean;
}

/** What a file imports. Runtime names that the connector uses itself are imported under another name. */
export class Imports {
  readonly #names: ExportNames;
  readonly #modules = new Map<string, Map<string, Used>>();
  readonly #runtime: string;

  constructor(names: ExportNames, runtime: string) {
    this.#names = names;
    this.#runtime = runtime;
  }

  /** A function or class of the runtime. */
  value(name: string): string {
    return this.#use(this.#runtime, name, true, this.#names.has(name));
  }

  /** A type of the runtime. */
  type(name: string): string {
    return this.#use(this.#runtime, name, false, this.#names.has(name));
  }

  /** A name from another file: a generated one of the same connector, or one with hooks. */
  local(module: string, name: string, kind: "value" | "type", alias = false): string {
    return this.#use(module, name, kind === "value", alias);
  }

  #use(module: string, name: string, value: boolean, clashes: boolean): string {
    const names = this.#modules.get(module) ?? new Map<string, Used>();
    this.#modules.set(module, names);
    const before = names.get(name);
    if (before !== undefined) {
      before.value ||= value;
      return before.local;
    }
    const local = clashes ? this.#free(`${name}_`) : name;
    names.set(name, { local, value });
    return local;
  }

  #free(wanted: string): string {
    let name = wanted;
    while (this.#names.has(name)) name += "_";
    return name;
  }

  /** Sorted, so that the order of use does not matter. */
  lines(): string[] {
    const modules = [...this.#modules].sort(([a], [b]) => order(rank(a) + a, rank(b) + b));
    return modules.map(([module, names]) => {
      const used = [...names].sort(([a], [b]) => order(a, b));
      const typesOnly = used.every(([, { value }]) => !value);
      const parts = used.map(([name, { local, value }]) =>
        (typesOnly || value ? "" : "type ") + (name === local ? name : `${name} as ${local}`)
      );
      const head = typesOnly ? "import type" : "import";
      const line = `${head} { ${parts.join(", ")} } from ${JSON.stringify(module)};`;
      return line.length <= WIDTH
        ? line
        : `${head} {${fill(parts)}\n} from ${JSON.stringify(module)};`;
    });
  }
}

const WIDTH = 116;

/** As many per line as fit. */
function fill(parts: readonly string[]): string {
  let text = "";
  let column = WIDTH;
  for (const part of parts) {
    const fits = column + part.length + 2 <= WIDTH;
    text += fits ? ` ${part},` : `\n  ${part},`;
    column = (fits ? column + 1 : 2) + part.length + 1;
  }
  return text;
}

function rank(module: string): string {
  return module.startsWith("./") ? "1" : "0";
}

/** By code units: the order of a locale differs between machines. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
