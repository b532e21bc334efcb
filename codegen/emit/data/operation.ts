/** One operation in the form that the runtime reads. */
import type {
  Accumulator,
  BodyForm,
  BodyModel,
  OperationModel,
  PageTarget,
  Pagination,
  ParameterModel,
  Selector,
  StreamModel,
} from "../../model/mod.ts";
import { authData, hookCode } from "./auth.ts";
import { errorClassName, ERRORS_FILE } from "../files/errors.ts";
import type { Digits } from "./digits.ts";
import { queryData } from "./query.ts";
import { Code, type Literal, PureExpression } from "../literal.ts";
import type { ConnectorPlan, OperationPlan } from "../plan.ts";
import {
  conditionsData,
  errorRuleData,
  optionalPath,
  pathData,
  policyData,
  streamConditions,
  templateData,
} from "./runtime.ts";
import type { Imports } from "../scope.ts";

export function operationData(
  plan: ConnectorPlan,
  operation: OperationPlan,
  digits: Digits,
  imports: Imports,
): Literal {
  const { model } = operation;
  const own = JSON.stringify(model.policy) === JSON.stringify(plan.model.policy)
    ? undefined
    : policyData(model.policy) ?? {};
  return {
    id: model.id,
    method: model.method,
    path: pathParts(model),
    server: model.server === "default" ? undefined : model.server,
    place: model.parameters.length === 0 ? undefined : new Code(imports.value("placeParameters")),
    parameters: model.parameters.length === 0
      ? undefined
      : model.parameters.map((parameter) => parameterData(parameter, digits, imports)),
    body: model.body === undefined ? undefined : bodyData(model.body, digits, imports),
    ...(model.query && queryData(model.query, model, imports)),
    accept: model.result.accept === "" ? undefined : model.result.accept,
    result: resultData(model, digits, imports),
    judge: judgesSuccess(plan, model) ? new Code(imports.value("judgeSuccess")) : undefined,
    select: optionalPath(model.result.select),
    stream: model.stream === undefined
      ? undefined
      : streamData(model, model.stream, plan, digits, imports),
    page: model.pagination === undefined ? undefined : pageData(model.pagination, imports),
    wait: model.waitFor === undefined ? undefined : waitData(plan, model.waitFor),
    idempotency: model.idempotency === undefined || isSafe(model.method) ? undefined : {
      header: model.idempotency.header,
      generate: model.idempotency.generate ? true : undefined,
    },
    policy: own,
    auth: model.auth === undefined ? undefined : authData(model.auth, plan.model, imports),
    headers: model.headers.length === 0
      ? undefined
      : model.headers.map(({ name, value }) => [name, templateData(value)]),
    errors: model.errors.length === 0 ? undefined : model.errors.map((rule) => {
      const name = errorClassName(plan, rule.className);
      return errorRuleData(rule, imports.local(ERRORS_FILE, name, "value"), digits, imports);
    }),
    onRequest: model.hooks.request === undefined
      ? undefined
      : new PureExpression(imports.value("requestHook"), [
        hookCode(model.hooks.request, plan.model, imports),
      ]),
    onResponse: model.hooks.response === undefined
      ? undefined
      : hookCode(model.hooks.response, plan.model, imports),
    usage: model.usage === undefined ? undefined : new PureExpression(imports.value("usage"), [{
      input: optionalPath(model.usage.input),
      output: optionalPath(model.usage.output),
      total: optionalPath(model.usage.total),
      cached: optionalPath(model.usage.cached),
    }]),
  };
}

/** Whether the body of a successful answer may still be an error. */
function judgesSuccess(plan: ConnectorPlan, model: OperationModel): boolean {
  return [...model.errors, ...plan.model.errors.rules].some(({ status }) =>
    status.some(({ from, to }) => (from < 300 && to >= 200) || (from <= 304 && to >= 304))
  );
}

const RESULTS = {
  json: "jsonResult",
  text: "textResult",
  binary: "binaryResult",
  none: "noResult",
} as const;

function resultData(model: OperationModel, digits: Digits, imports: Imports): Literal {
  const kind = model.method === "HEAD" ? "none" : model.result.kind;
  const own = kind === "json"
    ? digits.with("digitsResult", model.result.schema, imports)
    : undefined;
  const decoder = own ?? new Code(imports.value(RESULTS[kind]));
  return kind !== "none" && model.result.mayBeEmpty
    ? new PureExpression(imports.value("orNothing"), [decoder])
    : decoder;
}

