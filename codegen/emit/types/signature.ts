/** An operation's signature: its overloads, for the function and the class member. */
import { Writer } from "../writer.ts";
import type { ExampleModel, OperationModel, Schema } from "../../model/mod.ts";
import { credentialText } from "../credentials.ts";
import { streamConditions } from "../data/runtime.ts";
import type { Doc } from "../doc.ts";
import { Code, type Literal, quote, writeLiteral } from "../literal.ts";
import { type ConnectorPlan, type OperationPlan, resultSchema } from "../plan.ts";
import { withBigints } from "../../model/types/bigints.ts";
import { schemaAt, typesOf } from "../../model/types/resolve.ts";
import type { Imports } from "../scope.ts";
import { type TypeScope, typeText } from "./type_writer.ts";
import { TYPES_FILE } from "../files/types.ts";

/** `call`, `stream`, `callOrStream`, `pages` or `waitable`. */
export type Maker = "call" | "stream" | "callOrStream" | "pages" | "waitable";

export interface Overload {
  /** Type of the input. */
  readonly input: string;
  /** False where the call may do without. */
  readonly needsInput: boolean;
  readonly returns: string;
  /** `options?: CallOptions`. */
  readonly options: string;
}

export interface Signature {
  readonly maker: Maker;
  readonly overloads: readonly Overload[];
  /** Accepts the input of any overload. */
  readonly implementation: Overload;
}

export function makerOf(model: OperationModel): Maker {
  if (model.stream !== undefined) return model.stream.when.length === 0 ? "stream" : "callOrStream";
  if (model.pagination !== undefined) return "pages";
  return model.waitFor === undefined ? "call" : "waitable";
}

export function signature(
  plan: ConnectorPlan,
  operation: OperationPlan,
  imports: Imports,
): Signature {
  const { model } = operation;
  const maker = makerOf(model);
  const response = types(plan, imports, "response");
  const local = (name: string): string => imports.local(TYPES_FILE, name, "type");
  const input = inputType(plan, operation, imports);
  const value = operation.resultName === undefined
    ? resultText(resultSchema(plan.model, model), model, response)
    : local(operation.resultName) + (model.result.mayBeEmpty ? " | undefined" : "");
  const streamed = streamType(operation, response, local, plan);
  const options = optionsParameter(operation, imports);
  const needsInput = operation.inputRequired;
  const general = (text: string): Overload => ({ input, needsInput, returns: text, options });
  const call = (): string => `${imports.type("Call")}<${value}>`;
  const others = otherOverloads(operation, imports);
  const all = (returns: string): Pick<Signature, "overloads" | "implementation"> => {
    const main = general(returns);
    return {
      overloads: [main, ...others.map((one) => ({ ...one, needsInput: true, returns }))],
      implementation: implementation(operation, imports, main, others),
    };
  };
  const common = { maker };
  switch (maker) {
    case "stream":
      return { ...common, ...all(`${imports.type("StreamCall")}<${streamed}>`) };
    case "callOrStream": {
      const stream = `${imports.type("StreamCall")}<${streamed}>`;
      const whole = notStreaming(model);
      const either = general(`${call()} | ${stream}`);
      return {
        ...common,
        overloads: [
          {
            input: local(operation.streamingInputName ?? "never"),
            needsInput: true,
            returns: stream,
            options,
          },
          ...(whole === undefined
            ? []
            : [{ input: `${input} & ${whole}`, needsInput, returns: call(), options }]),
          either,
        ],
        implementation: either,
      };
    }
    case "pages": {
      const item = typeText(model.pagination?.itemSchema ?? { kind: "unknown" }, response);
      return { ...common, ...all(`${imports.type("PageCall")}<${value}, ${item}>`) };
    }
    case "waitable":
      return {
        ...common,
        ...all(`${imports.type("WaitableCall")}<${value}, ${finalType(plan, model, imports)}>`),
      };
    case "call":
      return { ...common, ...all(call()) };
  }
}

/** Media types among which the caller chooses the form of the body, whether or not they share the main one's type. */
function optionsParameter(operation: OperationPlan, imports: Imports): string {
  const { body } = operation.model;
  const same = (body?.alternatives ?? []).filter(({ contentType }) =>
    !operation.otherInputs.has(contentType)
  );
  if (body === undefined || body.alternatives.length === 0) {
    return `options?: ${imports.type("CallOptions")}`;
  }
  return `options?: ${bodyOptions([body, ...same], imports)}`;
}

function bodyOptions(forms: readonly { readonly contentType: string }[], imports: Imports): string {
  const choices = forms.map(({ contentType }) => quote(contentType)).join(" | ");
  return `${imports.type("BodyOptions")}<${choices}>`;
}

/** One per body form made from a different type. */
function otherOverloads(
  operation: OperationPlan,
  imports: Imports,
): { readonly input: string; readonly options: string }[] {
  return [...operation.otherInputs].map(([contentType, name]) => ({
    input: imports.local(TYPES_FILE, name, "type"),
    options: `options: ${bodyOptions([{ contentType }], imports)} & { readonly contentType: ${
      quote(contentType)
    } }`,
  }));
}

function implementation(
  { model }: OperationPlan,
  imports: Imports,
  main: Overload,
  others: readonly { readonly input: string }[],
): Overload {
  const { body } = model;
  if (body === undefined || others.length === 0) return main;
  const options = `options?: ${bodyOptions([body, ...body.alternatives], imports)}`;
  const input = [main.input, ...others.map((one) => one.input)].join(" | ");
  return { ...main, input, options };
}

