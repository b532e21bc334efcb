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
      const next = own(at, key);
      const inner = typeof next === "object" && next !== null && !Array.isArray(next)
        ? next as Tree
        : {};
      put(at, key, inner);
      at = inner;
    }
    const last = edit.path.at(-1) ?? "";
    const before = own(at, last);
    // Several new values of one enum, several fields that are not required after all.
    const value = Array.isArray(before) && Array.isArray(edit.value)
      ? last === "required"
        ? before.filter((one) => (edit.value as Json[]).includes(one))
        : [...before, ...edit.value.filter((one) => !before.includes(one))]
      : edit.value;
    put(at, last, value);
  }
  return overlay;
}

function own(tree: Tree, key: string): Tree[string] | undefined {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

/** Names come from answers: an assignment to `__proto__` would not make a field. */
function put(tree: Tree, key: string, value: Tree[string]): void {
  Object.defineProperty(tree, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
