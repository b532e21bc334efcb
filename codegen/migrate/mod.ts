/** Migrates a spec from an older version of the format to the current one, keeping comments and layout. */
import { type Document, isMap, parseDocument } from "yaml";
import { invalidRequest } from "../../src/core/errors.ts";

/** A step from one version to the next. */
export interface MigrationStep {
  /** The version that the step reads; it writes the next one. */
  readonly from: number;
  /** What it does, for the user: `renames "timeout" to "timeouts"`. */
  readonly title: string;
  /** Changes the document in place. The number of the format is set afterwards. */
  apply(document: Document): void;
}

/** The version that this program reads. */
export const FORMAT = 1;

/** In order. Version 1 is the first, so there are no steps yet. */
const STEPS: readonly MigrationStep[] = [];

export interface Migration {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Titles of the steps taken; empty if the spec is in the current format. */
  readonly taken: readonly string[];
}

/** Throws an InvalidRequest `migrate.syntax`, `migrate.no_format` or `migrate.newer`. */
export function migrateSpec(
  path: string,
  text: string,
  steps: readonly MigrationStep[] = STEPS,
  to: number = FORMAT,
): Migration {
  const document = parseDocument(text);
  const [mistake] = document.errors;
  if (mistake !== undefined || !isMap(document.contents)) {
    const where = mistake?.linePos === undefined ? "" : `:${mistake.linePos[0].line}`;
    throw invalidRequest(
      "migrate.syntax",
      `${path}${where} cannot be read as YAML: \`vastar spec check\` says why.`,
    );
  }
  const from: unknown = document.get("connector");
  if (typeof from !== "number" || !Number.isInteger(from) || from < 1) {
    const found = from === undefined
      ? "has no `connector:` line"
      : `says \`connector: ${String(from)}\``;
    throw invalidRequest(
      "migrate.no_format",
      `${path} ${found}, so its format is not known: add \`connector: ${to}\` if it is a connector spec.`,
    );
  }
  if (from > to) {
    throw invalidRequest(
      "migrate.newer",
      `${path} is in format ${from} and this version knows formats up to ${to}: update @vastar/connector.`,
    );
  }
  const due = steps.filter((step) => step.from >= from && step.from < to);
  if (from === to) return { text, from, to, taken: [] };
  for (const step of due) step.apply(document);
  document.set("connector", to);
  return {
    text: document.toString({ lineWidth: 0, flowCollectionPadding: true }),
    from,
    to,
    taken: due.map((step) => step.title),
  };
}
