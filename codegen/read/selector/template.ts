/** Parses `${…}` templates and checks every lookup against what the field allows. */
import type { Cursor } from "../../load/cursor.ts";
import type { Template, TemplateLookup, TemplatePart, TemplateRoot } from "../../model/template.ts";
import type { Context } from "../context.ts";
import { isKind } from "../fields/fields.ts";
import { camelCase } from "../names.ts";
import { didYouMean } from "../report/suggest.ts";

export interface TemplateRules {
  /** Roots allowed here. */
  readonly roots: readonly TemplateRoot[];
  /** The whole field can be left out, so `?` is allowed. */
  readonly optional?: boolean;
  /** It becomes part of an address, where secrets would be logged. */
  readonly address?: boolean;
}

const PATHS: Readonly<Partial<Record<TemplateRoot, readonly string[]>>> = {
  request: ["method", "path", "query", "body"],
  call: ["tenantId", "workspaceId", "traceId"],
};

const LOOKUP =
  /^\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)(\?)?\s*(?:\?\?\s*(?:"([^"]*)"|'([^']*)'|([\w./:-]+))\s*)?$/;

/** For fields that must be fixed text, pass `roots: []`. */
export function readTemplate(
  ctx: Context,
  cursor: Cursor,
  rules: TemplateRules,
): Template | undefined {
  if (!isKind(ctx.report, cursor, "text")) return undefined;
  const text = cursor.value as string;
  const parts: TemplatePart[] = [];
  let literal = "";
  let sound = true;
  for (let at = 0; at < text.length;) {
    if (text.startsWith("$${", at)) {
      literal += "${";
      at += 3;
      continue;
    }
    if (!text.startsWith("${", at)) {
      literal += text[at++];
      continue;
    }
    const end = text.indexOf("}", at);
    const inside = end < 0 ? undefined : text.slice(at + 2, end);
    const lookup = inside === undefined ? undefined : parseLookup(inside);
    if (lookup === undefined) {
      malformed(ctx, cursor, inside);
      return undefined;
    }
    if (!checkLookup(ctx, cursor, lookup, rules)) sound = false;
    if (literal !== "") parts.push({ kind: "literal", text: literal });
    literal = "";
    parts.push(lookup);
    at = end + 1;
  }
  if (literal !== "" || parts.length === 0) parts.push({ kind: "literal", text: literal });
  return sound ? parts : undefined;
}

function parseLookup(text: string): TemplateLookup | undefined {
  const match = LOOKUP.exec(text);
  if (match === null) return undefined;
  const fallback = match[4] ?? match[5] ?? match[6];
  return {
    kind: "lookup",
    root: match[1] as TemplateRoot,
    path: (match[2] ?? "").split(".").slice(1),
    optional: match[3] !== undefined,
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function malformed(ctx: Context, cursor: Cursor, inside: string | undefined): void {
  ctx.report.add(
    "VC1301",
    cursor,
    inside === undefined ? "A `${` is not closed." : `\`\${${inside}}\` is not a path lookup.`,
    'Write `${config.name}`, `${config.name?}` or `${config.name ?? "default"}`; there are no expressions. ' +
      "A literal `${` is `$${`.",
  );
}

function environmentHelp(written: string, rules: TemplateRules): string {
  const name = /^(?:env\.|process\.env\.)?([A-Z][A-Z0-9_]*)$/.exec(written)?.[1];
  if (name === undefined || !rules.roots.includes("config")) return "";
  const field = camelCase(name.toLowerCase());
  const secret = /KEY|TOKEN|SECRET|PASS/.test(name) ? " secret: true," : "";
  return ` An environment variable is one way to give a config field: \`config: { ${field}: { type: string,${secret} env: ${name} } }\`, then \`\${config.${field}}\`.`;
}

function checkLookup(
  ctx: Context,
  cursor: Cursor,
  lookup: TemplateLookup,
  rules: TemplateRules,
): boolean {
  const written = [lookup.root, ...lookup.path].join(".");
  const add = (
    code: "VC1302" | "VC1303" | "VC1304" | "VC1305" | "VC1306",
    message: string,
    help: string,
  ): false => {
    ctx.report.add(code, cursor, message, help);
    return false;
  };
  if (!rules.roots.includes(lookup.root)) {
    const legal = rules.roots.map((root) =>
      `\`${root}${root === "config" || PATHS[root] !== undefined ? ".…" : ""}\``
    );
    return add(
      "VC1302",
      `\`\${${written}}\` cannot be looked up here.`,
      legal.length === 0
        ? "Write a fixed text here."
        : `Allowed here: ${legal.join(", ")}.${environmentHelp(written, rules)}`,
    );
  }
  if (lookup.root !== "config") {
    const paths = PATHS[lookup.root];
    const legal = paths === undefined
      ? lookup.path.length === 0
      : paths.includes(lookup.path.join("."));
    if (legal) return true;
    const known = paths?.map((path) => `${lookup.root}.${path}`) ?? [lookup.root];
    return add("VC1302", `There is no \`${written}\`.`, didYouMean(written, known, "lookups"));
  }
  const name = lookup.path[0] ?? "";
  const field = ctx.config.get(name);
  if (field === undefined || lookup.path.length !== 1) {
    const known = [...ctx.config.keys()].map((key) => `config.${key}`);
    return add(
      "VC1303",
      `There is no config field \`${written}\`.`,
      didYouMean(written, known, "config fields"),
    );
  }
  ctx.usedConfig.add(name);
  if (field.secret && rules.address === true) {
    return add(
      "VC1306",
      `The secret \`${written}\` would be part of an address.`,
      "Send it in a header or a body.",
    );
  }
  const always = !field.optional || field.default !== undefined;
  if (lookup.optional && lookup.fallback === undefined && rules.optional !== true) {
    return add(
      "VC1302",
      `\`\${${written}?}\` cannot be left out here.`,
      "Use `${… ?? default}`, or a required field.",
    );
  }
  if (!always && !lookup.optional && lookup.fallback === undefined) {
    return add(
      "VC1304",
      `\`${written}\` is optional, so it may have no value here.`,
      rules.optional === true
        ? `Write \`\${${written}?}\` to leave the field out then, or \`\${${written} ?? default}\`.`
        : `Write \`\${${written} ?? default}\`, or make the config field required.`,
    );
  }
  if (always && (lookup.optional || lookup.fallback !== undefined)) {
    add("VC1305", `\`${written}\` always has a value.`, `Write \`\${${written}}\`.`);
  }
  return true;
}

/** True if the template is fixed text. */
export function isLiteral(template: Template): boolean {
  return template.every((part) => part.kind === "literal");
}
