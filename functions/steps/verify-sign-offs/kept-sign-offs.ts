import { type JudgedCandidate, whyNotKept, whyReopened } from "../../../core/approval/carry-over.ts";
import { asInReview } from "../../../core/approval/earlier-review.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { requirePromotion } from "../promotion-store.ts";

export interface KeptSignOffsPorts {
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]>;
  };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  /** Throws what is wrong with a recorded sign-off, verified from its raw bytes. */
  readonly requireSignOff: (
    recorded: RecordedSignOff,
    promotion: Promotion,
    requirements: Requirements,
  ) => Promise<void>;
  readonly verifyingKey: () => Promise<VerifyingKey>;
}

/**
 * Throws unless each kept sign-off is kept once, in some role, and was given before: for an earlier candidate, or in an
 * earlier review than the one it is kept for. Of two entries, one would be judged and the other counted; and one for what
 * was signed in this review would count in the place of the sign-off itself, and be judged by nobody.
 */
export function requireKeptOnce({ id, review, carried = [] }: Promotion): void {
  const known = new Set<Sha256>();
  for (const { signOff, roles, review: keptFor } of carried) {
    const twice = known.has(signOff.id);
    known.add(signOff.id);
    const givenBefore = signOff.promotion !== id || signOff.review < keptFor;
    if (twice || roles.length === 0 || !givenBefore || keptFor > review)
      throw new Failure(
        "statement-mismatch",
        `What ${signOff.reviewerName} signed is not kept as sign-offs are: once, in a role, and for a later review.`,
      );
  }
}

/**
 * Verifies a kept sign-off from its raw bytes against the candidate that it was given for. Answers why it counts no more, in
 * words that follow the signer's name: the key may have been replaced since it was kept, and policies or what serves may have changed,
 * while this candidate ran in shadow. Throws what is wrong.
 */
export async function whyKeptFalls(
  recorded: RecordedSignOff,
  { promotion, requirements }: { readonly promotion: Promotion; readonly requirements: Requirements },
  ports: KeptSignOffsPorts,
): Promise<string | undefined> {
  const { signOff, envelope } = recorded;
  const ended = await requirePromotion(ports.promotions, signOff.promotion);
  // It may have been kept there before, in a later review than the one in which it was given.
  const given = asInReview(ended, signOff.review);
  const older = given?.promotion ?? ended;
  if (freezeDigest(older.manifest) !== older.freezeDigest)
    throw new Failure("digest-mismatch", "The manifest that a kept sign-off was given for is not what was signed.");
  const before = await requirementsOf(older, ports);
  await ports.requireSignOff(recorded, older, before);
  // A key that was replaced since signs nothing new, and this counts for something new.
  const { keyid } = await ports.verifyingKey();
  if (!envelope.signatures.some((each) => each.keyid === keyid)) return "signed under a key that was replaced since";
  const now = promotion.history.find(({ type }) => type === "supersedes")?.at ?? promotion.submittedAt;
  const judged = {
    older: { manifest: older.manifest, requirements: before, beside: given?.beside },
    newer: {
      manifest: promotion.manifest,
      requirements,
      beside: asInReview(promotion, promotion.review)?.beside,
    },
    now,
  };
  if (!isInItsStage(promotion, signOff, judged)) return "signed for another stage";
  return whyNotStanding(promotion, signOff, (role) => whyNotKept(signOff, role, judged));
}

/**
 * Verifies a sign-off that was kept from an earlier review of the same promotion: from its raw bytes against what that
 * review was judged by, and that nothing of what it judges has changed since. Throws what is wrong.
 */
export async function requireKeptInReview(
  recorded: RecordedSignOff,
  { promotion, requirements }: { readonly promotion: Promotion; readonly requirements: Requirements },
  ports: Pick<KeptSignOffsPorts, "blobs" | "requireSignOff">,
): Promise<void> {
  const { signOff } = recorded;
  const given = asInReview(promotion, signOff.review);
  if (given === undefined)
    throw new Failure("statement-mismatch", `A sign-off names review ${signOff.review}, which there never was.`);
  const before = await requirementsOf(given.promotion, ports);
  await ports.requireSignOff(recorded, given.promotion, before);
  const { manifest } = promotion;
  const beside = asInReview(promotion, promotion.review)?.beside ?? new Map();
  const judged = {
    older: { manifest, requirements: before, beside: given.beside },
    newer: { manifest, requirements, beside },
  };
  if (!isInItsStage(promotion, signOff, judged))
    throw new Failure(
      "statement-mismatch",
      `What ${signOff.reviewerName} signed is kept in another stage than it was given in.`,
    );
  const why = whyNotStanding(promotion, signOff, (role) => whyReopened(signOff, role, judged));
  if (why !== undefined)
    throw new Failure("statement-mismatch", `A sign-off was kept that falls: ${signOff.reviewerName} ${why}.`);
}

/** Whether a sign-off is kept in the stage that was signed, by its name. */
function isInItsStage(
  { carried }: Promotion,
  { id, stage }: SignOff,
  { older, newer }: { readonly older: JudgedCandidate; readonly newer: JudgedCandidate },
): boolean {
  const kept = carried?.find(({ signOff }) => signOff.id === id);
  const nameIn = ({ requirements }: JudgedCandidate, at: number) => requirements.rule.stages[at]?.name;
  return kept === undefined || nameIn(newer, kept.stage) === nameIn(older, stage);
}

/** Why a sign-off falls in a role in which it is kept. Throws where it was not given in that role. */
function whyNotStanding(
  { carried }: Promotion,
  { id, roles, reviewerName }: SignOff,
  whyNot: (role: string) => string | undefined,
): string | undefined {
  const kept = carried?.find(({ signOff }) => signOff.id === id)?.roles ?? [];
  if (!kept.every((role) => roles.includes(role)))
    throw new Failure(
      "statement-mismatch",
      `A sign-off was kept that falls: ${reviewerName} did not sign in that role.`,
    );
  return kept.map(whyNot).find((why) => why !== undefined);
}

async function requirementsOf(
  { requirements }: Promotion,
  { blobs }: Pick<KeptSignOffsPorts, "blobs">,
): Promise<Requirements> {
  const bytes = await blobs.get(requirements.sha256);
  if (sha256Hex(bytes) === requirements.sha256) return JSON.parse(fromUtf8(bytes)) as Requirements;
  throw new Failure(
    "digest-mismatch",
    "The requirements that a kept sign-off was given under are not what was signed.",
  );
}
