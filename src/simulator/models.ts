/** The simulated models. */
import { ApiError } from "./api_error.ts";
import type { ResolvedOptions } from "./options.ts";

const BUILT_IN = [
  "gpt-4o-mini",
  "gpt-4o",
  "gpt-4.1-mini",
  "gpt-3.5-turbo",
  "text-embedding-3-small",
  "text-embedding-3-large",
  "claude-3-5-haiku-latest",
  "sim-1",
];

const FAMILY = /^(?:gpt|chatgpt|o\d|claude|text-embedding|sim|ft:gpt)[-:.\w]*$/;

export interface Models {
  list(): unknown;
  /** Throws the API's 404 for an id that is not listed. */
  get(id: string): unknown;
  /** Throws the API's 404 for a model that cannot be used. */
  require(id: string): void;
}

export function createModels({ models, strictModels, created }: ResolvedOptions): Models {
  const ids = [...new Set([...BUILT_IN, ...models])];
  const describe = (id: string) => ({ id, object: "model", created, owned_by: "simulator" });
  const unknown = (id: string) =>
    new ApiError({
      status: 404,
      message: `The model '${id.slice(0, 100)}' does not exist or you do not have access to it.`,
      code: "model_not_found",
      param: "model",
    });
  return {
    list: () => ({ object: "list", data: ids.map(describe) }),
    get(id) {
      if (!ids.includes(id)) throw unknown(id);
      return describe(id);
    },
    require(id) {
      if (!ids.includes(id) && (strictModels || !FAMILY.test(id))) throw unknown(id);
    },
  };
}
