import * as v from "valibot";
import type { Explanation } from "../../core/approval/explanation.ts";
import type { Requirement } from "../../core/approval/matrix.ts";
import { type Instant, isInstant } from "../../core/encoding/instant.ts";
import { membersOf } from "../../core/encoding/members-of.ts";
import { isSha256, type Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { statuses } from "../../core/promotion/promotion.ts";
import { isPromotionId } from "../../core/promotion/promotion-id.ts";

// What the service answers, as far as the commands read it. Members that they do not read are kept, because digests
// are taken over whole documents.

const id = v.custom<string>(isPromotionId);
const instant = v.custom<Instant>(isInstant);
const sha256 = v.custom<Sha256>(isSha256);
const text = v.string();
const identity = v.object({ issuer: text, subject: text });
const person = v.object({
  identity,
  name: text,
  inPlaceOf: v.exactOptional(text),
  escalatedAs: v.exactOptional(text),
  onCondition: v.exactOptional(text),
  away: v.exactOptional(v.literal(true)),
});

const explanation: v.GenericSchema<unknown, Explanation> = v.object({
  name: text,
  status: v.picklist(["met", "open", "waiting", "rejected", "unreachable"]),
  why: text,
  children: v.array(v.lazy(() => explanation)),
  seats: v.exactOptional(
    v.array(v.object({ role: text, filledBy: v.exactOptional(person), couldBeFilledBy: v.array(person) })),
  ),
  dismissed: v.exactOptional(v.array(v.object({ person, why: text }))),
});

const because = v.exactOptional(text);
const requirement: v.GenericSchema<unknown, Requirement> = v.union([
  v.strictObject({ because, role: text, count: v.number() }),
  v.strictObject({ because, all: v.array(v.lazy(() => requirement)) }),
  v.strictObject({ because, any: v.array(v.lazy(() => requirement)) }),
]);

const model = v.looseObject({ name: text, type: text, version: text });
const stage = v.object({
  index: v.number(),
  name: text,
  round: v.number(),
  openedAt: instant,
  deadline: instant,
  open: v.boolean(),
});

const promotionSummary = v.object({
  id,
  status: v.picklist(statuses),
  model,
  target: text,
  freezeDigest: sha256,
  submittedAt: instant,
  expiresAt: instant,
  stage: v.exactOptional(stage),
  reason: v.exactOptional(text),
  supersededBy: v.exactOptional(id),
  reapproval: v.exactOptional(id),
  reapproves: v.exactOptional(id),
});

const questions = v.array(
  v.object({ id: text, by: text, text, answer: v.exactOptional(v.object({ by: text, text })) }),
);

const measure = v.looseObject({
  title: text,
  where: text,
  value: v.number(),
  bound: v.exactOptional(v.looseObject({ min: v.exactOptional(v.number()), max: v.exactOptional(v.number()) })),
});

const evidence = v.looseObject({ kind: text, name: text, sha256 });

const promotion = v.object({
  ...promotionSummary.entries,
  drift: v.exactOptional(text),
  attempt: v.number(),
  manifest: v.looseObject({
    model,
    target: v.looseObject({ name: text, endpoint: text }),
    artifacts: v.array(v.looseObject({ role: text, name: text, size: v.number(), sha256 })),
    evidence: v.array(evidence),
  }),
  shadowReport: v.exactOptional(evidence),
  requirements: v.object({
    sha256,
    document: v.looseObject({
      rule: v.looseObject({ stages: v.array(v.looseObject({ name: text, requires: requirement })) }),
      roles: membersOf(v.looseObject({ title: text, groups: v.array(text) })),
    }),
  }),
  gates: v.exactOptional(
    v.object({
      outcome: text,
      report: v.looseObject({
        findings: v.array(v.looseObject({ status: text, sentence: text, dryRunUntil: v.exactOptional(text) })),
      }),
    }),
  ),
  summary: v.exactOptional(
    v.object({
      sha256,
      document: v.looseObject({
        attention: v.array(v.looseObject({ kind: text, sentence: text })),
        quality: v.array(measure),
        fairness: v.array(v.looseObject({ ...measure.entries, facet: text, group: text })),
        policyChanges: v.exactOptional(v.looseObject({ sentences: v.array(text), more: v.number() })),
      }),
    }),
  ),
  signOffContext: v.exactOptional(
    v.looseObject({ review: v.number(), stage: v.object({ index: v.number(), name: text }) }),
  ),
  explanation,
  changeFreeze: v.exactOptional(v.object({ window: text, until: instant })),
  // Not of a service of before.
  barred: v.exactOptional(v.array(v.looseObject({ identity, hand: text }))),
  delegations: v.array(
    v.object({ id: sha256, role: text, delegate: identity, delegator: identity, delegatorName: text, until: instant }),
  ),
  verdict: v.exactOptional(v.looseObject({ result: v.picklist(["PASSED", "FAILED"]), at: instant })),
  plan: v.exactOptional(
    v.variant("mayBeApplied", [
      v.object({ mayBeApplied: v.literal(true) }),
      v.object({ mayBeApplied: v.literal(false), why: text }),
    ]),
  ),
  loan: v.exactOptional(
    v.object({
      requests: v.array(
        v.object({
          id: sha256,
          lender: text,
          role: text,
          seconds: v.number(),
          incident: text,
          reason: text,
          recordedAt: instant,
          confirms: v.exactOptional(sha256),
          refused: because,
          // A service of before does not say it.
          review: v.exactOptional(v.number()),
        }),
      ),
      given: v.exactOptional(v.object({ at: instant, until: instant })),
    }),
  ),
  nothingLent: because,
  questions,
  timeline: v.array(v.object({ type: text, at: instant, summary: text })),
  older: v.exactOptional(
    v.object({ letters: v.number(), drift: v.number(), outcomes: v.number(), more: v.exactOptional(v.boolean()) }),
  ),
});

const service = v.object({
  issuer: text,
  cliClientId: text,
  // A service of before there was another does not say it.
  subjectClaim: v.optional(v.picklist(["sub", "oid"]), "sub"),
  attestationBase: text,
});
/** How it stands for the reader is told where that is asked for. */
const listedPromotion = v.object({
  ...promotionSummary.entries,
  waits: v.exactOptional(v.looseObject({ loanToConfirm: v.exactOptional(v.looseObject({ until: instant })) })),
  held: v.exactOptional(v.looseObject({ window: text, until: instant, mayReject: v.boolean() })),
});
const page = v.object({
  promotions: v.array(listedPromotion),
  unreadable: v.exactOptional(v.array(text)),
  next: v.exactOptional(text),
});
const submitted = v.object({ id, status: v.picklist(statuses), freezeDigest: sha256, expiresAt: instant });
const withdrawn = v.object({ id, status: v.literal("withdrawn") });
const recorded = v.object({ id: sha256, recordedAt: instant, late: v.exactOptional(text) });

const delegation = v.object({
  id: sha256,
  // Kept whole: its digest is its id.
  delegation: v.looseObject({
    delegator: identity,
    delegate: identity,
    role: text,
    scope: v.looseObject({
      model: v.exactOptional(text),
      modelType: v.exactOptional(text),
      target: v.exactOptional(text),
    }),
    from: instant,
    until: instant,
  }),
  delegatorName: text,
  delegateName: text,
  revokedAt: v.exactOptional(instant),
});
const plans = v.object({
  absentUntil: v.exactOptional(instant),
  delegations: v.array(delegation),
  roles: v.array(
    v.object({
      role: text,
      title: text,
      acr: v.exactOptional(v.array(text)),
      secondFactor: v.exactOptional(v.literal("passkey")),
    }),
  ),
  modelTypes: v.array(text),
  targets: v.array(text),
  people: v.array(person),
});
const absence = v.object({ until: instant });

/** A compact JWS and nothing beside it: it goes to other programs as it is. */
const passport = v.object({ passport: v.pipe(text, v.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)), expiresAt: instant });

