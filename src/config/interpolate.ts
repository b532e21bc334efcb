/** `${NAME}` and `${NAME:-default}` in text; `$${` stands for `${` itself. Looked up, never evaluated. */

export interface Interpolated {
  readonly text: string;
  /** True when anything was replaced. */
  readonly replaced: boolean;
}

export type InterpolationProblem =
  /** A variable that is not set and has no default. */
  | { readonly kind: "missing"; readonly name: string }
  /** `${` that is not closed, or does not contain a name. */
  | { readonly kind: "malformed"; readonly found: string };

// A default may contain anything but a closing brace.
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{[^}]*\}?/g;

/** An empty variable counts as set, but a default replaces it, as in a shell. */
export function interpolate(
  text: string,
  env: (name: string) => string | undefined,
  problem: (found: InterpolationProblem) => void,
): Interpolated {
  if (!text.includes("${")) return { text, replaced: false };
  let replaced = false;
  const result = text.replace(REFERENCE, (match, name?: string, fallback?: string) => {
    if (match === "$${") return "${";
    replaced = true;
    if (name === undefined) {
      problem({ kind: "malformed", found: match });
      return "";
    }
    const value = env(name);
    if (value !== undefined && (value !== "" || fallback === undefined)) return value;
    if (fallback !== undefined) return fallback;
    problem({ kind: "missing", name });
    return "";
  });
  return { text: result, replaced };
}
