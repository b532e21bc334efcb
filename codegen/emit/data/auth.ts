/** The model's auth as calls to the runtime. */
import type { Auth, ConnectorModel } from "../../model/mod.ts";
import { Code, type Literal, PureExpression } from "../literal.ts";
import { templateData } from "./runtime.ts";
import type { Imports } from "../scope.ts";

export function authData(list: readonly Auth[], model: ConnectorModel, imports: Imports): Literal {
  return list.map((auth) => authStep(auth, model, imports));
}

function authStep(auth: Auth, model: ConnectorModel, imports: Imports): Literal {
  const optional = (template: Parameters<typeof templateData>[0] | undefined): Literal =>
    template === undefined ? undefined : templateData(template);
  switch (auth.type) {
    case "bearer":
      return new PureExpression(imports.value("bearer"), [templateData(auth.token)]);
    case "basic":
      return new PureExpression(imports.value("basic"), [
        templateData(auth.username),
        templateData(auth.password),
      ]);
    case "apiKey":
      return new PureExpression(imports.value("apiKey"), [
        auth.in,
        auth.name,
        templateData(auth.value),
      ]);
    case "oauth2":
      return new PureExpression(imports.value("oauth2"), [{
        flow: auth.flow,
        tokenUrl: templateData(auth.tokenUrl),
        clientId: templateData(auth.clientId),
        clientSecret: optional(auth.clientSecret),
        refreshToken: optional(auth.refreshToken),
        scopes: auth.scopes.length === 0 ? undefined : [...auth.scopes],
        audience: optional(auth.audience),
        clientAuth: auth.clientAuth,
      }]);
    case "awsSigV4":
      return new PureExpression(imports.value("awsSigV4"), [{
        accessKeyId: templateData(auth.accessKeyId),
        secretAccessKey: templateData(auth.secretAccessKey),
        sessionToken: optional(auth.sessionToken),
        region: templateData(auth.region),
        service: auth.service,
      }]);
    case "hmac":
      return new PureExpression(imports.value("hmac"), [{
        algorithm: auth.algorithm,
        secret: templateData(auth.secret),
        sign: templateData(auth.sign),
        encoding: auth.encoding,
        header: auth.header,
        value: templateData(auth.value),
        extra: auth.extra.length === 0
          ? undefined
          : auth.extra.map(({ name, value }) => [name, templateData(value)]),
      }]);
    case "anyOf":
      return new PureExpression(
        imports.value("firstOf"),
        auth.alternatives.map((list) => authData(list, model, imports)),
      );
    case "hook":
      return new PureExpression(imports.value("hookAuth"), [hookCode(auth.hook, model, imports)]);
  }
}

/** Imports the function that a hook names. */
export function hookCode(name: string, model: ConnectorModel, imports: Imports): Code {
  const hook = model.hooks.find((one) => one.name === name);
  if (hook === undefined) throw new Error(`The model names a hook ${name} that it does not have`);
  return new Code(imports.local(hook.module, hook.export, "value"));
}
