/** What a benchmark returns, and how it is shown. */
import { table } from "./table.ts";

export interface Figure {
  /** What was measured: `GET, 64 in flight, unix`. */
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "µs" | "ns" | "k/s" | "MB" | "KB" | "×" | "";
  /** The target in the design. */
  readonly target?: Target | undefined;
}

export interface Target {
  readonly is: "at least" | "at most";
  readonly value: number;
  /** Where it is not met: why, and what was tried. */
  readonly missed?: string;
}

export interface Report {
  readonly benchmark: string;
  readonly figures: readonly Figure[];
}

export interface Environment {
  readonly runtime: string;
  readonly cores: number;
  readonly cpu: string;
  readonly rounds: number;
}

export function meets({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return target.is === "at least" ? value >= target.value : value <= target.value;
}

function format(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

function row(figure: Figure): string[] {
  const { name, value, unit, target } = figure;
  const wanted = target === undefined
    ? ""
    : `${target.is === "at least" ? "≥" : "≤"} ${target.value} ${unit}`;
  const met = meets(figure);
  return [
    name,
    `${format(value)} ${unit}`.trim(),
    wanted,
    met === undefined ? "" : met ? "yes" : "no",
  ];
}

const HEAD = ["figure", "measured", "target", "met"];

export function toText({ benchmark, figures }: Report): string {
  return `${benchmark}\n${table([HEAD, ...figures.map(row)])}`;
}

/** The table, and below it why what was not met was not. */
export function toMarkdown({ benchmark, figures }: Report): string {
  const rows = [HEAD, ["---", "---:", "---:", "---"], ...figures.map(row)];
  const reasons = new Map<string, string[]>();
  for (const figure of figures) {
    const missed = figure.target?.missed;
    if (missed === undefined || meets(figure) !== false) continue;
    reasons.set(missed, [...reasons.get(missed) ?? [], figure.name]);
  }
  const lines = [`### ${benchmark}`, "", ...rows.map((cells) => `| ${cells.join(" | ")} |`)];
  if (reasons.size > 0) lines.push("", "Not met:", "");
  for (const [reason, names] of reasons) lines.push(`- ${names.join("; ")}: ${reason}.`);
  return lines.join("\n");
}

/**
 * The sections of a document's figures, with those of the reports in their places, each with the machine that it was measured on.
 * `order`: of all that there can be.
 */
export function withReports(
  figures: string,
  reports: readonly Report[],
  order: readonly string[],
  machine: string,
): string {
  const sections = new Map<string, string>();
  for (const section of figures.split(/^(?=### )/m)) {
    const name = /^### (\S+)/.exec(section)?.[1];
    if (name !== undefined) sections.set(name, section.trim());
  }
  for (const report of reports) {
    const [heading = "", ...rest] = toMarkdown(report).split("\n");
    sections.set(report.benchmark, [heading, "", machine, ...rest].join("\n"));
  }
  return order.map((name) => sections.get(name)).filter((section) => section !== undefined)
    .join("\n\n");
}
