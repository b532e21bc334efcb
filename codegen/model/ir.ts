/**
 * The intermediate representation: plain, serialisable, resolved, checked. Emitting code needs nothing else and
 * need not check anything again.
 */
import type { Auth } from "./auth.ts";
import type { Protocol } from "./database.ts";
import type { ErrorsModel } from "./error_rule.ts";
import type { OperationModel } from "./operation.ts";
import type { PolicyModel } from "./policy.ts";
import type { Position } from "./position.ts";
import type { Schema, TypeModel } from "./schema.ts";
import type { Json } from "./selector.ts";
import type { Template } from "./template.ts";
import type { WebhooksModel } from "./webhook.ts";

export interface ServerVariable {
  readonly name: string;
  /** Anchored regular expression that a value must match. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly default?: string;
  /** Config field with the value; else it is a constructor option of its own. */
  readonly config?: string;
  readonly doc?: string;
}

export interface ServerModel {
  /** `default` is used unless an operation names another. */
  readonly name: string;
  /** Without a trailing slash; variables as `{name}`. */
  readonly url: string;
  readonly variables: readonly ServerVariable[];
  readonly doc?: string;
  readonly at: Position;
}

export interface ConfigField {
  /** Constructor option; a TypeScript identifier. */
  readonly name: string;
  readonly schema: Schema;
  /** Never logged, never in an error. */
  readonly secret: boolean;
  /** Environment variable read if the option is not given. */
  readonly env?: string;
  /** Constructing without a value (option, environment, default) is an error unless true. */
  readonly optional: boolean;
  readonly default?: Json;
  readonly doc?: string;
  readonly at: Position;
}

export interface HeaderModel {
  readonly name: string;
  readonly value: Template;
  readonly at: Position;
}

/** Typed escape hatch, written by hand next to the spec. */
export interface HookModel {
  readonly name: string;
  readonly kind: "auth" | "request" | "response" | "accumulate" | "verify";
  /** Relative to the spec: `./hooks.ts`. */
  readonly module: string;
  /** Named export. */
  readonly export: string;
  readonly doc?: string;
  readonly at: Position;
}

export interface CheckModel {
  /** Id of an operation. */
  readonly operation: string;
  readonly input: { readonly [key: string]: Json };
  readonly at: Position;
}

export interface ConnectorModel {
  /** Format version. */
  readonly format: 1;
  /** Kebab or lower case: `openai`. */
  readonly id: string;
  /** Semantic version of the spec. */
  readonly version: string;
  /** Name of the class: `OpenAI`. Given, or the id in Pascal case. */
  readonly className: string;
  readonly title: string;
  readonly doc?: string;
  /** Web page of the API's documentation. */
  readonly link?: string;
  /** Absent: HTTP. */
  readonly protocol?: Protocol;
  /** `sha256-…` over the spec and every file it imports. */
  readonly specHash: string;
  /** Never empty; contains `default`. */
  readonly servers: readonly ServerModel[];
  readonly config: readonly ConfigField[];
  /** All apply. Empty: none. */
  readonly auth: readonly Auth[];
  readonly headers: readonly HeaderModel[];
  readonly policy: PolicyModel;
  readonly errors: ErrorsModel;
  readonly check?: CheckModel;
  /** In source order. */
  readonly operations: readonly OperationModel[];
  /** In source order. */
  readonly types: readonly TypeModel[];
  readonly webhooks?: WebhooksModel;
  readonly hooks: readonly HookModel[];
  /** Every file read, the spec first. */
  readonly files: readonly string[];
}
