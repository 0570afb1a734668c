import { type Jwk, type Jwks, readToken } from "../../attestation/id-token.ts";
import { spelledKeyNumber } from "../../attestation/key-number.ts";
import { base64url } from "../../encoding/base64.ts";
import { canonicalJson, canonicalJsonBytes } from "../../encoding/canonical-json.ts";
import { type Sha256, sha256Bytes } from "../../encoding/sha256.ts";
import { nameAsRead } from "../documents/name-as-read.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";

// Each sign-in is verified by the key that is archived beside it. That this is the provider's nobody can tell from a pack alone; but
// that two keys go by one name can be told, and which ones there are can be said, so that they are compared with what is known.

/** A key of an identity provider that signed sign-ins in a pack. */
export interface SignInKey {
  readonly issuer: string;
  /** Its `kid`; absent where the provider names none. */
  readonly kid?: string;
  /** RFC 7638 with SHA-256, in base64url. */
  readonly thumbprint: string;
  /** The first and the last entry of the log with a sign-in that it signed. */
  readonly first: number;
  readonly last: number;
  /** It is among those that were archived with a sign-in which was verified before: whether it signed one was not looked at again. */
  readonly before?: true;
  /** Others were given as the provider's, and none of its name is among them. */
  readonly foreign?: true;
}

/** A sign-in whose signature held. */
export interface VerifiedSignIn {
  readonly index: number;
  readonly issuer: string;
  readonly idToken: string;
  /** The key set that was archived with it, and its digest. */
  readonly jwks: Jwks;
  readonly sha256: Sha256;
  readonly foreign?: true;
}

/** Gathers by which keys sign-ins were verified: there are few, and a hundred thousand sign-ins. */
export class SignInKeys {
  readonly #seen = new Map<string, SignInKey>();
  readonly #before = new Set<string>();

