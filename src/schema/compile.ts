/**
 * JSON Schemas as functions: whether a value is right, and what is wrong with one that is not. Without `eval`, which workerd
 * forbids: a schema becomes closures when it is first used.
 */
import {
  all,
  allDiffer,
  anyValue,
  between,
  type Breach,
  isNumber,
  isObject,
  isString,
  keywordRule,
  numbers,
  type Rule,
  type SchemaNode,
  strings,
  type Test,
  whole,
} from "./rules.ts";
import { textTest } from "./pattern/pattern.ts";

/** Keywords that would be ignored: no spec can say them, so that only a definition by hand can. */
const UNKNOWN = [
  ...["contains", "dependentRequired", "dependentSchemas", "if", "unevaluatedItems"],
  ...["unevaluatedProperties", "$dynamicRef"],
];

/** After so many references in one value, what is asked for again is remembered: alternatives that nest would double the work. */
const REMEMBER_FROM = 1_000;

export function createCompiler(
  typeNamed: (reference: string) => unknown,
): (schema: unknown) => Rule {
  const named = new Map<string, Rule>();
  let references = 0;
  let remembered = new Map<Rule, Map<object, boolean>>();

  /** What refers to itself is complete before it is first called. */
  function reference(name: string): Rule {
    const known = named.get(name);
    if (known !== undefined) return known;
    const schema = typeNamed(name);
    if (schema === undefined) throw new Error(`A schema refers to ${name}, which does not exist.`);
    const rule: Rule = {
      fits(value) {
        if (typeof value !== "object" || value === null || ++references < REMEMBER_FROM) {
          return inner.fits(value);
        }
        const results = remembered.get(rule) ?? new Map<object, boolean>();
        remembered.set(rule, results);
        let result = results.get(value);
        if (result === undefined) results.set(value, result = inner.fits(value));
        return result;
      },
      find: (value, pointer) => inner.find(value, pointer),
    };
    named.set(name, rule);
    const inner = node(schema);
    return rule;
  }

  /** What is remembered is of one value. */
  function begin<T>(look: () => T): T {
    references = 0;
    try {
      return look();
    } finally {
      if (references >= REMEMBER_FROM) remembered = new Map();
    }
  }

  function node(schema: unknown): Rule {
    if (typeof schema === "boolean") return keywordRule("false", schema, () => schema);
    const rules = schema as SchemaNode;
    for (const keyword of UNKNOWN) {
      if (keyword in rules) throw new Error(`A schema has ${keyword}, which is not checked.`);
    }
    return all([
      ...anyValue(rules),
      ...combined(rules),
      ...whole(isString, strings(rules)),
      ...whole(isNumber, numbers(rules)),
      ...whole(Array.isArray, lists(rules)),
      ...whole(isObject, objects(rules)),
    ]);
  }

  function combined({ $ref, allOf, anyOf, oneOf, not }: SchemaNode): Rule[] {
    const rules: Rule[] = [];
    if ($ref !== undefined) rules.push(reference(String($ref)));
    if (Array.isArray(allOf)) rules.push(...allOf.map(node));
    if (Array.isArray(anyOf)) rules.push(alternatives("anyOf", anyOf, (met) => met > 0));
    if (Array.isArray(oneOf)) rules.push(alternatives("oneOf", oneOf, (met) => met === 1));
    if (not !== undefined) {
      const { fits } = node(not);
      rules.push(keywordRule("not", not, (value) => !fits(value)));
    }
    return rules;
  }

  function alternatives(
    keyword: string,
    schemas: readonly unknown[],
    enough: (met: number) => boolean,
  ): Rule {
    const members = schemas.map(node);
    const tests = members.map(({ fits }) => fits);
    const any: Test = (value) => tests.some((test) => test(value));
    const count: Test = (value) => {
      let met = 0;
      for (const test of tests) if (test(value)) met++;
      return enough(met);
    };
    return {
      fits: keyword === "anyOf" ? any : count,
      find(value, pointer) {
        const inner = members.map((member) => member.find(value, pointer));
        const met = inner.filter((breaches) => breaches.length === 0).length;
        if (enough(met)) return [];
        return [{ pointer, keyword, rule: schemas, inner: met > 0 ? [] : inner }];
      },
    };
  }

  function lists(rules: SchemaNode): Rule<readonly unknown[]>[] {
    const { prefixItems, items, uniqueItems } = rules;
    const found = between<readonly unknown[]>(rules, "minItems", "maxItems", (list) => list.length);
    const first = Array.isArray(prefixItems) ? prefixItems.map(node) : [];
    const rest = items === undefined ? undefined : node(items);
    if (first.length > 0 || rest !== undefined) {
      found.push({
        fits: (list) => list.every((item, at) => (first[at] ?? rest)?.fits(item) ?? true),
        find: (list, pointer) =>
          list.flatMap((item, at) => (first[at] ?? rest)?.find(item, `${pointer}/${at}`) ?? []),
      });
    }
    if (uniqueItems === true) found.push(keywordRule("uniqueItems", true, allDiffer));
    return found;
  }

  function objects(rules: SchemaNode): Rule<SchemaNode>[] {
    const { required, properties, patternProperties, additionalProperties, propertyNames } = rules;
    const found = between<SchemaNode>(
      rules,
      "minProperties",
      "maxProperties",
      (object) => Object.keys(object).length,
    );
    if (Array.isArray(required)) found.push(present(required.map(String)));
    const own = new Map(Object.entries(properties ?? {}).map(([name, one]) => [name, node(one)]));
    const patterns = Object.entries(patternProperties ?? {}).map(([text, one]) =>
      [textTest(text), node(one)] as const
    );
    const others = additionalProperties === undefined ? undefined : node(additionalProperties);
    const names = propertyNames === undefined ? undefined : node(propertyNames);
    if (own.size + patterns.length === 0 && others === undefined && names === undefined) {
      return found;
    }
    const matching = (name: string): Rule[] =>
      patterns.filter(([pattern]) => pattern.test(name)).map(([, rule]) => rule);
    found.push({
      fits(object) {
        for (const name of Object.keys(object)) {
          if (names?.fits(name) === false) return false;
          const value = object[name];
          const rule = own.get(name);
          if (rule?.fits(value) === false) return false;
          const more = patterns.length === 0 ? patterns : matching(name);
          for (const one of more as Rule[]) if (!one.fits(value)) return false;
          if (rule === undefined && more.length === 0 && others?.fits(value) === false) {
            return false;
          }
        }
        return true;
      },
      find(object, pointer) {
        return Object.keys(object).flatMap((name): readonly Breach[] => {
          const at = `${pointer}/${escapePointer(name)}`;
          const rule = own.get(name);
          const met = [...(rule === undefined ? [] : [rule]), ...matching(name)];
          if (met.length === 0 && others !== undefined) met.push(others);
          return [
            ...(names?.fits(name) === false
              ? [{ pointer: at, keyword: "propertyNames", rule: propertyNames }]
              : []),
            ...met.flatMap((one) => one.find(object[name], at)),
          ];
        });
      },
    });
    return found;
  }

  return (schema) => {
    try {
      const { fits, find } = node(schema);
      return {
        fits: (value) => begin(() => fits(value)),
        find: (value, pointer) => begin(() => find(value, pointer)),
      };
    } catch (error) {
      // What was compiled on the way may refer to what was not.
      named.clear();
      throw error;
    }
  };
}

function present(names: readonly string[]): Rule<SchemaNode> {
  return {
    fits(object) {
      for (const name of names) if (!Object.hasOwn(object, name)) return false;
      return true;
    },
    find: (object, pointer) =>
      names.filter((name) => !Object.hasOwn(object, name)).map((name) => ({
        pointer: `${pointer}/${escapePointer(name)}`,
        keyword: "required",
        rule: names,
      })),
  };
}

function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
