/** Documents define types that no finite value can satisfy: a node with a required parent of the same type. */
import type { Losses } from "../loss.ts";
import { expand, type Out, type OutObject } from "./out.ts";
import { isObject, object, strings } from "../value.ts";

/** Makes such properties optional, and names that only refer to each other unknown. */
export function breakEndless(types: OutObject, losses: Losses): void {
  for (;;) {
    const finite = finiteOf(types);
    const endless = Object.keys(types).filter((name) => !finite.has(name));
    if (endless.length === 0) return;
    const loosened = endless.filter((name) => loosen(types, name, finite, losses));
    if (loosened.length > 0) continue;
    for (const name of endless) {
      types[name] = "unknown";
      losses.add("schema", `types.${name}`, "It refers only to itself; its type is unknown.");
    }
  }
}

function finiteOf(types: OutObject): Set<string> {
  const finite = new Set<string>();
  for (let grew = true; grew;) {
    grew = false;
    for (const [name, type] of Object.entries(types)) {
      if (finite.has(name) || !ends(type as Out, finite)) continue;
      finite.add(name);
      grew = true;
    }
  }
  return finite;
}

function ends(type: unknown, finite: ReadonlySet<string>): boolean {
  if (typeof type !== "string" && !isObject(type)) return true;
  const out = expand(type as Out);
  if (out["nullable"] === true) return true;
  if (typeof out["$ref"] === "string") return finite.has(out["$ref"]);
  const all = (key: string): boolean =>
    !Array.isArray(out[key]) || out[key].every((one) => ends(one, finite));
  for (const key of ["oneOf", "anyOf"]) {
    if (Array.isArray(out[key]) && !out[key].some((one) => ends(one, finite))) return false;
  }
  if (!all("allOf") || !all("prefixItems")) return false;
  if (typeof out["minItems"] === "number" && !ends(out["items"], finite)) return false;
  const properties = object(out["properties"]);
  return strings(out["required"]).every((name) => ends(properties[name], finite));
}

function loosen(
  types: OutObject,
  name: string,
  finite: ReadonlySet<string>,
  losses: Losses,
): boolean {
  const type = types[name];
  if (!isObject(type)) return false;
  const properties = object(type["properties"]);
  const required = strings(type["required"]);
  const kept = required.filter((property) => ends(properties[property], finite));
  if (kept.length === required.length) return false;
  const { required: _, ...rest } = type;
  types[name] = kept.length === 0 ? rest : { ...rest, required: kept };
  const lost = required.filter((property) => !kept.includes(property));
  losses.add(
    "schema",
    `types.${name}`,
    `${lost.join(", ")} made optional: a value would have to contain itself endlessly.`,
  );
  return true;
}
