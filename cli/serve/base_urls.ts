/** Other servers for connectors, as the command line and the environment name them. */
import { didYouMean } from "../../src/core/suggest.ts";
import { UsageError } from "../command.ts";

/** `ID=URL` by id. @throws UsageError */
export function baseUrlsOf(
  given: readonly string[],
  ids: readonly string[],
): Record<string, string> {
  return Object.fromEntries(given.map((text) => {
    const [id = "", url = ""] = text.split(/=(.*)/s);
    if (!ids.includes(id)) {
      throw new UsageError(
        `--base-url names the connector "${id}"; there are ${ids.join(", ") || "none"}.${
          didYouMean(id, ids)
        }`,
      );
    }
    if (!URL.canParse(url)) {
      throw new UsageError(`--base-url ${id} must be ID=URL with a whole URL, found "${text}".`);
    }
    return [id, url];
  }));
}

/** `OPENAI_BASE_URL` for `openai`. */
export function baseUrlVariable(id: string): string {
  return `${id.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_BASE_URL`;
}
