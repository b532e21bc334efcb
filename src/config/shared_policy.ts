/**
 * The policy of all: sections of the configuration that runtimes with the same store read from there. It is a document of its own,
 * whose sections stand beside those of a runtime's file; its secrets are names, whose values each runtime has of its own.
 */
import { fill } from "./profiles.ts";
import { SECRET } from "./tenant_config.ts";
import { type ConfigNode, type ConfigProblems, parseTree } from "./tree.ts";

/** Where a runtime is and what it alone knows. */
const OWN = ["listen", "admin", "join", "shared", "tokens", "secrets", "log", "profiles"];

/** The root of a runtime's file with the sections of a policy, whose mistakes are added to the problems. */
export function withPolicy(own: ConfigNode, policy: string, problems: ConfigProblems): ConfigNode {
  const sections = new Map(own.kind === "map" ? own.entries : []);
  for (const [name, { key, node }] of parseTree(policy, problems, "policy").entries) {
    if (OWN.includes(name)) {
      problems.add(key, `${name} belongs to the file of each runtime, not to the policy of all`);
    } else if (sections.has(name)) {
      problems.add(key, `${name} is in ${problems.file} as well: leave it out there, or here`);
    } else {
      sections.set(name, { key, node: fill(node, placeOfSecret(problems), problems) });
    }
  }
  return { ...own, kind: "map", entries: sections };
}

/** Whoever writes the policy must not learn, nor depend on, what is in the environment of each runtime. */
function placeOfSecret(problems: ConfigProblems): (name: string, node: ConfigNode) => string {
  return (name, node) => {
    if (name === SECRET) return `\${${SECRET}}`;
    problems.add(
      node,
      `the policy of all is the same everywhere: write the value instead of \${${name}}, or $\${ for a plain \${`,
    );
    return "";
  };
}
