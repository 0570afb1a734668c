import { whyNotKept } from "../../approval/carry-over.ts";
import { asInReview } from "../../approval/earlier-review.ts";
import { originalBeside, originalManifestName, originalRequirementsName } from "../../attestation/kept-sign-off.ts";
import { fromBase64 } from "../../encoding/base64.ts";
import { canonicalJson } from "../../encoding/canonical-json.ts";
import { isSha256, type Sha256, sha256Hex } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { freezeDigest } from "../../promotion/freeze-manifest.ts";
import { promotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readJson } from "../documents/json-document.ts";
import { readFreezeManifest } from "../documents/read-freeze-manifest.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import { readRequirements } from "../documents/read-requirements.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { type AttestationTrust, type HeldSignOff, proven } from "./verify-sign-offs.ts";

/** What says that a sign-off is kept, and the verdicts PASSED of a quorum that rest on it. */
interface SaidToBeKept {
  readonly step: Step;
  readonly verdicts: readonly Step[];
}

/** What the promotion says it keeps, by the sign-off's id. */
export function saidToBeKept(steps: readonly Step[]): ReadonlyMap<Sha256, SaidToBeKept> {
  const passed = steps.filter(({ record }) => record.type === "verdict" && isOfQuorum(record));
  const restOn = (signOff: Sha256) =>
    passed.filter(({ before }) => before?.settled.some(({ seats }) => seats.some((seat) => seat.signOff === signOff)));
  return new Map(
    steps.flatMap((step) =>
      step.record.type === "supersedes"
        ? bodyOf("supersedes", step.record).kept.map(
            ({ signOff }) => [signOff, { step, verdicts: restOn(signOff) }] as const,
          )
        : [],
    ),
  );
}

function isOfQuorum(record: LedgerRecord): boolean {
  const { result, loan } = bodyOf("verdict", record);
  return result === "PASSED" && loan !== true;
}

/**
 * Verifies a sign-off that was kept from an earlier candidate: from its documents against that candidate's manifest and
 * requirements, and then that what it judges is the same here. Throws what is wrong.
 */
export async function verifyKeptSignOff(
  each: PromotionRecord,
  { step, verdicts }: SaidToBeKept,
  read: ReadDocument,
  trust: AttestationTrust,
  tokenLeftOut: boolean,
): Promise<HeldSignOff> {
  const { record } = each;
  const body = bodyOf("sign-off-kept", record);
  const { kept } = body;
  const { kept: all, promotions } = bodyOf("supersedes", step.record);
  const said = all.find(({ signOff }) => signOff === body.signOff);
  if (
    record.id !== `${step.after.id}/sign-off-kept/${kept.review}/${body.signOff}` ||
    canonicalJson(said ?? null) !== canonicalJson({ signOff: body.signOff, ...kept })
  ) {
    throw new Failure("statement-mismatch", "It is kept otherwise than the promotion's own record says.");
  }
  const { held, manifest, requirements } = await asGiven(each, read, trust, tokenLeftOut);
  // Who was asked about that one was asked last: what was signed for one before may have been taken back there.
  if (promotions.at(-1)?.id !== body.from)
    throw new Failure("statement-mismatch", "It is kept from another candidate than the last whose place was taken.");
  if (step.requirements === undefined) throw new Failure("statement-mismatch", "Only an approval can be kept.");
  const { review } = step.after;
  const asked = step.requirements.rule.stages[kept.stage]?.name;
  // Both are the service's word alone: what was signed was for one stage, and is held against one review.
  if (kept.review !== review || asked !== requirements.rule.stages[body.stage]?.name)
    throw new Failure("statement-mismatch", "It is kept in another stage or for another review than it may be.");
  // Gates may be judged once more in the same review, by other requirements: a verdict is given under the last of them.
  for (const { after, requirements: judgedBy = step.requirements } of [step, ...verdicts])
    for (const role of kept.roles) {
      const why = held.signOff.roles.includes(role)
        ? whyNotKept(held.signOff, role, {
            older: { manifest, requirements, beside: originalBeside(record) },
            newer: { manifest: after.manifest, requirements: judgedBy, beside: asInReview(after, review)?.beside },
            now: step.record.at,
          })
        : "did not sign in that role";
      if (why !== undefined)
        throw new Failure("statement-mismatch", `It was kept although it falls: ${held.signOff.reviewerName} ${why}.`);
    }
  return { ...held, signOff: { ...held.signOff, ...kept }, kept: true };
}

/**
 * Verifies one that its promotion does not say it keeps: it was written first, and what would have said so was written by
 * nobody, or otherwise. It counts nowhere; but that it was given stands in the report. Throws what is wrong; answers what cannot be
 * told yet of its sign-in.
 */
export async function verifyUnkept(
  each: PromotionRecord,
  read: ReadDocument,
  trust: AttestationTrust,
  tokenLeftOut: boolean,
): Promise<readonly string[]> {
  const { record } = each;
  const { kept, signOff } = bodyOf("sign-off-kept", record);
  if (record.id !== `${record.promotion}/sign-off-kept/${kept.review}/${signOff}`)
    throw new Failure("statement-mismatch", "It is recorded under another id than its own.");
  const { held } = await asGiven(each, read, trust, tokenLeftOut);
  return held.untold === undefined ? [] : [held.untold];
}

/** An approval as it was given to an earlier candidate, and what that was judged by. Throws what is wrong. */
async function asGiven(each: PromotionRecord, read: ReadDocument, trust: AttestationTrust, tokenLeftOut: boolean) {
  const { record } = each;
  const body = bodyOf("sign-off-kept", record);
  const { from } = body;
  const document = async (name: string): Promise<Uint8Array> => {
    const bytes = await read(attachmentNamed(record, name).sha256);
    if (bytes === undefined) throw new Failure("pack-invalid", `Its ${name} is not in the pack.`);
    return bytes;
  };
  const manifest = readFreezeManifest(await document(originalManifestName));
  const requirementsBytes = await document(originalRequirementsName);
  const requirements = readRequirements(requirementsBytes);
  const digest = freezeDigest(manifest);
  const stage = requirements.rule.stages[body.stage];
  if (promotionId(digest, Number(from.slice(from.lastIndexOf("-") + 1))) !== from || stage === undefined)
    throw new Failure("statement-mismatch", "It was given for another candidate or stage than its record names.");
  const context = {
    attestationBase: trust.attestationBase,
    freezeDigest: digest,
    promotion: from,
    model: manifest.model,
    target: manifest.target,
    review: body.review,
    stage: { index: body.stage, name: stage.name },
    requirements: sha256Hex(requirementsBytes),
    shown: shownIn(await document("sign-off.dsse.json")),
  };
  const held = await proven(each, { body, context, recordedAt: body.recordedAt }, read, trust, tokenLeftOut);
  if (held.signOff.result !== "approve") throw new Failure("statement-mismatch", "Only an approval can be kept.");
  return { held, manifest, requirements };
}

/** Which summary the reviewer was shown: the earlier candidate's own records say whether it was that one. */
function shownIn(envelope: Uint8Array): Sha256 {
  const { payload } = readJson("sign-off.dsse.json", envelope) as { readonly payload?: unknown };
  const statement = readJson("the statement", fromBase64(typeof payload === "string" ? payload : "")) as {
    readonly predicate?: { readonly shown?: { readonly sha256?: unknown } };
  } | null;
  const shown = statement?.predicate?.shown?.sha256;
  if (typeof shown === "string" && isSha256(shown)) return shown;
  throw new Failure("statement-mismatch", "Its statement does not say what the reviewer was shown.");
}
