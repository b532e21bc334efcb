/** How an operation is called: its overloads, for the function and for the member of the class. */
import { Writer } from "../writer.ts";
import type { ExampleModel, OperationModel, Schema } from "../../model/mod.ts";
import { credentialText } from "../credentials.ts";
import type { Doc } from "../doc.ts";
import { type Literal, quote, writeLiteral } from "../literal.ts";
import { type ConnectorPlan, type OperationPlan, resultSchema } from "../plan.ts";
import { schemaAt, typesOf } from "../../model/types/resolve.ts";
import type { Imports } from "../scope.ts";
import { type TypeScope, typeText } from "./type_writer.ts";
import { TYPES_FILE } from "../files/types.ts";

/** `call`, `stream`, `callOrStream`, `pages` or `waitable`. */
export type Maker = "call" | "stream" | "callOrStream" | "pages" | "waitable";

export interface Overload {
  /** Type of the input. */
  readonly input: string;
  readonly returns: string;
}

export interface Signature {
  readonly maker: Maker;
  /** The last one is the most general. */
  readonly overloads: readonly Overload[];
  readonly inputRequired: boolean;
  readonly inputType: string;
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
  const general = (text: string): Overload => ({ input, returns: text });
  const call = (): string => `${imports.type("Call")}<${value}>`;
  const common = { maker, inputType: input, inputRequired: operation.inputRequired };
  switch (maker) {
    case "stream":
      return { ...common, overloads: [general(`${imports.type("StreamCall")}<${streamed}>`)] };
    case "callOrStream": {
      const stream = `${imports.type("StreamCall")}<${streamed}>`;
      const whole = notStreaming(model);
      return {
        ...common,
        overloads: [
          { input: local(operation.streamingInputName ?? "never"), returns: stream },
          ...(whole === undefined ? [] : [{ input: `${input} & ${whole}`, returns: call() }]),
          general(`${call()} | ${stream}`),
        ],
      };
    }
    case "pages": {
      const item = typeText(model.pagination?.itemSchema ?? { kind: "unknown" }, response);
      return { ...common, overloads: [general(`${imports.type("PageCall")}<${value}, ${item}>`)] };
    }
    case "waitable":
      return {
        ...common,
        overloads: [
          general(`${imports.type("WaitableCall")}<${value}, ${finalType(plan, model, imports)}>`),
        ],
      };
    case "call":
      return { ...common, overloads: [general(call())] };
  }
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
  // The same object type as the plain result has a name already.
  const same = operation.resultName !== undefined &&
    JSON.stringify(result) === JSON.stringify(resultSchema(plan.model, operation.model));
  return `${item}, ${same ? local(operation.resultName) : typeText(result, response)}`;
}

/** `{ stream?: false }`; undefined where the condition is not a switch of true and false. */
function notStreaming(model: OperationModel): string | undefined {
  const [condition, ...others] = model.stream?.when ?? [];
  if (condition === undefined || others.length > 0 || model.body?.mode !== "spread") {
    return undefined;
  }
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

/** The description of an operation, with its example where it is asked for. */
export function operationDoc(plan: ConnectorPlan, { model }: OperationPlan, overload = 0): Doc {
  const credentials = credentialText(plan.model, model, plan.demandedByCalls);
  const text = [model.summary, model.doc, credentials].filter((part) =>
    part !== undefined && part !== ""
  ).join("\n\n");
  const call = `\`${model.method} ${model.pathText}\``;
  return {
    text: text === "" ? call : `${text}\n\n${call}`,
    deprecated: model.deprecated,
    link: model.link,
    example: exampleCall(plan, model, overload),
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
  if (Object.keys(example.input).length > 0) writeLiteral(writer, example.input as Literal, 40);
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
