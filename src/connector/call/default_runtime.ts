/** What generated classes run on by default. Kept apart, so that functions with a runtime of their own do not ship it. */
import { defaultPlatform } from "../../client/default_platform.ts";
import { RuntimeClient } from "../../client/runtime_client.ts";
import type { ClientDefaults } from "./client.ts";

/** A `RuntimeClient` at the address, or where `VASTAR_RUNTIME` says, or in this process; and the environment of the process. */
export const runtimeDefaults: ClientDefaults = {
  runtime: (address) => new RuntimeClient({ address }),
  env: (name) => defaultPlatform.env(name),
};