  note({ index, issuer, idToken, jwks, sha256, foreign }: VerifiedSignIn): void {
    // The token's header names the key, and is one text for all tokens that it signed.
    const name = `${sha256} ${idToken.slice(0, idToken.indexOf("."))} ${issuer}`;
    const known = this.#seen.get(name) ?? {
      ...keyOf(idToken, jwks),
      issuer,
      first: index,
      last: index,
      ...(foreign === undefined ? {} : { foreign }),
    };
    this.#seen.set(name, { ...known, first: Math.min(known.first, index), last: Math.max(known.last, index) });
  }

  /** The keys that were archived with a sign-in of before, but for those that share a name. `jwks`: asked for where it is not known. */
  async noteBefore({ index, issuer, sha256 }: Omit<VerifiedSignIn, "idToken" | "jwks">, jwks: () => Promise<Jwks>) {
    const name = `${sha256} ${issuer}`;
    if (this.#before.has(name)) return;
    this.#before.add(name);
    const { keys } = await jwks();
    for (const key of keys) {
      // Whoever signed nothing here may be in whatever form: a name that is no text is none, and nobody signs in under it.
      if (!isText(key.kid) || keys.filter(({ kid }) => kid === key.kid).length > 1) continue;
      const told = { ...namedKey(key.kid, key), issuer, first: index, last: index, before: true } as const;
      this.#seen.set(`${name} ${key.kid}`, told);
    }
  }

  /** Those that were noted since they were taken last. */
  take(): readonly SignInKey[] {
    const taken = [...this.#seen.values()];
    this.#seen.clear();
    return taken;
  }
}

/**
 * The keys that a sign-in is held against: of those that are known from elsewhere the one of its key's name, and of several of one
 * name the archived one, if it is among them. Where none has its name, which is for `recheckSignInKeys` to say, those that are archived.
 */
export function keysFor(
  idToken: string,
  archived: () => Jwks,
  known: Jwks | undefined,
): { readonly jwks: Jwks; readonly foreign?: true } {
  if (known === undefined || idToken === "") return { jwks: archived() };
  const { keyId: kid } = readToken(idToken);
  const named = known.keys.filter((key) => key.kid === kid);
  if (named.length === 0) return { jwks: archived(), foreign: true };
  if (named.length === 1) return { jwks: { keys: named } };
  const { thumbprint } = keyOf(idToken, archived());
  const same = named.filter((key) => namedKey(kid, key).thumbprint === thumbprint);
  return { jwks: { keys: [...same, ...named].slice(0, 1) } };
}

/** What RFC 7638 hashes of a key besides its `kty`. */
const required: Readonly<Record<string, readonly ("crv" | "e" | "n" | "x" | "y")[]>> = {
  RSA: ["e", "n"],
  EC: ["crv", "x", "y"],
  OKP: ["crv", "x"],
};

function keyOf(idToken: string, jwks: Jwks): Pick<SignInKey, "kid" | "thumbprint"> {
  const { keyId: kid } = readToken(idToken);
  return namedKey(kid, jwks.keys.find((each) => each.kid === kid) ?? { kty: "" });
}

function namedKey(kid: string | undefined, key: Jwk): Pick<SignInKey, "kid" | "thumbprint"> {
  const names = Object.hasOwn(required, key.kty) ? (required[key.kty] ?? []) : [];
  const crv = isText(key.crv) ? key.crv : undefined;
  const members = names.map((name) => [name, (name === "crv" ? crv : spelledKeyNumber(key.kty, key[name])) ?? null]);
  const thumbprint = sha256Bytes(canonicalJsonBytes(Object.fromEntries([["kty", key.kty], ...members])));
  return { ...(kid === undefined ? {} : { kid }), thumbprint: base64url(thumbprint) };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** The keys that parts of a pack tell of, each once, in the order in which the log comes to them. */
export function signInKeysIn(told: readonly SignInKey[]): readonly SignInKey[] {
  const same = Map.groupBy(told, ({ issuer, kid, thumbprint }) => canonicalJson([issuer, kid ?? null, thumbprint]));
  return [...same.values()]
    .flatMap((each) => {
      // Where a sign-in was verified with it, that is said.
      const verified = each.filter(({ before }) => before !== true);
      const told = verified.length === 0 ? each : verified;
      return told.slice(0, 1).map((one) => ({ ...one, ...rangeOf(told) }));
    })
    .toSorted((one, other) => one.first - other.first);
}

function rangeOf(keys: readonly SignInKey[]): Pick<SignInKey, "first" | "last"> {
  const first = keys.reduce((least, key) => Math.min(least, key.first), Number.POSITIVE_INFINITY);
  return { first, last: keys.reduce((most, key) => Math.max(most, key.last), 0) };
}

/**
 * Keys that go by the name of another: a provider does not give a name twice, so one of them is not its own. And those that are not
 * among the keys that were given as the provider's: it publishes a key for as long as it uses it, or somebody made up a name.
 */
export function recheckSignInKeys(keys: readonly SignInKey[]): readonly PackFinding[] {
  return [...keysOfOneName(keys), ...foreignKeys(keys)];
}

function foreignKeys(keys: readonly SignInKey[]): readonly PackFinding[] {
  return keys
    .filter(({ foreign }) => foreign === true)
    .map((key) => {
      const name = key.kid === undefined ? "a key without a name" : `the key '${nameAsRead(key.kid)}'`;
      const sentence = `Not among the keys that you gave is ${name} of ${nameAsRead(key.issuer)}, by which are signed ${keyText(key)}. Give those that it published then as well, or compare the thumbprint with them.`;
      return { code: "sign-in-key-foreign", path: recordPath(key.first), sentence };
    });
}

function keysOfOneName(keys: readonly SignInKey[]): readonly PackFinding[] {
  const named = keys.filter(({ kid }) => kid !== undefined);
  const same = Map.groupBy(named, ({ issuer, kid }) => canonicalJson([issuer, kid ?? null]));
  return [...same.values()].flatMap(([one, ...others]) =>
    others.map((other): PackFinding => {
      const sentence = `The identity provider ${nameAsRead(other.issuer)} is said to have two keys of the name '${nameAsRead(other.kid ?? "")}': ${keyText(other)} are signed by another than ${one === undefined ? "" : keyText(one)}.`;
      return { code: "sign-in-key-differs", path: recordPath(other.first), sentence };
    }),
  );
}

function keyText({ thumbprint, first, last }: SignInKey): string {
  return `the sign-ins in the entries ${first} to ${last} (thumbprint ${thumbprint})`;
}

/** Which keys were taken from beside the sign-ins, each, for whoever can compare them. `since`: of what came since an earlier head. */
export function whichSignInKeys(
  all: readonly SignInKey[],
  { since = false }: { readonly since?: boolean } = {},
): readonly Unchecked[] {
  const keys = all.filter(({ before, foreign }) => before !== true && foreign !== true);
  if (keys.length === 0) return [];
  const count = keys.length === 1 ? "one key" : `${keys.length} keys, each named here`;
  const before = since
    ? ", and with those that your verification of what was before named: one that had another thumbprint under its name is not the provider's"
    : "";
  const whole = `Whether the identity provider's keys are its own: people's sign-ins are signed by ${count}. Compare with those that it published then${before}.`;
  // The thumbprint comes before what a service that lies may have made long, or put quotation marks into.
  const each = keys.map(({ issuer, kid, thumbprint, first, last }) => {
    const name = kid === undefined ? "without a name" : `by the name '${nameAsRead(kid)}'`;
    return `Whether the key with the thumbprint ${thumbprint}, which signed sign-ins in the entries ${first} to ${last}, is one of the identity provider: it does so ${name} of ${nameAsRead(issuer)}.`;
  });
  return [whole, ...each].map((sentence) => ({ sentence }));
}
