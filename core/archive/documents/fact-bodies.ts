import * as v from "valibot";
import { intruderKinds } from "../../deployment/intruder.ts";
import { type Instant, isInstant } from "../../encoding/instant.ts";
import { noList } from "../../encoding/no-list.ts";
import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import { reportedOutcomes } from "../../promotion/deployment-report.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { evidenceKinds } from "../../promotion/freeze-manifest.ts";
import { planOutcomes } from "../../promotion/plan-report.ts";
import { isPromotionId, type PromotionId } from "../../promotion/promotion-id.ts";
import { conditionsInForceSchema, releaseConditionsSchema } from "../../promotion/release-conditions.ts";
import { remedies } from "../../promotion/remedy.ts";
import { targetKinds } from "../../promotion/target.ts";
import { author, slug } from "./document-forms.ts";

// What the bodies of records hold, as far as verification reads them; what else they say is for people.

const text = v.pipe(v.string(), v.maxLength(4000));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const digest = v.custom<Sha256>(isSha256);
const instant = v.custom<Instant>(isInstant);
const identity = v.object({ issuer: text, subject: text });

const own = {
  errorPercent: v.exactOptional(v.number()),
  p95Milliseconds: v.exactOptional(v.number()),
};
const percent = v.pipe(v.number(), v.minValue(1), v.maxValue(100));
/** What a release may wait or be watched: as long as an approval may ask for. */
const waited = v.pipe(count, v.maxValue(180 * 86_400));
const release = v.strictObject({
  kind: v.picklist(["first", "update"]),
  traffic: v.variant("kind", [
    v.strictObject({ kind: v.literal("all-at-once"), waitSeconds: waited }),
    v.strictObject({ kind: v.picklist(["canary", "linear"]), percent, waitSeconds: waited }),
    v.strictObject({ kind: v.literal("rolling"), copies: count, of: count, waitSeconds: waited }),
    v.strictObject({
      kind: v.literal("weights"),
      steps: v.pipe(v.array(v.strictObject({ percent, waitSeconds: waited })), v.minLength(1)),
    }),
  ]),
  alarms: v.exactOptional(
    v.variant("kind", [
      v.strictObject({ kind: v.literal("own"), ...own }),
      v.strictObject({
        kind: v.literal("named"),
        names: v.array(text),
        own: v.exactOptional(v.strictObject({ ...noList, ...own })),
      }),
    ]),
  ),
  watchSeconds: v.exactOptional(waited),
});

const passkeyUse = v.exactOptional(
  v.strictObject({ id: digest, counter: count, counterWentBack: v.exactOptional(v.literal(true)) }),
);

const signOff = {
  signOff: digest,
  review: count,
  stage: count,
  result: v.picklist(["approve", "reject", "withdraw"]),
  reason: text,
  roles: v.array(text),
  reviewer: identity,
  onBehalfOf: v.exactOptional(v.strictObject({ person: identity, delegation: digest })),
  conditions: v.exactOptional(releaseConditionsSchema),
  groups: v.array(text),
  signIn: v.exactOptional(
    v.strictObject({ ...noList, acr: v.exactOptional(text), amr: v.exactOptional(v.array(text)) }),
  ),
  passkey: passkeyUse,
};

const fallen = v.array(v.object({ signOff: digest, why: text }));
const reopened = {
  from: v.object({ from: digest, to: digest, fallen: v.strictTuple([]) }),
  kept: v.object({
    review: count,
    kept: v.array(v.object({ signOff: digest, stage: count, roles: v.array(text), review: count })),
    fallen,
  }),
  breach: v.object({ breach: conditionsInForceSchema, fallen }),
} as const;
const seatsFell = v.object({ fallen });

/** What seats opened again for is told by which of these it says, whatever it says there: rules ask for them by name. */
function reopenedForm(
  body: unknown,
): v.GenericSchema<v.InferOutput<typeof seatsFell | (typeof reopened)[keyof typeof reopened]>> {
  if (typeof body !== "object" || body === null) return seatsFell;
  if ("from" in body) return reopened.from;
  if ("kept" in body) return reopened.kept;
  return "breach" in body ? reopened.breach : seatsFell;
}

