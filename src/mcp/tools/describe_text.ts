/** What a model reads of an operation. */
import type { OperationDefinition } from "../../connector/definition/definition.ts";
import { firstSentence, plainText } from "../search/words.ts";

const MAX_DOC = 1_000;

export function descriptionOf(operation: OperationDefinition): string {
  const { summary, doc = "", deprecated, stream } = operation;
  const plain = plainText(doc);
  const text = plain.length > MAX_DOC ? `${plain.slice(0, MAX_DOC)}…` : plain;
  return [
    ...(summary === undefined ? [] : [plainText(summary)]),
    ...(text === "" || text === summary ? [] : [text]),
    ...(stream === undefined ? [] : [streamText(stream.when)]),
    ...(deprecated === undefined || deprecated === false
      ? []
      : [`Deprecated${typeof deprecated === "string" ? `: ${deprecated}` : "."}`]),
  ].join("\n") || `${operation.method} ${operation.path}`;
}

function streamText(when: NonNullable<OperationDefinition["stream"]>["when"]): string {
  const asked = when.map(({ path, oneOf }) =>
    `${path.join(".")} is ${oneOf.map((value) => JSON.stringify(value)).join(" or ")}`
  );
  return `Streams${
    asked.length === 0 ? "" : ` when ${asked.join(" and ")}`
  }: what comes is reported as progress, the sum is the result.`;
}

/** One line for a list of hits. */
export function lineOf({ summary, doc = "", method, path }: OperationDefinition): string {
  const text = plainText(summary ?? "") || firstSentence(doc) || `${method} ${path}`;
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}
