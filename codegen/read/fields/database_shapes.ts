/** Which keys the mappings of a database's connector have; those of HTTP are in shapes.ts. */
import type { Shape } from "./shape.ts";

export type DatabaseShapeName =
  | "databaseConnector"
  | "sqlOperation"
  | "commandOperation"
  | "session"
  | "databasePolicy"
  | "databaseRetry"
  | "databaseRateLimit";

const DESCRIBED = ["summary", "description", "link", "tags", "deprecated"];

export const DATABASE_SHAPES: Readonly<Record<DatabaseShapeName, Shape>> = {
  databaseConnector: {
    what: "the connector of a database",
    required: ["connector", "id", "version", "protocol", "config", "operations"],
    optional: [
      "name",
      "title",
      "description",
      "link",
      "session",
      "policy",
      "check",
      "types",
    ],
    extensible: true,
  },
  sqlOperation: {
    what: "an operation in SQL",
    required: ["sql"],
    optional: [
      ...DESCRIBED,
      "input",
      "result",
      "columns",
      "stream",
      "session",
      "policy",
      "examples",
    ],
    extensible: true,
  },
  commandOperation: {
    what: "an operation of redis",
    required: ["command"],
    optional: [...DESCRIBED, "input", "result", "session", "policy", "examples"],
    extensible: true,
  },
  session: {
    what: "a session",
    required: [],
    optional: ["readOnly", "role", "isolation", "set"],
  },
  databasePolicy: {
    what: "the policy of a database",
    required: [],
    optional: ["timeout", "retry", "rateLimit", "maxRows"],
  },
  databaseRetry: {
    what: "a retry policy of a database",
    required: [],
    optional: ["attempts", "on", "maxWait", "wait"],
  },
  databaseRateLimit: {
    what: "a rate limit of a database",
    required: ["rate"],
    optional: [],
  },
};
