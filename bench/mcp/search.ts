/** Whether an agent finds the right operation, and learns what it gives. */
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { createCatalog, documentOf } from "../../src/mcp/catalog/catalog.ts";
import { outputSchema } from "../../src/mcp/schema/output.ts";
import { createSearchIndex, type SearchIndex } from "../../src/mcp/search/search_index.ts";
import { firstSentence } from "../../src/mcp/search/words.ts";
import type { Figure } from "../lib/report.ts";

const FOUND_AMONG = 10;

interface Recall {
  readonly recall: number;
  /** Of a search that knows everything: where many operations begin with the same sentence, it finds ten of them. */
  readonly best: number;
}

/** How often the operation whose description begins with a sentence is among the first ten for that sentence. */
export function recallOf(definition: ConnectorDefinition, withSentence: boolean): Recall {
  const { entries } = createCatalog([definition]);
  const documents = entries.map(documentOf);
  const index: SearchIndex = createSearchIndex(
    withSentence
      ? documents
      : documents.map((document) => ({ ...document, firstSentence: "", doc: "" })),
  );
  const same = new Map<string, number>();
  let queries = 0;
  let found = 0;
  entries.forEach(({ operation: { doc } }, place) => {
    const query = firstSentence(doc ?? "");
    if (query === "") return;
    queries++;
    same.set(query, (same.get(query) ?? 0) + 1);
    if (index.find(query, FOUND_AMONG).includes(place)) found++;
  });
  const possible = [...same.values()].reduce((sum, count) => sum + Math.min(count, FOUND_AMONG), 0);
  return { recall: found / queries, best: possible / queries };
}

export function searchFigures(name: string, definition: ConnectorDefinition): Figure[] {
  const { recall, best } = recallOf(definition, true);
  const count = definition.operations.length;
  return [{
    name: `${name}, ${count} operations: recall@10 of ${best.toFixed(3)} possible`,
    value: recall,
    unit: "",
  }, {
    name: `${name}: recall@10, part of what is possible`,
    value: recall / best,
    unit: "",
    target: { is: "at least", value: 0.95 },
  }];
}

export function schemaFigure(name: string, definition: ConnectorDefinition): Figure {
  const declared = definition.operations.filter(({ result }) => result.kind !== "none");
  const described = declared.filter((operation) => outputSchema(operation) !== undefined);
  return {
    name: `${name}: operations with a result that have an output schema`,
    value: described.length / declared.length,
    unit: "",
    target: { is: "at least", value: 1 },
  };
}
