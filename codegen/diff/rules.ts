/**
 * What each kind of change means to a program that uses the generated client. Callers send requests, so a request that
 * accepts less breaks them; they receive answers, so an answer that contains less, or more than its type said, breaks them.
 */

/** The effect on a program that uses the connector. */
export type Level = "breaking" | "feature" | "fix";

export const RULES = {
  "connector.id": ["breaking", "The id of the connector changed."],
  "connector.name": ["breaking", "The client class was renamed."],
  "connector.text": ["fix", "The title, description or link changed."],
  "connector.policy": ["fix", "Timeouts, retries or rate limits changed."],
  "connector.headers": ["fix", "Headers that are sent with every call changed."],
  "connector.check": ["fix", "The check of the connector changed."],
  "connector.hooks": ["fix", "Hooks were added, removed or moved."],

  "server.added": ["feature", "A server was added."],
  "server.removed": ["breaking", "A server was removed."],
  "server.url": ["feature", "A server's address changed."],
  "server.variable.added": ["feature", "A server variable with a default was added."],
  "server.variable.required": ["breaking", "A server variable is required now."],
  "server.variable.removed": ["breaking", "A server variable was removed."],
  "server.variable.optional": ["feature", "A server variable has a default now."],
  "server.variable.narrowed": ["breaking", "A server variable accepts fewer values."],
  "server.variable.widened": ["feature", "A server variable accepts more values."],

  "config.added.required": ["breaking", "A required configuration field was added."],
  "config.added.optional": ["feature", "An optional configuration field was added."],
  "config.removed": ["breaking", "A configuration field was removed."],
  "config.required": ["breaking", "A configuration field is required now."],
  "config.optional": ["feature", "A configuration field is optional now."],
  "config.env.added": ["feature", "A configuration field can come from the environment now."],
  "config.env.changed": ["breaking", "A configuration field comes from a different variable."],
  "config.default": ["feature", "The default of a configuration field changed."],
  "config.secret": ["fix", "A configuration field became secret, or no longer is."],
  "config.text": ["fix", "The description of a configuration field changed."],

  "auth.kind": ["breaking", "Calls are authenticated differently."],
  "auth.changed": ["fix", "The details of authentication changed."],

  "error.added": ["feature", "An error class was added."],
  "error.removed": ["breaking", "An error class was removed."],
  "error.less": ["breaking", "An error class stands for fewer answers."],
  "error.more": ["feature", "An error class stands for more answers."],
  "error.match": ["fix", "An error class is recognised by different conditions."],
  "error.retry": ["feature", "Failures of an error class are retried differently."],
  "error.text": ["fix", "Where messages, codes and descriptions of errors come from changed."],

  "operation.added": ["feature", "An operation was added."],
  "operation.removed": ["breaking", "An operation was removed."],
  "operation.renamed": ["breaking", "An operation's id changed."],
  "operation.name": ["breaking", "An operation's name in the client changed."],
  "operation.request": ["fix", "Method, path or server of an operation changed."],
  "operation.deprecated": ["feature", "An operation became deprecated."],
  "operation.restored": ["fix", "An operation is no longer deprecated."],
  "operation.text": ["fix", "Summary, description, link or tags of an operation changed."],
  "operation.examples": ["fix", "The examples of an operation changed."],
  "operation.headers": ["fix", "The headers of an operation changed."],
  "operation.policy": ["fix", "Timeouts, retries or rate limits of an operation changed."],
  "operation.hooks": ["fix", "The hooks of an operation changed."],
  "operation.usage": ["fix", "The place of an operation's usage changed."],
  "operation.idempotency": ["feature", "The idempotency key of an operation changed."],

  "parameter.added.required": ["breaking", "A required parameter was added."],
  "parameter.added.optional": ["feature", "An optional parameter was added."],
  "parameter.removed": ["breaking", "A parameter was removed."],
  "parameter.required": ["breaking", "A parameter is required now."],
  "parameter.optional": ["feature", "A parameter is optional now."],
  "parameter.sent": ["breaking", "The value sent for an omitted parameter changed."],
  "parameter.wire": [
    "fix",
    "A parameter is sent in a different place, or under a different name or style.",
  ],

  "body.added.required": ["breaking", "A required body was added."],
  "body.added.optional": ["feature", "An optional body was added."],
  "body.removed": ["breaking", "The body was removed."],
  "body.required": ["breaking", "The body is required now."],
  "body.optional": ["feature", "The body is optional now."],
  "body.place": ["breaking", "The body's place in the input changed."],
  "body.wire": ["fix", "The body is encoded differently."],
  "body.alternative.added": ["feature", "The body can be sent in another form too."],
  "body.alternative.removed": ["breaking", "A form of the body that callers could choose is gone."],

  "result.kind": ["breaking", "The result is of a different kind."],
  "result.empty": ["breaking", "The result may be missing now."],
  "result.present": ["feature", "The result is never missing now."],
  "result.place": ["fix", "The result's place in the answer changed."],

  "stream.added": ["feature", "The operation can stream now."],
  "stream.always": ["breaking", "The operation streams now, whatever its input."],
  "stream.removed": ["breaking", "The operation no longer streams."],
  "stream.when": ["breaking", "Different input makes the operation stream."],
  "stream.wire": ["fix", "The stream is read differently."],
  "stream.text.added": ["feature", "The items of the stream have text now."],
  "stream.text.removed": ["breaking", "The items of the stream no longer have text."],
  "stream.result.added": ["feature", "The stream has a final result now."],
  "stream.result.removed": ["breaking", "The stream no longer has a final result."],

  "pages.added": ["breaking", "The result comes in pages now."],
  "pages.removed": ["breaking", "The result no longer comes in pages."],
  "pages.wire": ["fix", "The next page is found differently."],

  "wait.added": ["feature", "The operation can be waited for now."],
  "wait.removed": ["breaking", "The operation can no longer be waited for."],
  "wait.wire": ["fix", "Waiting for the operation works differently."],

  "type.added": ["feature", "A named type was added."],
  "type.removed": ["breaking", "A named type was removed."],
  "type.changed": ["breaking", "A value's type was replaced by an unrelated one."],

  "request.narrowed": ["breaking", "Less is accepted."],
  "request.widened": ["feature", "More is accepted."],
  "request.property.added.required": ["breaking", "A required property was added."],
  "request.property.added.optional": ["feature", "An optional property was added."],
  "request.property.removed": ["breaking", "A property is no longer accepted."],
  "request.property.required": ["breaking", "A property is required now."],
  "request.property.optional": ["feature", "A property is optional now."],
  "request.value.added": ["feature", "A further value is accepted."],
  "request.value.removed": ["breaking", "A value is no longer accepted."],
  "request.limit.tighter": ["breaking", "A limit became tighter."],
  "request.limit.looser": ["feature", "A limit became looser."],

  "response.narrowed": ["feature", "The answer is more certain."],
  "response.widened": ["breaking", "The answer may be something that its old type excluded."],
  "response.property.added": ["feature", "The answer has a further property."],
  "response.property.removed": ["breaking", "The answer lacks a property."],
  "response.property.required": ["feature", "A property is always there now."],
  "response.property.optional": ["breaking", "A property may be missing now."],
  "response.value.added": ["feature", "An open set of values has a further one."],
  "response.value.added.closed": ["breaking", "A closed set of values has a further one."],
  "response.value.removed": ["feature", "A value no longer occurs."],
  "response.limit": ["fix", "A limit of the answer changed."],

  "schema.text": ["fix", "A description changed."],
  "schema.format": ["fix", "A format, which is a hint, changed."],
  "schema.default": ["fix", "A documented default changed."],
  "schema.deprecated": ["feature", "A property became deprecated, or no longer is."],

  "webhook.added": ["feature", "A webhook event was added."],
  "webhook.removed": ["breaking", "A webhook event was removed."],
  "webhook.verification": ["breaking", "Webhooks are verified differently."],
  "webhook.text": ["fix", "The description of a webhook event changed."],
} as const;

export type RuleCode = keyof typeof RULES;