function types(
  plan: ConnectorPlan,
  imports: Imports,
  flavour: "request" | "response",
): TypeScope {
  return { model: plan.model, names: plan.types, flavour, imports, typesFile: TYPES_FILE };
}

export function inputType(plan: ConnectorPlan, operation: OperationPlan, imports: Imports): string {
  if (operation.inputName !== undefined) {
    return imports.local(TYPES_FILE, operation.inputName, "type");
  }
  const { body } = operation.model;
  return body === undefined
    ? "Record<string, never>"
    : typeText(body.schema, types(plan, imports, "request"));
}

function resultText(schema: Schema, model: OperationModel, response: TypeScope): string {
  if (model.result.kind === "none" || model.method === "HEAD") return "void";
  const text = model.result.kind === "binary" ? "Uint8Array" : typeText(schema, response);
  return model.result.mayBeEmpty && text !== "unknown" ? `${text} | undefined` : text;
}

function streamType(
  operation: OperationPlan,
  response: TypeScope,
  local: (name: string) => string,
  plan: ConnectorPlan,
): string {
  const { stream } = operation.model;
  if (stream === undefined) return "never";
  const item = operation.itemName === undefined
    ? typeText(stream.item, response)
    : local(operation.itemName);
  if (stream.accumulate === undefined) return item;
  const { result } = stream.accumulate;
  // The object type of the plain result already has a name.
  const same = operation.resultName !== undefined &&
    JSON.stringify(result) === JSON.stringify(resultSchema(plan.model, operation.model));
  return `${item}, ${same ? local(operation.resultName) : typeText(result, response)}`;
}

/** `{ stream?: false }`; undefined if the condition is not a boolean switch. */
function notStreaming(model: OperationModel): string | undefined {
  const [condition, ...others] = streamConditions(model);
  if (condition === undefined || others.length > 0) return undefined;
  const [segment, ...deeper] = condition.selector.segments;
  if (segment?.kind !== "key" || deeper.length > 0) return undefined;
  const [value, ...more] = condition.oneOf;
  if (typeof value !== "boolean" || more.length > 0) return undefined;
  const key = /^[A-Za-z_$][\w$]*$/.test(segment.key) ? segment.key : quote(segment.key);
  return `{ ${key}?: ${String(!value)} | null | undefined }`;
}

function finalType(plan: ConnectorPlan, model: OperationModel, imports: Imports): string {
  const polled = plan.model.operations.find((operation) =>
    operation.id === model.waitFor?.operation
  );
  if (polled === undefined) return "unknown";
  const state = resultSchema(plan.model, polled);
  const path = model.waitFor?.result;
  const schema = path === undefined ? state : schemaAt(typesOf(plan.model), state, path);
  return typeText(schema, types(plan, imports, "response"));
}

/** Of a statement, in characters: whoever wants to read more of it reads the spec. */
const LONG = 300;

function requestText({ query, method, pathText }: OperationModel): string {
  if (query === undefined) return `\`${method} ${pathText}\``;
  const text = query.written.replace(/\s+/g, " ");
  return `\`${text.length > LONG ? `${text.slice(0, LONG)} …` : text}\``;
}

/** An operation's description with its example. Later overloads only say what differs. */
export function operationDoc(plan: ConnectorPlan, { model }: OperationPlan, overload = 0): Doc {
  const call = requestText(model);
  const example = exampleCall(plan, model, overload);
  if (overload > 0) {
    return { text: model.summary ?? call, deprecated: model.deprecated, example };
  }
  const credentials = credentialText(plan.model, model, plan.demandedByCalls);
  const text = [model.summary, model.doc, credentials].filter((part) =>
    part !== undefined && part !== ""
  ).join("\n\n");
  return {
    text: text === "" ? call : `${text}\n\n${call}`,
    deprecated: model.deprecated,
    link: model.link,
    example,
  };
}

/** For one that streams on demand, the first overload shows a streaming example, the second one that does not. */
function exampleCall(
  plan: ConnectorPlan,
  model: OperationModel,
  overload: number,
): string | undefined {
  const streams = (example: ExampleModel): boolean => example.events !== undefined;
  const onDemand = makerOf(model) === "callOrStream";
  if (overload > (onDemand ? 1 : 0)) return undefined;
  const example = onDemand
    ? model.examples.find((one) => streams(one) === (overload === 0))
    : model.examples[0];
  if (example === undefined) return undefined;
  const writer = new Writer();
  if (Object.keys(example.input).length > 0) {
    const write = (digits: string): Code => new Code(`${digits}n`);
    const input = withBigints(typesOf(plan.model), model, example.input, write);
    writeLiteral(writer, input as Literal, 40);
  }
  const call = `${clientVariable(plan)}.${model.members.join(".")}(${writer.toString()})`;
  switch (makerOf(model)) {
    case "callOrStream":
    case "stream":
      return onDemand && overload === 1
        ? `const result = await ${call};`
        : `for await (const item of ${call}) console.log(item);`;
    case "pages":
      return `for await (const item of ${call}) console.log(item);`;
    default:
      return model.result.kind === "none" ? `await ${call};` : `const result = await ${call};`;
  }
}

/** `openai`, `myApi`. */
function clientVariable(plan: ConnectorPlan): string {
  const name = plan.dataName.replace(/Connector_*$/, "");
  return name === plan.className || name === "" ? "client" : name;
}
