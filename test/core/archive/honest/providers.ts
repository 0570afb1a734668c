import type { Jwks } from "../../../../core/attestation/id-token.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { Member } from "../../../../core/promotion/identity.ts";
import { clientId, type IdentityProvider, identityProvider, issuer } from "../reviewers.ts";

/** Those that an organisation has people sign in by, one after the other. What one calls a key, another may call its own. */
export const issuers = [issuer, "https://people.example/realm"] as const;

const keysOf = new Map<string, readonly IdentityProvider[]>(
  issuers.map((iss) => [iss, ["key-1", "key-2", "key-3"].map((kid) => identityProvider(kid, iss))]),
);

/** The identity providers, each of which takes another key now and then. */
export class Providers implements IdentityProvider {
  readonly #inUse = new Map<string, number>();
  /** From which key on they are published. */
  readonly #from = new Map<string, number>();

  /** By so many seconds their clocks are ahead of the service's. */
  ahead = 0;

  get jwks(): Jwks {
    return { keys: issuers.flatMap((iss) => this.#published(iss)).flatMap((each) => each.jwks.keys) };
  }

  readonly keysOf = (iss: unknown): Jwks => ({
    keys: this.#published(String(iss)).flatMap(({ jwks }) => jwks.keys),
  });

  token(member: Member, nonce: string, at: Instant, over?: Readonly<Record<string, unknown>>): string {
    const { issuer: iss } = member.identity;
    const key = keysOf.get(iss)?.[this.#inUse.get(iss) ?? 0];
    if (key === undefined) throw new Error(`There is no provider ${iss}.`);
    return key.token(member, nonce, addSeconds(at, this.ahead), { ...saidOf(member), ...over });
  }

  /** Another key signs from now on; those of before are published for a while yet. */
  rotate(iss: string): void {
    const next = (this.#inUse.get(iss) ?? 0) + 1;
    if (keysOf.get(iss)?.[next] !== undefined) this.#inUse.set(iss, next);
  }

  /** Nobody is told of the keys of before any more. */
  forget(iss: string): void {
    this.#from.set(iss, this.#inUse.get(iss) ?? 0);
  }

  #published(iss: string): readonly IdentityProvider[] {
    const from = this.#from.get(iss) ?? 0;
    return (keysOf.get(iss) ?? []).slice(from, (this.#inUse.get(iss) ?? 0) + 1).toReversed();
  }
}

/**
 * The second says in a list for which application it is. Some of them sign in by a password alone, and of some the provider says no address, another than the directory, or one that nobody verified.
 */
function saidOf({ identity, name, address, groups }: Member): Readonly<Record<string, unknown>> {
  const email = { Sven: undefined, Dora: "dora.former@example.com", Samuel: ` ${address.toUpperCase()}` };
  return {
    ...(identity.issuer === issuers[1] ? { aud: [clientId] } : {}),
    acr: "urn:example:mfa",
    amr: name.length === 3 ? ["pwd"] : ["otp", "pwd"],
    ...(name === "Dora" || name === "Corina" ? { email_verified: name === "Dora" } : {}),
    ...(name in email ? { email: email[name as keyof typeof email] } : {}),
    ...(name === "Cleo" ? { "cognito:groups": undefined, groups } : {}),
  };
}
