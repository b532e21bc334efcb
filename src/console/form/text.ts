/** The input as JSON text and back. A file is written as `@name`, as `curl` does. */

export type Files = ReadonlyMap<string, File>;

export function toText(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => isFile(one) ? `@${one.name}` : one, 2) ?? "";
}

export type Parsed = { readonly value: unknown } | { readonly mistake: string };

/** Empty text means no input: `{}`. */
export function fromText(text: string, files: Files): Parsed {
  try {
    const value: unknown = text.trim() === "" ? {} : JSON.parse(text, (_, one: unknown) => {
      const file = typeof one === "string" && one.startsWith("@") ? files.get(one.slice(1)) : one;
      return file ?? one;
    });
    return { value };
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : "This is not JSON." };
  }
}

export function filesIn(
  value: unknown,
  found: Map<string, File> = new Map(),
): Map<string, File> {
  if (isFile(value)) found.set(value.name, value);
  else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) filesIn(inner, found);
  }
  return found;
}

export function isFile(value: unknown): value is File {
  return typeof File === "function" && value instanceof File;
}

/** Of a field in a form that cannot carry files. */
export function textOf(value: string | File): string {
  return typeof value === "string" ? value : `@${value.name}`;
}

/** A field for each property, lists as fields of one name, everything but text and files as JSON: what the worker reads. */
export function formFields(
  input: unknown,
): readonly (readonly [name: string, value: string | File])[] {
  if (typeof input !== "object" || input === null) return [];
  const written = (value: unknown): string | File =>
    isFile(value) ? value : typeof value === "string" ? value : JSON.stringify(value);
  return Object.entries(input).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((item) => [`${name}[]`, written(item)] as const)
      : [[name, written(value)] as const]
  );
}
