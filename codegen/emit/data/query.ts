/** What is asked of a database, as a call to the runtime. */
import type {
  BoundInput,
  CommandModel,
  OperationModel,
  QueryModel,
  SessionModel,
  SqlModel,
  Template,
} from "../../model/mod.ts";
import { Code, type Literal, PureExpression } from "../literal.ts";
import type { Imports } from "../scope.ts";

type Data = { readonly [key: string]: Literal };

/** In place of what an operation of HTTP has. */
export function queryData(query: QueryModel, { stream }: OperationModel, imports: Imports): Data {
  const place = query.kind === "sql"
    ? new PureExpression(imports.value("statement"), [statementData(query, stream !== undefined)])
    : new PureExpression(imports.value("command"), [commandData(query)]);
  const body = {
    encode: new Code(imports.value("jsonBody")),
    contentType: "application/json",
    required: true,
  };
  return { place, body };
}

function statementData(query: SqlModel, streams: boolean): Literal {
  return {
    statement: query.statement,
    inputs: inputsData(query.inputs),
    result: query.result,
    stream: streams ? true : undefined,
    session: sessionData(query.session),
    maxRows: query.maxRows,
    as: query.as.length === 0
      ? undefined
      : Object.fromEntries(query.as.map(({ column, form }) => [column, form])),
  };
}

function commandData({ words, inputs, session, pairs }: CommandModel): Literal {
  return {
    command: words.map(({ parts, each }): Literal => {
      const [first] = parts;
      if (each && typeof first === "number") return { each: first };
      return parts.length === 1 ? first : [...parts];
    }),
    inputs: inputsData(inputs),
    readOnly: session.readOnly === true ? true : undefined,
    shape: pairs ? "pairs" : undefined,
  };
}

function inputsData(inputs: readonly BoundInput[]): Literal {
  return inputs.length === 0 ? undefined : inputs.map(({ name, fallback, bytes }) => ({
    name,
    fallback: fallback as Literal,
    bytes: bytes ? true : undefined,
  }));
}

function sessionData({ readOnly, role, isolation, set }: SessionModel): Literal {
  const data = {
    readOnly: readOnly === true ? true : undefined,
    role,
    isolation,
    set: set.length === 0
      ? undefined
      : Object.fromEntries(set.map(({ name, value }) => [name, settingData(value)])),
  };
  return Object.values(data).every((value) => value === undefined) ? undefined : data;
}

function settingData(value: Template): Literal {
  const parts = value.map((part): Literal =>
    part.kind === "literal" ? part.text : { call: part.path[0] }
  );
  const [only] = parts;
  return parts.length === 1 && typeof only === "string" ? only : parts;
}