export const bodies = {
  request: v.object({
    model: v.object({ name: slug, type: slug, version: text }),
    target: slug,
    freezeDigest: digest,
    requester: identity,
    // To judge again who may sign and until when.
    expiresAt: instant,
    startedBy: v.optional(author),
    requirements: digest,
    release: v.picklist(["first", "update"]),
    reapproves: v.exactOptional(v.custom<PromotionId>(isPromotionId)),
  }),
  freeze: v.object({
    freezeDigest: digest,
    frozen: v.array(v.object({ name: text, key: text, versionId: text })),
  }),
  "policy-proposed": v.object({ former: digest, proposed: digest }),
  "policy-activated": v.object({ policy: digest, number: count, former: v.exactOptional(digest) }),
  gates: v.object({
    outcome: v.picklist(["passed", "blocked"]),
    step: v.optional(v.picklist(["gates", "matrix"])),
    requirements: digest,
  }),
  blocked: v.object({
    step: v.optional(v.picklist(["freeze", "gates", "matrix", "policy", "stage", "shadow", "deploy"])),
  }),
  "shadow-run": v.variant("state", [
    v.object({ state: v.literal("started"), plan: digest, beside: text }),
    v.object({ state: v.literal("nothing-to-compare"), plan: digest }),
    v.object({ state: v.literal("running") }),
    v.object({ state: v.literal("over"), requests: count }),
    v.object({
      state: v.literal("reported"),
      evidence: v.strictObject({
        kind: v.picklist(evidenceKinds),
        format: text,
        name: text,
        mediaType: text,
        size: count,
        sha256: digest,
      }),
    }),
  ]),
  "stage-opened": v.object({ stage: count, name: text, round: count, review: count, deadline: instant }),
  "sign-off": v.object(signOff),
  "sign-off-kept": v.object({
    ...signOff,
    from: v.custom<PromotionId>(isPromotionId),
    recordedAt: instant,
    kept: v.object({ stage: count, roles: v.array(text), review: count }),
  }),
  passkey: v.object({ passkey: digest, owner: identity, person: identity, groups: v.array(text) }),
  delegation: v.object({
    delegation: digest,
    delegator: identity,
    delegate: identity,
    person: identity,
    groups: v.array(text),
    passkey: passkeyUse,
  }),
  "stage-decided": v.object({
    stage: count,
    seats: v.array(v.object({ role: text, person: identity, signOff: digest })),
  }),
  "seat-reopened": v.lazy(reopenedForm),
  "loan-requested": v.object({
    signature: digest,
    review: count,
    seconds: count,
    incident: text,
    reason: text,
    role: text,
    confirms: v.exactOptional(digest),
    lender: identity,
    groups: v.array(text),
    signIn: signOff.signIn,
    passkey: signOff.passkey,
  }),
  loan: v.object({
    lenders: v.pipe(v.array(v.object({ role: text, person: identity, signature: digest })), v.length(2)),
    seconds: count,
    incident: text,
    at: instant,
    until: instant,
    budget: v.object({ period: text, number: count, of: count }),
  }),
  "loan-refused": v.object({ signature: digest }),
  "loan-taken-back": v.object({ serves: v.nullable(text) }),
  // By a freeze window; or by something else that it waits for, such as a plan to be applied.
  held: v.object({ window: v.exactOptional(text), until: v.exactOptional(instant) }),
  verdict: v.object({
    result: v.picklist(["PASSED", "FAILED"]),
    loan: v.exactOptional(v.literal(true)),
    exception: v.exactOptional(v.object({ window: text, reason: text })),
    policy: v.exactOptional(digest),
  }),
  "deployment-started": v.object({
    endpoint: text,
    previous: v.nullable(text),
    gone: v.exactOptional(v.literal(true)),
    verdict: v.nullable(digest),
    conditions: v.exactOptional(conditionsInForceSchema),
    infrastructure: v.exactOptional(v.array(v.object({ plan: digest, by: v.picklist(["change-set", "report"]) }))),
  }),
  drift: v.object({
    action: v.optional(v.picklist(remedies)),
    unlessReapproved: v.exactOptional(v.picklist(remedies)),
    reapproveBy: v.exactOptional(instant),
    reapproval: v.exactOptional(v.custom<PromotionId>(isPromotionId)),
    newer: v.exactOptional(v.custom<PromotionId>(isPromotionId)),
  }),
  remedy: v.object({
    remedy: v.picklist(["previous", "stop"]),
    because: v.picklist(["drift", "not-reapproved"]),
    state: v.picklist(["started", "failed", "done"]),
    to: v.exactOptional(v.custom<PromotionId>(isPromotionId)),
    verdict: v.exactOptional(digest),
  }),
  "intruder-found": v.object({
    kind: v.picklist(intruderKinds),
    running: text,
    action: v.picklist(["report", "take-back"]),
    place: v.strictObject({
      kind: v.picklist(targetKinds),
      target: text,
      endpoint: text,
    }),
  }),
  "intruder-gone": v.object({ found: text }),
  "take-back": v.object({
    found: text,
    state: v.picklist(["started", "failed"]),
    verdict: v.exactOptional(digest),
  }),
  "plan-reported": v.object({ plan: digest, outcome: v.picklist(planOutcomes) }),
  "deployment-reported": v.object({ outcome: v.picklist(reportedOutcomes) }),
  "passport-issued": v.object({ passport: text, audience: text, verdict: digest, expiresAt: instant }),
  "passport-redeemed": v.object({ passport: text, audience: text }),
  "traffic-shifted": v.object({ percent }),
  // What a deployment's beginning says to run, read where it is held against what was signed.
  served: v.object({ image: text, model: v.strictObject({ uri: text, versionId: text, sha256: digest }) }),
  // How it is released is read where somebody asked for something, and is for people otherwise.
  release: v.object({ release }),
  supersedes: v.object({
    kept: v.array(v.object({ signOff: digest, stage: count, roles: v.array(text), review: count })),
    promotions: v.array(v.object({ id: v.custom<PromotionId>(isPromotionId), freezeDigest: digest })),
  }),
  superseded: v.object({ by: v.custom<PromotionId>(isPromotionId) }),
  rejected: v.object({ by: v.array(identity) }),
} as const;