const BODIES = {
  json: "jsonBody",
  form: "formBody",
  multipart: "multipartBody",
  binary: "binaryBody",
  text: "textBody",
} as const;
const FORMATS = {
  sse: "sse",
  ndjson: "ndjson",
  "json-seq": "jsonSequence",
  bytes: "byteChunks",
} as const;

function isSafe(method: OperationModel["method"]): boolean {
  return ["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"].includes(method);
}

/** Parameters by index, so that the runtime need not search them by name. */
function pathParts(model: OperationModel): Literal {
  if (!model.path.some((part) => part.kind === "param")) return model.pathText;
  return model.path.map((part) =>
    part.kind === "literal"
      ? part.text
      : model.parameters.findIndex((parameter) =>
        parameter.in === "path" && parameter.name === part.name
      )
  );
}

function parameterData(parameter: ParameterModel, digits: Digits, imports: Imports): Literal {
  const usual = parameter.in === "query" || parameter.in === "cookie" ? "form" : "simple";
  const isQuery = usual === "form";
  const isJson = parameter.style === "json" || parameter.style === "whole";
  const isNamed = isQuery && parameter.style === "json";
  const style = isJson ? (isNamed ? "jsonQuery" : "jsonText") : parameter.style;
  const own = isJson
    ? digits.with(isNamed ? "digitsQuery" : "digitsText", parameter.schema, imports)
    : undefined;
  return {
    name: parameter.name,
    wire: parameter.wire === parameter.name ? undefined : parameter.wire,
    in: parameter.in,
    required: parameter.required ? true : undefined,
    send: parameter.send as Literal,
    encode: own ?? (style === usual ? undefined : new Code(imports.value(style))),
    explode: parameter.explode === (style === "form" && isQuery) ? undefined : parameter.explode,
    allowReserved: parameter.allowReserved ? true : undefined,
  };
}

function bodyData(body: BodyModel, digits: Digits, imports: Imports): Literal {
  const { encode, contentType, ...rest } = formData(body, digits, imports);
  return {
    encode,
    contentType,
    required: body.required ? true : undefined,
    key: body.mode === "key" ? body.key : undefined,
    ...rest,
    others: body.alternatives.length === 0 ? undefined : Object.fromEntries(
      body.alternatives.map((one) => [one.contentType, formData(one, digits, imports)]),
    ),
  };
}

function formData(
  body: BodyForm,
  digits: Digits,
  imports: Imports,
): { readonly [key: string]: Literal } {
  const form = body.kind === "form" || body.kind === "multipart";
  const hasJson = form && (body.nested === "json" ||
    body.parts.some(({ contentType }) => contentType === "application/json"));
  const own = body.kind === "json" ? digits.with("digitsBody", body.schema, imports) : undefined;
  const of = (key: "contentType" | "arrays" | "headers"): Literal => {
    const stated = body.parts.filter((part) => part[key] !== undefined);
    return stated.length === 0
      ? undefined
      : Object.fromEntries(stated.map((part) => [part.property, part[key] as Literal]));
  };
  return {
    encode: own ?? new Code(imports.value(BODIES[body.kind])),
    contentType: body.contentType,
    nested: form && body.nested !== "brackets" ? body.nested : undefined,
    arrays: form && body.arrays !== "repeat" ? body.arrays : undefined,
    arraysOf: of("arrays"),
    parts: of("contentType"),
    partHeaders: of("headers"),
    json: hasJson ? digits.with("digitsForm", body.schema, imports) : undefined,
  };
}

const ACCEPT = {
  sse: "text/event-stream",
  ndjson: "application/x-ndjson",
  "json-seq": "application/json-seq",
  bytes: undefined,
} as const;

function streamData(
  model: OperationModel,
  stream: StreamModel,
  plan: ConnectorPlan,
  digits: Digits,
  imports: Imports,
): Literal {
  const { done } = stream;
  return {
    format: new Code(imports.value(FORMATS[stream.format])),
    when: conditionsData(streamConditions(model)),
    accept: stream.accept ?? ACCEPT[stream.format],
    done: done?.kind === "data"
      ? done.text
      : done?.kind === "item"
      ? conditionsData(done.when)
      : undefined,
    doneEvent: done?.kind === "event" ? done.event : undefined,
    events: stream.events.length === 0 ? undefined : [...stream.events],
    parse: stream.format === "bytes" ? undefined : digits.with("digitsJson", stream.item, imports),
    raw: stream.item.kind === "string" && stream.item.digits === undefined ? true : undefined,
    errorEvents: stream.errorEvents === undefined ? undefined : [...stream.errorEvents],
    errorMessage: optionalPath(stream.errorMessage),
    error: optionalPath(stream.error),
    errorWhen: conditionsData(stream.errorWhen),
    text: optionalPath(stream.text),
    textWhen: conditionsData(stream.textWhen ?? []),
    accumulate: stream.accumulate === undefined
      ? undefined
      : accumulateData(stream.accumulate, plan, imports),
  };
}

