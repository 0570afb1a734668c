import { type Identity, sameIdentity } from "../../../core/promotion/identity.ts";
import type { PendingDeed } from "../deeds/record-deed.ts";
import type { PendingSignIn } from "./pending-sign-in.ts";
import type { Reviewer } from "./session.ts";

/** What somebody prepared to sign, and somebody else signed in for. The service would refuse it; it is not sent. */
export interface SignedByAnother {
  readonly signedIn: string;
  /** Who prepared it. */
  readonly preparedBy: string;
}

/** `undefined` where whoever signed in is the person that the statement names, or nothing was to be signed. */
export function signedByAnother(pending: PendingSignIn, reviewer: Reviewer): SignedByAnother | undefined {
  const named = namedIn(pending);
  if (named === undefined || sameIdentity(named, reviewer.identity)) return undefined;
  return { signedIn: reviewer.name, preparedBy: pending.preparedBy ?? named.subject };
}

function namedIn({ decision, deed }: PendingSignIn): Identity | undefined {
  return deed === undefined ? decision?.statement.predicate.reviewer : personOf(deed);
}

function personOf(deed: PendingDeed): Identity {
  switch (deed.about) {
    case "passkey":
    case "delegation":
      return deed.statement.predicate.person;
    case "loan":
      return deed.statement.predicate.lender;
    default:
      return deed satisfies never;
  }
}
