/** The settings that the schema describes are those that {@link RuntimeConfig} has. Never run. */
import type schema from "../../schemas/runtime-config.schema.json";
import type { RuntimeConfig } from "../../src/config/mod.ts";
import type { Equal, Expect } from "./expect.ts";

type Described = Omit<typeof schema.properties, "profiles">;
type Section = { readonly properties: unknown };
type Names<T extends Section> = keyof T["properties"];

export type Settings = Expect<Equal<keyof Described, keyof RuntimeConfig>>;
export type Sections = Expect<
  Equal<
    {
      [Name in keyof Described]: Described[Name] extends Section
        ? Equal<Names<Described[Name]>, keyof NonNullable<RuntimeConfig[Name]>>
        : true;
    }[keyof Described],
    true
  >
>;
