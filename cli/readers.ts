import { machineTokenSource, requireTokenSource, type TokenSource } from "./machine-token.ts";
import type { SignInSettings, TokenSettings } from "./options.ts";
import type { ApiClient } from "./service/api-client.ts";
import { describedService } from "./service/service.ts";
import { signIn } from "./sign-in/sign-in.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Who reads: the CI job where there is one, else the person at the terminal, who signs in for it. A job without a token is told so
 * at once: nobody is there to sign in, and it would wait for them.
 */
export async function readerTokens(
  api: ApiClient,
  settings: TokenSettings & SignInSettings & { readonly signIn: boolean },
  surroundings: Surroundings,
): Promise<TokenSource> {
  const machine = settings.signIn ? undefined : machineTokens(api, settings, surroundings);
  if (machine !== undefined) return machine;
  if (!settings.signIn && surroundings.environment["CI"]) return requireTokenSource(machine, settings.tokenEnv);
  const service = await describedService(api, surroundings);
  const { idToken } = await signIn(service, { kind: "reading" }, settings, surroundings);
  return async () => idToken;
}

/** The CI job's tokens for a deployment; `undefined` outside CI. */
export function machineTokens(
  api: ApiClient,
  { tokenEnv, audience }: TokenSettings,
  surroundings: Surroundings,
): TokenSource | undefined {
  return machineTokenSource({ variable: tokenEnv, audience: audience ?? new URL(api.base).origin }, surroundings);
}
