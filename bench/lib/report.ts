/** What a benchmark returns, and how it is shown. */
import { table } from "./table.ts";

export interface Figure {
  /** What was measured: `GET, 64 in flight, unix`. */
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "µs" | "k/s" | "MB" | "KB" | "×" | "";
  /** The target in the design. */
  readonly target?: Target | undefined;
}

export interface Target {
  readonly is: "at least" | "at most";
  readonly value: number;
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

export function toMarkdown({ benchmark, figures }: Report): string {
  const rows = [HEAD, ["---", "---:", "---:", "---"], ...figures.map(row)];
  return [`### ${benchmark}`, "", ...rows.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}
