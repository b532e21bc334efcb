/** What was sent, for whoever wants to send it from elsewhere. */
import { allHold } from "../../core/rules/condition.ts";
import type { BodyAlternative } from "../../connector/definition/definition.ts";
import type { OperationDescription } from "../../worker/describe.ts";
import { filesIn } from "../form/text.ts";

export interface Subject {
  /** Of the worker, with a slash at its end. */
  readonly base: string;
  /** Whether the worker asks for a key. The key itself is in no code. */
  readonly keyed: boolean;
  readonly operation: OperationDescription;
  readonly input: unknown;
  /** The chosen form of the body, where there is a choice. */
  readonly form?: BodyAlternative | undefined;
}

export function callUrl({ base, operation: { connector, id } }: Subject): string {
  return `${base}connectors/${connector}/${id}`;
}

export function hasFiles({ input }: Subject): boolean {
  return filesIn(input).size > 0;
}

/** Whether the input asks for a stream. */
export function streams({ operation: { stream, body }, input }: Subject): boolean {
  const asked = body?.key === undefined || typeof input !== "object" || input === null
    ? input
    : (input as Record<string, unknown>)[body.key];
  return stream !== undefined &&
    stream.when.every((one) =>
      allHold([{ path: one.path, oneOf: one.oneOf as (string | number | boolean | null)[] }], asked)
    );
}
