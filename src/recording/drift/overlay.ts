/** The overlay that would make a spec say what an API does. */
import type { Json } from "../../core/json.ts";
import type { Difference } from "./difference.ts";

type Tree = { [key: string]: Json | Tree };

/** For `connector.overlay.yaml`. Empty if no difference says by itself what the spec would have to say. */
export function proposeOverlay(differences: readonly Difference[]): Tree {
  const overlay: Tree = {};
  for (const { edit } of differences) {
    if (edit === undefined) continue;
    let at = overlay;
    for (const key of edit.path.slice(0, -1)) {
      const next = at[key];
      at = typeof next === "object" && next !== null && !Array.isArray(next)
        ? next as Tree
        : at[key] = {};
    }
    const last = edit.path.at(-1) ?? "";
    const before = at[last];
    // Several new values of one enum, several fields that are not required after all.
    at[last] = Array.isArray(before) && Array.isArray(edit.value)
      ? last === "required"
        ? before.filter((one) => (edit.value as Json[]).includes(one))
        : [...before, ...edit.value.filter((one) => !before.includes(one))]
      : edit.value;
  }
  return overlay;
}
