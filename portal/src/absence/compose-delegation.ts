import { delegationBeginsWithinSeconds, longestDelegationSeconds } from "../../../core/approval/delegation.ts";
import {
  type DelegationDeed,
  type DelegationDocument,
  type DelegationStatement,
  delegationStatement,
} from "../../../core/attestation/delegation-statement.ts";
import { statementLifetimeSeconds } from "../../../core/attestation/sign-off-statement.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { AbsenceView } from "../api/contract.ts";
import { beginningOf, endOf } from "./days.ts";
import type { DelegationDraft } from "./delegation-draft.ts";

/** Why a delegation cannot be put into a statement yet. */
export type DelegationFlaw = "no-person" | "no-days" | "days-reversed" | "too-long" | "too-far-ahead";

/** The delegation that a form describes, or what is wrong with it. `random`: 16 bytes. */
export function composedDelegation(
  draft: DelegationDraft,
  view: AbsenceView,
  at: { readonly now: Instant; readonly random: Uint8Array },
): DelegationDocument | DelegationFlaw {
  const person = view.people.find(({ identity }) => identityKey(identity) === draft.person);
  const role = draft.role === "" ? view.roles[0]?.role : draft.role;
  if (person === undefined || role === undefined) return "no-person";
  const [begins, until] = [beginningOf(draft.from), endOf(draft.until)];
  if (begins === undefined || until === undefined) return "no-days";
  // A day that has begun counts from now on: nothing that was signed before is meant.
  const from = begins < at.now ? at.now : begins;
  if (until <= from) return "days-reversed";
  if (until > addSeconds(from, longestDelegationSeconds)) return "too-long";
  if (from > addSeconds(at.now, delegationBeginsWithinSeconds)) return "too-far-ahead";
  const { modelType, target } = draft;
  const model = draft.model.trim().toWellFormed();
  return {
    delegator: view.person,
    delegate: person.identity,
    role,
    scope: {
      ...(model === "" ? {} : { model }),
      ...(modelType === "" ? {} : { modelType }),
      ...(target === "" ? {} : { target }),
    },
    from,
    until,
    reason: draft.reason.trim().toWellFormed(),
    salt: base64url(at.random),
  };
}

/** The statement of a deed about a delegation. */
export function composedDeed(
  view: Pick<AbsenceView, "attestationBase" | "person">,
  deed: DelegationDeed,
  delegation: DelegationDocument,
  now: Instant,
): DelegationStatement {
  return delegationStatement(view.attestationBase, {
    deed,
    delegation,
    person: view.person,
    issuedAt: now,
    expiresAt: addSeconds(now, statementLifetimeSeconds),
  });
}
