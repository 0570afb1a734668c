import { givesRole } from "../../approval/entitlement.ts";
import type { RecordedPasskeyDeed } from "../../attestation/recorded-passkey.ts";
import type { Instant } from "../../encoding/instant.ts";
import { mayBeOnItsWay } from "../pack/on-its-way.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { everKnown, fittingNone, type KnownPolicies } from "./verify-policies.ts";
import { inForceIn } from "./versions-in-force.ts";

/** Somebody confirmed that a passkey is its owner's. */
export interface Confirmation {
  readonly index: number;
  readonly recorded: Pick<RecordedPasskeyDeed, "person" | "groups" | "recordedAt">;
}

const untold = "Whether whoever confirmed passkeys held a role then: which policies were in force is not told here.";

/**
 * Whoever confirms a passkey holds a role of the policies in force then, whichever: anybody may have an account.
 *
 * @param activations every record that put policies in force, in the order of the log; none where not all are known
 * @param goesTo as late as the log goes on
 */
export async function verifyConfirmed(
  activations: readonly PromotionRecord[],
  confirmations: readonly Confirmation[],
  read: ReadDocument,
  { goesTo, known = everKnown }: { readonly goesTo: Instant | undefined; readonly known?: KnownPolicies },
): Promise<{
  readonly problems: readonly { readonly index: number; readonly code: "passkey-invalid"; readonly sentence: string }[];
  readonly unchecked: readonly Unchecked[];
}> {
  const versions = inForceIn(activations);
  if (versions.count === 0)
    return { problems: [], unchecked: confirmations.length === 0 ? [] : [{ sentence: untold }] };
  const strangers = await fittingNone(
    versions,
    confirmations,
    {
      at: ({ recorded }) => recorded.recordedAt,
      fits: ({ matrix: { roles } }, { recorded: { person: identity, groups } }) =>
        Object.keys(roles).some((role) => givesRole(roles, role, { identity, groups })),
    },
    read,
    known,
  );
  const soon = strangers.filter(({ recorded }) => mayBeOnItsWay(recorded.recordedAt, goesTo));
  return {
    problems: strangers
      .filter((each) => !soon.includes(each))
      .map(({ index }) => ({
        index,
        code: "passkey-invalid",
        sentence: "The passkey was confirmed by somebody who held no role of the policies that were in force then.",
      })),
    unchecked: soon.map(({ index }) => ({
      sentence: `Whether whoever confirmed the passkey of ${recordPath(index)} held a role: none by the policies that the log tells of, and a change of them may have been on its way to it.`,
    })),
  };
}
