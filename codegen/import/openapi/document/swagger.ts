/** Swagger 2.0 → OpenAPI 3.0, by a package that is installed by those who have such documents. */
import { invalidRequest } from "../../../../src/core/errors.ts";
import { loadPackage } from "../../../../src/core/optional_package.ts";
import type { Losses } from "../loss.ts";
import { isObject, list, type Obj, object, strings, text } from "../value.ts";

const PACKAGE = "swagger2openapi";

interface Converter {
  convertObj(document: Obj, options: object): Promise<{ readonly openapi: Obj }>;
}

/**
 * The document is left as it is. What the converter could not carry over is reported.
 * @throws ConnectorError `package.missing`, `import.not_converted`.
 */
export async function convertSwagger(
  document: Obj,
  losses: Losses,
  load: () => Promise<unknown> = () => import(PACKAGE),
): Promise<Obj> {
  const module = await loadPackage(load, "Swagger 2.0 needs", PACKAGE) as Converter & {
    readonly default?: Converter;
  };
  const converter = module.default ?? module;
  const copy = structuredClone(document);
  const lists = formLists(copy);
  let openapi: Obj;
  try {
    // References are followed by the importer alone: nothing is fetched.
    ({ openapi } = await converter.convertObj(copy, {
      patch: true,
      warnOnly: true,
      resolve: false,
      resolveInternal: false,
    }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidRequest("import.not_converted", `Swagger 2.0 was not converted: ${why}`, error);
  }
  encodeLists(openapi, lists);
  reportWarnings(openapi, losses);
  reportSchemes(document, losses);
  return openapi;
}

/** By path and method: how the lists of its form are written, which the converter forgets. */
type Lists = Map<string, { readonly [property: string]: string }>;

const STYLES: Readonly<Record<string, Obj>> = {
  csv: { style: "form", explode: false },
  ssv: { style: "spaceDelimited", explode: false },
  pipes: { style: "pipeDelimited", explode: false },
};

function formLists(document: Obj): Lists {
  const found: Lists = new Map();
  const shared = object(document["parameters"]);
  const at = (one: unknown): Obj => {
    const name = text(object(one)["$ref"])?.replace(/^#\/parameters\//, "");
    return object(name === undefined ? one : shared[name]);
  };
  each(document, (operation, where, item) => {
    const parameters = [...list(item["parameters"]), ...list(operation["parameters"])].map(at);
    const lists = parameters.filter((one) => one["in"] === "formData" && one["type"] === "array");
    const styles = lists.flatMap((one): [string, string][] => {
      const name = text(one["name"]);
      return name === undefined ? [] : [[name, text(one["collectionFormat"]) ?? "csv"]];
    });
    if (styles.length > 0) found.set(where, Object.fromEntries(styles));
  });
  return found;
}

function encodeLists(openapi: Obj, lists: Lists): void {
  each(openapi, (operation, where) => {
    const styles = Object.entries(lists.get(where) ?? {}).filter(([, style]) => style in STYLES);
    if (styles.length === 0) return;
    for (const media of Object.values(object(object(operation["requestBody"])["content"]))) {
      const target = media as { encoding?: Record<string, Obj> };
      target.encoding ??= {};
      for (const [name, style] of styles) {
        target.encoding[name] = { ...STYLES[style], ...target.encoding[name] };
      }
    }
  });
}

function reportWarnings(openapi: Obj, losses: Losses): void {
  const walk = (value: unknown, where: string): void => {
    if (Array.isArray(value)) { for (const one of value) walk(one, where); }
    if (!isObject(value)) return;
    const warning = text(value["x-s2o-warning"]);
    const name = text(value["name"]);
    if (warning !== undefined) {
      const what = name === undefined ? where : `${where} ${name}`;
      losses.add("conversion", what, `${capital(warning)}.`);
    }
    for (const child of Object.values(value)) {
      if (typeof child === "object" && child !== null) walk(child, where);
    }
  };
  each(openapi, walk);
  for (const [kind, entries] of Object.entries(object(openapi["components"]))) {
    for (const [name, one] of Object.entries(object(entries))) walk(one, `${kind}.${name}`);
  }
}

/** Swagger lets each operation have its own schemes; in OpenAPI it would need a server. */
function reportSchemes(document: Obj, losses: Losses): void {
  const common = strings(document["schemes"]).join(", ");
  each(document, (operation, where) => {
    const own = strings(operation["schemes"]).join(", ");
    if (own === "" || own === common) return;
    losses.add("conversion", where, `Its own schemes (${own}) are left out.`);
  });
}

function each(
  document: Obj,
  visit: (operation: Obj, where: string, item: Obj) => void,
): void {
  for (const [path, item] of Object.entries(object(document["paths"]))) {
    for (const [method, operation] of Object.entries(object(item))) {
      if (isObject(operation)) visit(operation, `${method.toUpperCase()} ${path}`, object(item));
    }
  }
}

function capital(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1).replace(/\.$/, "");
}
