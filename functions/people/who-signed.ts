import type { Person } from "../../core/approval/people.ts";
import { addressIn } from "../../core/attestation/id-token.ts";
import type { RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import type { RecordedLoan } from "../../core/attestation/recorded-loan.ts";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { by } from "../../core/encoding/text-order.ts";
import { type Identity, type IdentityKey, identityKey, normalAddress } from "../../core/promotion/identity.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { keptSignOffs } from "../review/kept-sign-offs.ts";
import { type DelegationDeeds, deedsBehind } from "./delegations.ts";

/** What people signed about a promotion, each with the sign-in that proves it. */
export interface Signed {
  readonly signOffs: readonly Pick<RecordedSignOff, "signOff" | "idToken">[];
  /** Whose signatures lent seats. */
  readonly loans?: readonly Pick<RecordedLoan, "signature" | "idToken">[];
  /** By which others signed in somebody's place. */
  readonly deeds?: readonly Pick<
    RecordedDelegationDeed,
    "deed" | "delegation" | "personName" | "recordedAt" | "idToken"
  >[];
}

export interface SignedPorts {
  readonly promotions: {
    signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]>;
    loans(id: PromotionId): Promise<readonly RecordedLoan[]>;
  };
  readonly delegations: DelegationDeeds;
}

/** Whose signatures about a loan tell who they are: of those who gave it, or of all who asked for one, whatever came of it. */
export type LendersKnown = "given" | "asked";

/** Everything that was signed about a promotion: for it, for the one whose place it took, by lenders, and by those in whose place others did. */
export async function signedAbout(
  promotion: Promotion,
  recorded: readonly Pick<RecordedSignOff, "signOff" | "idToken">[],
  { promotions, delegations }: SignedPorts,
  lenders: LendersKnown = "given",
): Promise<Signed> {
  const signOffs = [...recorded, ...(await keptSignOffs(promotion, { promotions }))];
  const [loans, deeds] = await Promise.all([
    promotion.loan === undefined && lenders === "given" ? [] : promotions.loans(promotion.id),
    deedsBehind(
      signOffs.map(({ signOff }) => signOff),
      delegations,
    ),
  ]);
  return { signOffs, loans, deeds };
}

/**
 * people.yaml, and by which address the identity provider knew each who signed, which is what verification has of them. An account
 * that the directory does not list any more, as after a change of the provider or where it was made anew, stays the same person's
 * as any other with its address: what they decide last counts, whichever account they use.
 */
export function withWhoSigned(
  people: readonly Person[],
  { signOffs, loans = [], deeds = [] }: Signed,
): readonly Person[] {
  const delegators = deeds
    .filter(({ deed }) => deed === "delegate")
    .map(({ delegation, personName, recordedAt, idToken }) =>
      signIn(delegation.delegator, personName, recordedAt, idToken),
    );
  const signers = [
    ...signOffs.map(({ signOff, idToken }) =>
      signIn(signOff.reviewer, signOff.reviewerName, signOff.recordedAt, idToken),
    ),
    ...loans.map(({ signature: { reviewer, reviewerName, recordedAt }, idToken }) =>
      signIn(reviewer, reviewerName, recordedAt, idToken),
    ),
  ];
  const known = new Map<IdentityKey, Person>();
  // Of one account the address that it had last; what somebody signed themselves goes before what others signed for them.
  for (const { who, name, idToken } of [...inOrder(delegators), ...inOrder(signers)]) {
    const address = normalAddress(addressIn(idToken));
    if (address === "") continue;
    known.set(identityKey(who), { name, addresses: [address], accounts: [], identities: [who], outside: true });
  }
  return known.size === 0 ? people : [...people, ...known.values()];
}

function signIn(who: Identity, name: string, at: Instant, idToken: string) {
  return { who, name, at, idToken };
}

function inOrder(signIns: readonly ReturnType<typeof signIn>[]): readonly ReturnType<typeof signIn>[] {
  return signIns.toSorted(by(({ at }) => at));
}
