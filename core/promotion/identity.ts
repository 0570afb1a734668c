/** Who somebody or something is: an OIDC issuer and the subject it names, both compared exactly (design 6.13). */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

declare const identityKeyBrand: unique symbol;

/** An identity as one string that can be a map key; two identities have the same key only if they are equal. */
export type IdentityKey = string & { readonly [identityKeyBrand]: true };

/** The map key of an identity. */
export function identityKey(identity: Identity): IdentityKey {
  // The length tells where the issuer ends, at a fraction of what JSON costs: approval asks for thousands of keys.
  return `${identity.issuer.length} ${identity.issuer} ${identity.subject}` as IdentityKey;
}

/** Whether two identities are the same: issuer and subject, exactly. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}

/** An email address as it is compared: NFC, trimmed, without case (design 6.13). */
export function normalAddress(address: string): string {
  return address.normalize("NFC").trim().toLowerCase();
}

/**
 * Somebody who had a hand in a candidate, named the way that CI knows them: by email address, by the numeric id
 * of an account (never a login name, which can be taken over), or by OIDC identity.
 */
export type Author =
  | { readonly address: string }
  | { readonly account: { readonly provider: "github" | "gitlab"; readonly id: string } }
  | { readonly identity: Identity };

/** A person as the organisation's directory knows them at the moment of asking. */
export interface Member {
  readonly identity: Identity;
  readonly name: string;
  readonly address: string;
  readonly groups: readonly string[];
  /** False once the account is disabled: such a person counts for nothing and is not asked. */
  readonly enabled: boolean;
}

/** Somebody as Slack names them: an id is one workspace's own, and channels may be shared with other organisations. */
export interface ChatUser {
  readonly id: string;
  /** Their own. */
  readonly workspace?: string;
  /** The workspace in which they did something. */
  readonly in?: string;
}
