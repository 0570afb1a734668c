import { describe, expect, it } from "vitest";
import type { Person } from "../../../core/approval/people.ts";
import type { PasskeyDeed } from "../../../core/attestation/passkey-statement.ts";
import { type Passkey, passkeysOf } from "../../../core/attestation/recorded-passkey.ts";
import { confirmedByOwner, type PasskeyRules, requirePasskeyDeed } from "../../../core/attestation/refuse-passkey.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { cora, everybody, matrix, member, now, sam } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { authenticator, portal } from "./authenticator.ts";
import { passkeyDeed, passkeyPredicate } from "./given-passkey.ts";
import { claimsOf } from "./given-sign-off.ts";
import { provider } from "./signing-keys.ts";

const device = authenticator();
const enrolment = await passkeyDeed("enrol", device, cora, cora, now);
const passkeyOf = (...deeds: Parameters<typeof passkeysOf>[0]): Passkey => {
  const [passkey = expect.unreachable()] = passkeysOf([enrolment, ...deeds]);
  return passkey;
};
const enrolled = passkeyOf();
const confirmed = passkeyOf(await passkeyDeed("confirm", device, cora, sam, now));
const revoked = passkeyOf(await passkeyDeed("revoke", device, cora, sam, now));
const { passkey: description } = passkeyPredicate("enrol", device, cora);
const alias = member("Alias", "sre");
const guest = member("Guest", "guests");
const tokenOf = (who: Member) =>
  provider.token(claimsOf(who, { predicate: {} } as unknown as Parameters<typeof claimsOf>[1]));
const person = (name: string, over: Partial<Person>): Person => ({
  name,
  addresses: [],
  accounts: [],
  identities: [],
  outside: false,
  ...over,
});

interface Asked {
  readonly by?: Member;
  readonly said?: { readonly passkey: typeof description };
  readonly groups?: readonly string[];
  readonly known?: Passkey;
  readonly rules?: Partial<PasskeyRules>;
}
function ask(deed: PasskeyDeed, { by = cora, said, groups = by.groups, known, rules = {} }: Asked): void {
  requirePasskeyDeed(
    { deed, passkey: description, person: by.identity, ...said },
    { identity: by.identity, groups, idToken: tokenOf(by) },
    known,
    { roles: matrix.roles, people: [], members: [...everybody, alias, guest], portal, ...rules },
  );
}

describe("a deed about a passkey", () => {
  it.each<[string, PasskeyDeed, Asked]>([
    ["an enrolment by its owner", "enrol", {}],
    ["a confirmation by a second person", "confirm", { by: sam, known: enrolled }],
    ["a revocation by its owner", "revoke", { known: confirmed }],
    ["a revocation by whoever holds a role", "revoke", { by: sam, known: confirmed }],
    ["a revocation of what nobody confirmed", "revoke", { by: sam, known: enrolled }],
  ])("%s is taken", (_, deed, asked) => {
    expect(() => ask(deed, asked)).not.toThrow();
  });

  const noRole = "not-entitled: Only somebody who holds a role of the approval matrix may do this.";
  const ownAgain = "not-entitled: This is the owner under another identity: a second person confirms a passkey.";
  it.each<[string, PasskeyDeed, Asked, string]>([
    [
      "by which somebody enrols another person's",
      "enrol",
      { by: sam },
      "not-entitled: A passkey is enrolled by its owner and nobody else.",
    ],
    [
      "by which its owner confirms it",
      "confirm",
      { known: enrolled },
      "not-entitled: Nobody confirms their own passkey: a second person does.",
    ],
    ["by somebody without a role", "revoke", { by: guest, known: confirmed }, noRole],
    ["by somebody whose sign-in names no role", "revoke", { by: sam, groups: [], known: confirmed }, noRole],
    [
      "by somebody whom the directory gives no role",
      "revoke",
      { by: sam, known: confirmed, rules: { members: [{ ...sam, groups: [] }] } },
      noRole,
    ],
    [
      "by somebody whose account is disabled",
      "revoke",
      { by: sam, known: confirmed, rules: { members: [{ ...sam, enabled: false }] } },
      noRole,
    ],
    [
      "by somebody who is not in the directory",
      "revoke",
      { by: sam, known: confirmed, rules: { members: [cora] } },
      noRole,
    ],
    [
      "made for another host",
      "enrol",
      { rules: { portal: { ...portal, rpId: "other.example" } } },
      "statement-mismatch: The passkey was made for another page than this portal.",
    ],
    [
      "made on another page",
      "enrol",
      { rules: { portal: { ...portal, origin: "https://other.example" } } },
      "statement-mismatch: The passkey was made for another page than this portal.",
    ],
    ["that enrols it again", "enrol", { known: enrolled }, "conflict: This passkey was enrolled before."],
    ["that confirms what nobody enrolled", "confirm", { by: sam }, "not-found: There is no such passkey."],
    [
      "that confirms it under another name",
      "confirm",
      { by: sam, known: enrolled, said: { passkey: { ...description, name: "Phone" } } },
      "statement-mismatch: The statement describes the passkey otherwise than it was enrolled.",
    ],
    ["that confirms what was revoked", "confirm", { by: sam, known: revoked }, "conflict: This passkey was revoked."],
    [
      "that confirms it again",
      "confirm",
      { by: sam, known: confirmed },
      "conflict: This passkey was confirmed before.",
    ],
    [
      "by its owner with another account of the same address",
      "confirm",
      { by: { ...alias, address: "CORA@example.org" }, known: enrolled },
      ownAgain,
    ],
    [
      "by its owner with another account that people.yaml links",
      "confirm",
      {
        by: alias,
        known: enrolled,
        rules: { people: [person("Cora", { identities: [cora.identity, alias.identity] })] },
      },
      ownAgain,
    ],
    ["that revokes what nobody enrolled", "revoke", { by: sam }, "not-found: There is no such passkey."],
    [
      "that revokes it under another name",
      "revoke",
      { by: sam, known: enrolled, said: { passkey: { ...description, name: "Phone" } } },
      "statement-mismatch: The statement describes the passkey otherwise than it was enrolled.",
    ],
    ["that revokes it again", "revoke", { by: sam, known: revoked }, "conflict: This passkey was revoked before."],
  ])("%s is refused", (_, deed, asked, refusal) => {
    expect(told(codeOf(() => ask(deed, asked)))).toBe(refusal);
  });
});

describe("whether its owner confirmed a passkey", () => {
  const by = (who: Member, idToken = "") => ({ person: who.identity, idToken });
  const known = { members: everybody, people: [] };

  it.each<[string, ReturnType<typeof by>, Parameters<typeof confirmedByOwner>[2], boolean]>([
    ["by another person", by(sam), known, false],
    ["by the owner", by(cora), known, true],
    ["by an account that nobody knows, without its ID token", by(alias), known, false],
    [
      "by an account whose sign-in has the owner's address",
      by(alias, tokenOf({ ...alias, address: cora.address })),
      known,
      true,
    ],
    [
      "by an account that the directory gives the owner's address",
      by(alias),
      { ...known, members: [cora, { ...alias, address: cora.address }] },
      true,
    ],
    [
      "by an account that people.yaml gives the address of the owner's sign-in, who has left the directory",
      by(alias),
      { members: [], people: [person("Cora", { addresses: [cora.address], identities: [alias.identity] })] },
      true,
    ],
  ])("%s", (_, confirmation, directory, own) => {
    expect(confirmedByOwner({ enrolled: enrolment, description }, confirmation, directory)).toBe(own);
  });
});
