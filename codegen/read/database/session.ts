/** `session`: what the server holds each call to. */
import type { Cursor } from "../../load/cursor.ts";
import type { Protocol, SessionModel } from "../../model/database.ts";
import type { Context } from "../context.ts";
import { defined, entriesOf, Fields } from "../fields/fields.ts";
import { readTemplate } from "../selector/template.ts";
import { PROTOCOLS } from "./protocols.ts";

export const NO_SESSION: SessionModel = { set: [] };

/** Applied over `base`: keys here win. */
export function readSession(
  ctx: Context,
  cursor: Cursor | undefined,
  protocol: Protocol,
  base: SessionModel,
): SessionModel {
  const fields = cursor && Fields.read(ctx.report, cursor, "session");
  if (fields === undefined) return base;
  const known: readonly string[] = PROTOCOLS[protocol].session;
  for (const key of ["role", "isolation", "set"]) {
    const at = fields.at(key);
    if (at === undefined || known.includes(key)) continue;
    const help = `Remove it: a session of ${protocol} has ${known.join(", ")}.`;
    ctx.report.add("VC2602", at, `${protocol} has no \`${key}\`.`, help, "key");
  }
  const setAt = fields.at("set");
  // As the server says it, of which no role can have the name.
  const role = fields.text("role");
  return defined({
    readOnly: fields.boolean("readOnly") ?? base.readOnly,
    role: role === "none" ? undefined : role ?? base.role,
    isolation: fields.choice("isolation", ["read committed", "repeatable read", "serializable"]) ??
      base.isolation,
    set: setAt === undefined ? base.set : readSettings(ctx, setAt),
  }) as SessionModel;
}

const SETTING = /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)*$/;

function readSettings(ctx: Context, cursor: Cursor): SessionModel["set"] {
  const help = 'Write each under its name: `set: { app.tenant: "${call.tenantId}" }`.';
  return entriesOf(ctx.report, cursor, help).flatMap(([name, at]) => {
    if (!SETTING.test(name)) {
      const better = "Write one such as `app.tenant`.";
      ctx.report.add("VC2602", at, `\`${name}\` is not the name of a setting.`, better, "key");
      return [];
    }
    const value = readTemplate(ctx, at, { roots: ["call"] });
    return value === undefined ? [] : [{ name, value }];
  });
}
