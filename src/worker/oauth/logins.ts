/** Who has logged in, and what connectors are configured with because of it. */
import type { ConnectorConfig } from "../options/connector_config.ts";
import type { OAuthProvider } from "./provider.ts";
import type { Seal } from "./seal.ts";
import type { TokenVault } from "./token_vault.ts";

export interface LoginOptions {
  /** By connector id. */
  readonly providers: Readonly<Record<string, OAuthProvider>>;
  readonly vault: TokenVault;
  /** Seals what a browser carries to the authorization server and back. */
  readonly seal: Seal;
  /** Called when a new refresh token could not be kept. Default: nothing. */
  readonly onError?: (error: unknown) => void;
}

interface Login {
  readonly config: ConnectorConfig;
  token: string;
}

/** Returns a function that gives the configuration of a tenant who has logged in: the same object until it logs in again. */
export function createLogins(
  { providers, vault, onError = () => {} }: LoginOptions,
): (tenant: string, connector: string) => ConnectorConfig | undefined {
  const logins = new Map<string, Login>();
  return (tenant, connector) => {
    const provider = providers[connector];
    const token = provider && vault.get(tenant, connector);
    if (token === undefined || provider === undefined) return undefined;
    const key = `${connector} ${tenant}`;
    const known = logins.get(key);
    if (known?.token === token) return known.config;
    const login: Login = {
      token,
      config: {
        [provider.field]: token,
        onRefreshToken: (next: string) => {
          // The same login goes on, so that its client does.
          login.token = next;
          vault.set(tenant, connector, next).catch(onError);
        },
      },
    };
    logins.set(key, login);
    return login.config;
  };
}
