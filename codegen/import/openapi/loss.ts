/** What an import could not carry over, or had to change: reported once per kind and place. */

export type LossKind =
  | "auth"
  | "body"
  | "callback"
  | "conversion"
  | "default"
  | "discriminator"
  | "keyword"
  | "name"
  | "operation"
  | "overlay"
  | "parameter"
  | "pattern"
  | "reference"
  | "result"
  | "schema"
  | "server"
  | "stream"
  | "webhook";

export interface Loss {
  readonly kind: LossKind;
  /** An operation (`GET /items`), or a type (`types.Item`), or a part of the document. */
  readonly where: string;
  readonly message: string;
}

export interface ImportReport {
  /** In the order of the document. */
  readonly losses: readonly Loss[];
  readonly operations: number;
  readonly types: number;
  /** Left out by `include` and `exclude`. */
  readonly filtered: number;
}

export class Losses {
  readonly list: Loss[] = [];
  readonly #seen = new Set<string>();

  /** `earlier`: what is known already. */
  constructor(earlier: readonly Loss[] = []) {
    for (const { kind, where, message } of earlier) this.add(kind, where, message);
  }

  add(kind: LossKind, where: string, message: string): void {
    const identity = `${kind}\n${where}\n${message}`;
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    this.list.push({ kind, where, message });
  }
}

export function lossCount(losses: readonly unknown[]): string {
  const things = losses.length === 1 ? "1 thing was" : `${losses.length} things were`;
  return `${things} changed or could not be carried over`;
}

/** For the terminal and for a file beside the spec. */
export function formatImportReport(report: ImportReport): string {
  const { losses, operations, types, filtered } = report;
  const lines = [
    `${operations} operations and ${types} types imported, ${filtered} operations left out.`,
  ];
  if (losses.length > 0) {
    lines.push("", `${lossCount(losses)}:`);
  }
  const kinds = [...new Set(losses.map((loss) => loss.kind))].sort();
  for (const kind of kinds) {
    const own = losses.filter((loss) => loss.kind === kind);
    lines.push(
      "",
      `${kind} (${own.length})`,
      ...own.map((loss) => `  ${loss.where}: ${loss.message}`),
    );
  }
  return lines.join("\n") + "\n";
}