function accumulateData(accumulate: Accumulator, plan: ConnectorPlan, imports: Imports): Literal {
  switch (accumulate.style) {
    case "merge":
      return new PureExpression(imports.value("merge"), [{
        join: accumulate.concat.length === 0 ? undefined : joinsData(accumulate.concat),
        index: accumulate.index,
        rename: accumulate.rename.length === 0
          ? undefined
          : accumulate.rename.map(({ from, to }) => [from, to]),
        set: accumulate.set.length === 0
          ? undefined
          : Object.fromEntries(accumulate.set.map(({ key, value }) => [key, value as Literal])),
      }]);
    case "event":
      return new PureExpression(imports.value("eventResult"), [
        conditionsData(accumulate.when) ?? [],
        pathData(accumulate.take),
      ]);
    case "rules":
      return new PureExpression(imports.value("rules"), [
        accumulate.rules.map((rule) => ({
          when: conditionsData(rule.when) ?? [],
          action: rule.action,
          target: pathData(rule.target),
          from: optionalPath(rule.from),
        })),
      ]);
    case "hook":
      return new PureExpression(imports.value("hookResult"), [
        hookCode(accumulate.hook, plan.model, imports),
      ]);
  }
}

/** The selectors as a tree: shorter, and followed while an item is merged. */
function joinsData(selectors: readonly Selector[]): Literal {
  const root: Record<string, Literal> = {};
  for (const selector of selectors) {
    const path = selector.segments.map((one) =>
      one.kind === "key" ? one.key : one.kind === "index" ? String(one.index) : "*"
    );
    let at = root;
    path.forEach((segment, place) => {
      const own = Object.hasOwn(at, segment) ? at[segment] : undefined;
      // What is joined as a whole has no places of its own.
      if (own === true) return;
      if (place === path.length - 1) at[segment] = true;
      else at = (at[segment] = own ?? {}) as typeof root;
    });
  }
  return root;
}

function targetData(target: PageTarget): Literal {
  return target.kind === "parameter" ? target.name : [...target.path];
}

function pageData(page: Pagination, imports: Imports): Literal {
  return {
    items: pathData(page.items),
    next: nextData(page, imports),
    sameOrigin: "sameOrigin" in page && page.sameOrigin ? true : undefined,
    stopOnEmpty: page.stopOnEmpty === true ? true : undefined,
    maxPages: page.maxPages,
  };
}

function nextData(page: Pagination, imports: Imports): Literal {
  switch (page.style) {
    case "link-header":
      return new PureExpression(imports.value("linkHeader"), [page.rel]);
    case "next-url":
      return new PureExpression(imports.value("nextUrl"), [pathData(page.next)]);
    case "cursor":
      return new PureExpression(imports.value("cursor"), [{
        target: targetData(page.target),
        body: page.next.kind === "body" ? pathData(page.next.selector) : undefined,
        header: page.next.kind === "header" ? page.next.header : undefined,
        lastItem: page.next.kind === "lastItem" ? pathData(page.next.selector) : undefined,
        more: optionalPath(page.more),
      }]);
    case "offset":
    case "page":
      return new PureExpression(imports.value(page.style === "offset" ? "offset" : "pageNumber"), [{
        target: targetData(page.target),
        start: page.start,
        pages: page.style === "page" ? optionalPath(page.pages) : undefined,
        total: optionalPath(page.total),
        more: optionalPath(page.more),
        size: page.size === undefined ? undefined : targetData(page.size),
      }]);
    case "single":
      return new Code(imports.value("single"));
  }
}

function waitData(plan: ConnectorPlan, wait: NonNullable<OperationModel["waitFor"]>): Literal {
  const poll = plan.operations.find((operation) => operation.model.id === wait.operation);
  return {
    poll: new Code(`() => ${poll?.dataName}`),
    input: wait.input.map(({ name, from, value }) => ({
      name,
      from: optionalPath(from),
      value: value as Literal,
    })),
    until: conditionsData(wait.until) ?? [],
    failed: conditionsData(wait.failed),
    intervalMs: wait.intervalMs,
    maxIntervalMs: wait.maxIntervalMs,
    result: optionalPath(wait.result),
  };
}
