/** The model's data in the form that the runtime reads. */
import type {
  Condition,
  ErrorRule,
  OperationModel,
  PolicyModel,
  Selector,
  SelectorSegment,
  Template,
} from "../../model/mod.ts";
import { Code, type Literal } from "../literal.ts";
import type { Imports } from "../scope.ts";
import type { Digits } from "./digits.ts";

export function templateData(template: Template): Literal {
  return template.map((part) =>
    part.kind === "literal" ? part.text : {
      get: [part.root, ...part.path],
      optional: part.optional ? true : undefined,
      or: part.fallback,
    }
  );
}

/** Keys and indices; `[*]` only where the runtime accepts null for it. */
export function pathData(selector: Selector): Literal {
  return selector.segments.map(segmentData);
}

export function optionalPath(selector: Selector | undefined): Literal {
  return selector === undefined ? undefined : pathData(selector);
}

function segmentData(segment: SelectorSegment): Literal {
  switch (segment.kind) {
    case "key":
      return segment.key;
    case "index":
      return segment.index;
    case "each":
      return null;
    case "lookup":
      return { at: pathData(segment.selector) };
  }
}

export function conditionData({ selector, oneOf }: Condition): Literal {
  return { path: pathData(selector), oneOf: [...oneOf] };
}

/** When an operation streams, by the input as the caller gives it. */
export function streamConditions({ stream, body }: OperationModel): readonly Condition[] {
  return (stream?.when ?? []).map(({ selector, oneOf }) => {
    if (selector.root === "input" || body?.mode !== "key") return { selector, oneOf };
    const segments: SelectorSegment[] = [{ kind: "key", key: body.key }, ...selector.segments];
    return { selector: { ...selector, segments }, oneOf };
  });
}

/** Undefined for none. */
export function conditionsData(conditions: readonly Condition[]): Literal {
  return conditions.length === 0 ? undefined : conditions.map(conditionData);
}

export function errorRuleData(
  rule: ErrorRule,
  className: string,
  digits: Digits,
  imports: Imports,
): Literal {
  const parse = digits.with("digitsJson", rule.schema, imports);
  return {
    error: new Code(className),
    status: rule.status.length === 0
      ? undefined
      : rule.status.map(({ from, to }) => from === to ? from : [from, to]),
    body: conditionsData(parse === undefined ? rule.body : rule.body.map(orNumber)),
    headers: rule.headers.length === 0
      ? undefined
      : rule.headers.map(({ name, oneOf }) => ({ name, oneOf: [...oneOf] })),
    retry: rule.retry === "default" ? undefined : rule.retry,
    message: optionalPath(rule.message),
    parse,
  };
}

/** The rule is found before the body is read as its type says. */
function orNumber({ selector, oneOf }: Condition): Condition {
  const both = oneOf.flatMap((one) =>
    typeof one === "string" && /^-?\d{1,15}$/.test(one) ? [one, Number(one)] : [one]
  );
  return { selector, oneOf: both };
}

/** Undefined if it is empty. */
export function policyData(policy: PolicyModel): Literal {
  const { timeout, retry, hedge, rateLimit } = policy;
  const data = {
    timeoutMs: timeout.totalMs,
    connectTimeoutMs: timeout.connectMs,
    firstByteTimeoutMs: timeout.firstByteMs,
    idleTimeoutMs: timeout.idleMs,
    // The spec says that repeating is harmless, whatever the method.
    idempotent: retry?.unsafe === "always" ? true : undefined,
    retry: retry as Literal,
    hedge: hedge as Literal,
    rateLimit: rateLimit as Literal,
  };
  return Object.values(data).every((value) => value === undefined) ? undefined : data;
}
