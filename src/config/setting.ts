/** The settings of a program's own file, described once: for the checks and for the types. */
type Schema = Readonly<Record<string, unknown>>;

/** One setting, whose value is a T in the program. */
export class Setting<T> {
  readonly schema: Schema;
  /** What it is where the file says nothing. */
  readonly fallback: T | undefined;
  readonly isRequired: boolean;

  /** Made by {@link setting}. */
  constructor(schema: Schema, fallback: T | undefined, isRequired: boolean) {
    this.schema = schema;
    this.fallback = fallback;
    this.isRequired = isRequired;
  }

  /** Undefined where the file says nothing. */
  optional(): Setting<T | undefined> {
    return new Setting<T | undefined>(this.schema, undefined, false);
  }
}

/** Names and their settings; a map inside is a section of the file. */
export interface Settings {
  readonly [name: string]: Setting<unknown> | Settings;
}

/** What a file gives that was read with these settings. */
export type Config<S extends Settings> = {
  readonly [Key in keyof S]: S[Key] extends Setting<infer T> ? T
    : S[Key] extends Settings ? Config<S[Key]>
    : never;
};

type Maker<T> = (fallback?: T) => Setting<T>;

/** Required without a fallback. */
function kind<T>(schema: Schema): Maker<T> {
  return (fallback) => new Setting<T>(schema, fallback, fallback === undefined);
}

const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

/** Makers of settings; the argument is what the setting is where the file says nothing, and without it the setting is required. */
export const setting: {
  readonly text: Maker<string>;
  /** A number, with decimals. */
  readonly number: Maker<number>;
  /** A whole number from 1. */
  readonly count: Maker<number>;
  /** true or false. */
  readonly flag: Maker<boolean>;
  /** `500ms`, `30s`, `5m`, `1h`; milliseconds in the program. */
  readonly duration: Maker<number>;
  /** `10MB`, `64KiB`; bytes in the program. */
  readonly size: Maker<number>;
  /** A list, or one text with commas. */
  readonly strings: Maker<readonly string[]>;
  /** One of these. */
  oneOf<const T extends string>(choices: readonly T[], fallback?: NoInfer<T>): Setting<T>;
} = {
  text: kind({ type: "string" }),
  number: kind(ref("number")),
  count: kind(ref("count")),
  flag: kind(ref("flag")),
  duration: kind(ref("duration")),
  size: kind(ref("size")),
  strings: kind(ref("strings")),
  oneOf: <const T extends string>(choices: readonly T[], fallback?: T) =>
    kind<T>({ enum: choices })(fallback),
};

/** The JSON Schema of the settings; with `isPart`, of a profile, which may leave out anything. */
export function schemaOf(settings: Settings, isPart: boolean): Schema {
  const entries = Object.entries(settings);
  const properties = entries.map(([name, one]) =>
    [name, one instanceof Setting ? one.schema : schemaOf(one, isPart)] as const
  );
  const required = entries.filter(([, one]) => hasRequired(one)).map(([name]) => name);
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(properties),
    ...(!isPart && required.length > 0 && { required }),
  };
}

function hasRequired(one: Setting<unknown> | Settings): boolean {
  return one instanceof Setting ? one.isRequired : Object.values(one).some(hasRequired);
}

/** The values under their names, with the fallbacks. */
export function withFallbacks<S extends Settings>(settings: S, values: Schema): Config<S> {
  const entries = Object.entries(settings).map(([name, one]) => [
    name,
    one instanceof Setting
      ? values[name] ?? one.fallback
      : withFallbacks(one, (values[name] ?? {}) as Schema),
  ]);
  return Object.fromEntries(entries) as Config<S>;
}
