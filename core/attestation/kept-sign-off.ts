import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Fact } from "../promotion/fact.ts";
import type { CarriedSignOff, Promotion } from "../promotion/promotion.ts";
import { type RecordedSignOff, signOffFact } from "./recorded-sign-off.ts";

/** Under these names a kept sign-off's record holds what it was given for. */
export const originalManifestName = "original-freeze.json";
export const originalRequirementsName = "original-requirements.json";

/** Before the names of the documents that the older candidate's gates judged by beside its manifest. */
const besidePrefix = "original-beside-";

/** Those documents, by the names that they had there. */
export function originalBeside({ attachments }: Pick<Fact, "attachments">): ReadonlyMap<string, Sha256> {
  return new Map(
    attachments.flatMap(({ name, sha256 }) =>
      name.startsWith(besidePrefix) ? [[name.slice(besidePrefix.length), sha256] as const] : [],
    ),
  );
}

/**
 * The fact that an earlier candidate's sign-off counts for this promotion. It holds everything that the sign-off is
 * verified by, so that the promotion's part of the archive stands by itself.
 */
export function keptSignOffFact(
  recorded: RecordedSignOff,
  { stage, roles, review }: CarriedSignOff,
  between: {
    /** As it was in the review in which it was given. */
    readonly older: Promotion;
    /** Of that review, what its gates judged by beside the manifest. */
    readonly beside: ReadonlyMap<string, Sha256>;
    readonly newer: Promotion;
    readonly at: Instant;
  },
): Fact {
  const { older, beside, newer, at } = between;
  const { signOff } = recorded;
  const { body, attachments } = signOffFact(recorded);
  return {
    id: `${newer.id}/sign-off-kept/${review}/${signOff.id}`,
    type: "sign-off-kept",
    at,
    promotion: newer.id,
    summary: `What ${signOff.reviewerName} signed as ${roles.join(", ")} for ${older.manifest.model.version} is kept: what it judges is the same.`,
    body: { ...body, from: older.id, recordedAt: signOff.recordedAt, kept: { stage, roles, review } },
    attachments: [
      ...attachments,
      { name: originalManifestName, mediaType: "application/json", sha256: older.freezeDigest },
      { name: originalRequirementsName, mediaType: "application/json", sha256: older.requirements.sha256 },
      ...[...beside].map(([name, sha256]) => ({
        name: `${besidePrefix}${name}`,
        mediaType: "application/json",
        sha256,
      })),
    ],
  };
}