/** Only a yes is an answer. */
const verdict = v.object({ holds: v.literal(true), model: text, version: text });

const question = v.object({ question: text });
/** What somebody is shown who had a hand in a candidate and holds no role. */
const askedQuestions = v.object({
  promotion: id,
  model,
  target: text,
  status: v.picklist(statuses),
  reason: v.exactOptional(text),
  questions,
});
const evidencePart = v.object({ content: text, next: v.exactOptional(v.pipe(v.number(), v.safeInteger())) });

/** The shapes by what is asked for. */
export const answers = {
  service,
  page,
  promotion,
  submitted,
  withdrawn,
  recorded,
  plans,
  absence,
  passport,
  verdict,
  question,
  askedQuestions,
  evidencePart,
};

export type ShownPromotion = v.InferOutput<typeof promotion>;
export type AskedQuestions = v.InferOutput<typeof askedQuestions>;
export type ListedPromotion = v.InferOutput<typeof listedPromotion>;
export type ShownDelegation = v.InferOutput<typeof delegation>;
export type ShownPlans = v.InferOutput<typeof plans>;
export type ServiceSettings = v.InferOutput<typeof service>;

/** A body in the shape that is expected. Throws `internal` in one sentence where it has another. */
export function readAnswer<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
  try {
    return v.parse(schema, body);
  } catch (cause) {
    const issue = cause instanceof v.ValiError ? cause.issues[0] : undefined;
    const place = issue === undefined ? undefined : v.getDotPath(issue);
    throw new Failure(
      "internal",
      `The service's answer is not what this version of countersign can read${place ? ` (${place.slice(0, 100)})` : ""}.`,
      { cause },
    );
  }
}