// Rules ask for the bodies of the same few records in turn, while their promotion is looked at: read by each of them anew, they
// were 4 % of a verification (measured). Bounded, since whoever made the pack chooses how many there are.
const bodiesRead = new Map<LedgerRecord["body"], Map<keyof typeof bodies, unknown>>();
const mostBodies = 128;

/** The body of a record in the form of its kind; the same one for the same record. Throws `pack-invalid`. */
export function bodyOf<Kind extends keyof typeof bodies>(
  kind: Kind,
  record: LedgerRecord,
): v.InferOutput<(typeof bodies)[Kind]> {
  const known = bodiesRead.get(record.body)?.get(kind);
  if (known !== undefined) return known as v.InferOutput<(typeof bodies)[Kind]>;
  const result = v.safeParse(bodies[kind] as v.GenericSchema<v.InferOutput<(typeof bodies)[Kind]>>, record.body);
  if (!result.success) {
    const [issue] = result.issues;
    const place = v.getDotPath(issue) ?? "it";
    throw new Failure("pack-invalid", `The record '${record.id}' does not say what a '${kind}' says (${place}).`);
  }
  const read = bodiesRead.get(record.body) ?? new Map<keyof typeof bodies, unknown>();
  if (bodiesRead.size >= mostBodies) bodiesRead.clear();
  bodiesRead.set(record.body, read.set(kind, result.output));
  return result.output;
}
