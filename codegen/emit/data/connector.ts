/** What all operations of a connector share, in the form that the runtime reads. */
import { DATABASE_SCHEMES } from "../../model/database.ts";
import type { ConfigField, ConnectorModel, Protocol, ServerModel } from "../../model/mod.ts";
import { authData } from "./auth.ts";
import { errorClassName, ERRORS_FILE } from "../files/errors.ts";
import { Code, type Literal, PureExpression } from "../literal.ts";
import type { Digits } from "./digits.ts";
import type { ConnectorPlan } from "../plan.ts";
import { errorRuleData, optionalPath, policyData, templateData } from "./runtime.ts";
import type { Imports } from "../scope.ts";

export function connectorData(plan: ConnectorPlan, digits: Digits, imports: Imports): Literal {
  const { model } = plan;
  return {
    id: model.id,
    version: model.version,
    servers: Object.fromEntries(
      model.servers.map((server) => [
        server.name,
        model.protocol === undefined
          ? serverData(server, imports)
          : databaseServer(model, model.protocol, imports),
      ]),
    ),
    config: model.config.length === 0
      ? undefined
      : model.config.map((field) => configData(field, plan, imports)),
    auth: model.auth.length === 0 ? undefined : authData(model.auth, model, imports),
    headers: model.headers.length === 0
      ? undefined
      : model.headers.map(({ name, value }) => [name, templateData(value)]),
    errors: errorsData(plan, digits, imports),
    policy: policyData(model.policy),
  };
}

function databaseServer(
  { config }: ConnectorModel,
  protocol: Protocol,
  imports: Imports,
): Literal {
  const env = config.find(({ name }) => name === "url")?.env;
  return new PureExpression(imports.value("databaseServer"), [env, ...DATABASE_SCHEMES[protocol]]);
}

/** Missed only where it is wanted: `baseURL` may say it. */
function isAddress({ name }: ConfigField, { model }: ConnectorPlan): boolean {
  return model.protocol !== undefined && name === "url";
}

function serverData(server: ServerModel, imports: Imports): Literal {
  return {
    url: server.url === "/" ? "" : server.url,
    fill: server.variables.length === 0 ? undefined : new Code(imports.value("fillServer")),
    variables: server.variables.length === 0 ? undefined : server.variables.map((variable) => ({
      name: variable.name,
      pattern: variable.pattern,
      oneOf: variable.enum === undefined ? undefined : [...variable.enum],
      default: variable.default,
      config: variable.config,
    })),
  };
}

function configData(field: ConfigField, plan: ConnectorPlan, imports: Imports): Literal {
  return {
    name: field.name,
    env: field.env,
    optional: field.optional || plan.demandedByCalls.has(field.name) || isAddress(field, plan)
      ? true
      : undefined,
    default: field.default as Literal,
    secret: field.secret ? true : undefined,
    read: envReader(field, imports),
  };
}

function envReader({ env, schema }: ConfigField, imports: Imports): Literal {
  if (env === undefined) return undefined;
  if (schema.kind === "number" || schema.kind === "integer") {
    return new Code(imports.value("numberFromEnv"));
  }
  if (schema.kind === "boolean") return new Code(imports.value("booleanFromEnv"));
  return schema.kind === "string" || schema.kind === "enum" || schema.kind === "const"
    ? undefined
    : new Code(imports.value("jsonFromEnv"));
}

function errorsData(plan: ConnectorPlan, digits: Digits, imports: Imports): Literal {
  const { errors } = plan.model;
  const className = (name: string): string => imports.local(ERRORS_FILE, name, "value");
  return {
    error: new Code(className(plan.errorName)),
    message: optionalPath(errors.message),
    code: optionalPath(errors.code),
    requestId: errors.requestId,
    rules: errors.rules.length === 0
      ? undefined
      : errors.rules.map((rule) =>
        errorRuleData(rule, className(errorClassName(plan, rule.className)), digits, imports)
      ),
    parse: digits.with("digitsJson", errors.schema, imports),
  };
}
