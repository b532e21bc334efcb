/** sbom.cdx.json of the package: its run-time dependencies from the lockfile, as CycloneDX. Deterministic. */
import { join } from "node:path";
import { load } from "js-yaml";
import { readText } from "./lib/files.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** `[name@version, registry, { dependencies }, integrity]` */
type Locked = readonly [
  id: string,
  registry: string,
  info: Pick<Manifest, "dependencies">,
  integrity: string,
];

export interface Component {
  readonly type: "library";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly [{ readonly license: { readonly id: string } }];
  readonly hashes: readonly [{ readonly alg: string; readonly content: string }];
}

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** `sha512-` and base64, as lockfiles have it. */
function hash(integrity: string): { alg: string; content: string } {
  const [, bits = "", base64 = ""] = /^sha(\d+)-(.+)$/.exec(integrity) ?? [];
  if (base64 === "") throw new Error(`bun.lock: not a hash: ${integrity}`);
  return { alg: `SHA-${bits}`, content: Buffer.from(base64, "base64").toString("hex") };
}

export async function billOfMaterials(root: string): Promise<object> {
  const own = JSON.parse(await readText(root, "package.json")) as Manifest;
  // Its trailing commas are fine in YAML.
  const { packages } = load(await readText(root, "bun.lock")) as {
    packages: Readonly<Record<string, Locked>>;
  };
  const components = new Map<string, Component>();
  const graph = new Map<string, readonly string[]>();

  /** A package that needs a different version than the others has its own copy, under its name. */
  const visit = async (name: string, parent: string): Promise<string> => {
    const key = `${parent}/${name}` in packages ? `${parent}/${name}` : name;
    const locked = packages[key];
    if (locked === undefined) throw new Error(`bun.lock: no "${name}", which "${parent}" needs`);
    const [id, , { dependencies }, integrity] = locked;
    const version = id.slice(id.lastIndexOf("@") + 1);
    const ref = purl(name, version);
    if (components.has(ref)) return ref;
    const folder = key.split("/").length > name.split("/").length ? `${parent}/node_modules/` : "";
    const manifest = await readText(root, join("node_modules", folder, name, "package.json"));
    const { license = "NOASSERTION" } = JSON.parse(manifest) as Manifest;
    components.set(ref, {
      type: "library",
      "bom-ref": ref,
      name,
      version,
      purl: ref,
      licenses: [{ license: { id: license } }],
      hashes: [hash(integrity)],
    });
    graph.set(ref, await visitAll(dependencies, key));
    return ref;
  };
  const visitAll = async (
    dependencies: Manifest["dependencies"],
    parent: string,
  ): Promise<string[]> => {
    const refs: string[] = [];
    for (const name of Object.keys(dependencies ?? {}).sort()) refs.push(await visit(name, parent));
    return refs;
  };

  const ref = purl(own.name, own.version);
  graph.set(ref, await visitAll(own.dependencies, ""));
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "library",
        "bom-ref": ref,
        name: own.name,
        version: own.version,
        purl: ref,
        licenses: [{ license: { id: own.license } }],
      },
    },
    components: [...components.values()].toSorted((a, b) => a.purl < b.purl ? -1 : 1),
    dependencies: [...graph].map(([ref, dependsOn]) => ({ ref, dependsOn })),
  };
}
