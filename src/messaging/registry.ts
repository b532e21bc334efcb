import { invalidRequest } from "../core/errors.ts";
import type { TransportFactory } from "./transport.ts";

interface Entry<Options, T> {
  readonly factory: TransportFactory<Options, T>;
  readonly defaults: Options;
}

type FactoryOf<T> = T extends Entry<infer Options, infer Made> ? TransportFactory<Options, Made>
  : never;
type OptionsOf<T> = T extends Entry<infer Options, unknown> ? Options : never;
type MadeBy<T> = ReturnType<FactoryOf<T>>;

/**
 * Transport factories by name. Each registry is an object of its own; there is no global one.
 *
 * ```ts
 * const transports = new TransportRegistry().register("api", httpTransport, { baseURL: "https://api.example.com" });
 * const transport = transports.create("api", { timeoutMs: 5000 });
 * ```
 */
export class TransportRegistry<Kinds extends object = object> {
  readonly #entries = new Map<string, Entry<object, unknown>>();

  /** The registered names, in order of registration. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** Options passed to `create` override the defaults. A name can only be registered once. */
  register<Name extends string, Options extends object, T>(
    name: Name,
    factory: TransportFactory<Options, T>,
    defaults: Options = {} as Options,
  ): TransportRegistry<Kinds & Record<Name, Entry<Options, T>>> {
    if (name === "" || this.#entries.has(name)) {
      throw invalidRequest(
        "transport.name",
        name === "" ? "The name is empty" : `There is a transport ${JSON.stringify(name)} already`,
      );
    }
    this.#entries.set(name, { factory: factory as TransportFactory<object, unknown>, defaults });
    return this as unknown as TransportRegistry<Kinds & Record<Name, Entry<Options, T>>>;
  }

  /** Throws an InvalidRequest `transport.unknown` that lists the known names. */
  get<Name extends keyof Kinds & string>(name: Name): FactoryOf<Kinds[Name]> {
    return this.#find(name).factory as unknown as FactoryOf<Kinds[Name]>;
  }

  create<Name extends keyof Kinds & string>(
    name: Name,
    options?: Partial<OptionsOf<Kinds[Name]>>,
  ): MadeBy<Kinds[Name]> {
    const { factory, defaults } = this.#find(name);
    return factory({ ...defaults, ...options }) as MadeBy<Kinds[Name]>;
  }

  #find(name: string): Entry<object, unknown> {
    const found = this.#entries.get(name);
    if (found !== undefined) return found;
    const known = this.names.length === 0
      ? "none is registered"
      : `there are ${this.names.join(", ")}`;
    throw invalidRequest("transport.unknown", `No transport ${JSON.stringify(name)}: ${known}`);
  }
}
