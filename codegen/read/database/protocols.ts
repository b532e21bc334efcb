/** The databases that a spec can be for. */
import type { Protocol } from "../../model/database.ts";
import type { Dialect } from "./sql.ts";

interface ProtocolFacts {
  /** How its statements are written. Absent: it has commands. */
  readonly dialect?: Dialect;
  readonly session: readonly ("readOnly" | "role" | "isolation" | "set")[];
  /** An address holds a password. */
  readonly secret: boolean;
}

export const PROTOCOLS: Readonly<Record<Protocol, ProtocolFacts>> = {
  postgres: {
    dialect: "postgres",
    session: ["readOnly", "role", "isolation", "set"],
    secret: true,
  },
  mysql: { dialect: "mysql", session: ["readOnly", "isolation"], secret: true },
  sqlite: { dialect: "sqlite", session: ["readOnly"], secret: false },
  redis: { session: ["readOnly"], secret: true },
};

export const PROTOCOL_NAMES: readonly (Protocol | "http")[] = [
  "http",
  "postgres",
  "mysql",
  "sqlite",
  "redis",
];
