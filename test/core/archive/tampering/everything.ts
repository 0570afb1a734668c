import {
  type ExportId,
  type ExportRequest,
  finishedExport,
  requestedExport,
} from "../../../../core/archive/export/export-job.ts";
import type { DelegationDocument } from "../../../../core/attestation/delegation-statement.ts";
import { passportEnd, passportId } from "../../../../core/attestation/passport.ts";
import {
  intruderIn,
  placeOfTarget,
  type RunningReport,
  runningDocument,
} from "../../../../core/deployment/intruder.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import { deploymentReportFact } from "../../../../core/promotion/deployment-report.ts";
import { intruderFound, intruderGone, takeBackStarted } from "../../../../core/promotion/intruder-facts.ts";
import {
  escalatedFact,
  queuedFact,
  refusedFact,
  reportFact,
  sentFact,
} from "../../../../core/promotion/notification.ts";
import { outcomeFact } from "../../../../core/promotion/outcome.ts";
import { planReportFact } from "../../../../core/promotion/plan-report.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { answerFact, questionFact } from "../../../../core/promotion/question.ts";
import { discardedFact, redrivenFact } from "../../../../core/promotion/untold.ts";
import { authenticator } from "../../attestation/authenticator.ts";
import { MemoryLedger } from "../../ledger/memory-ledger.ts";
import { member, openStage } from "../../promotion/promotion-in-review.ts";
import { cora, dana, House, sam, shippedWith } from "../house.ts";
import type { Recorded } from "../pack-fixture.ts";
import { clientId } from "../reviewers.ts";

/** Conditions, a second factor, and two freeze windows: one that holds up, one with an exception that outlasts it. */
const matrix = `matrixVersion: 1
roles:
  lead-data-scientist: { title: Lead data scientist, groups: [lead-data-scientists], judges: [model, data] }
  compliance-officer: { title: Compliance officer, groups: [compliance-officers], judges: [model, data] }
  incident-commander: { title: Incident commander, groups: [incident-commanders], judges: [model] }
  sre: { title: Site reliability engineer, groups: [sre], judges: [infrastructure], secondFactor: passkey }
freezeWindows:
  - { name: Noon, zone: UTC, from: 2026-11-23 12:00, until: 2026-11-23 13:00 }
  - name: Year end
    zone: UTC
    from: 2026-11-23 12:00
    until: 2027-01-04 08:00
    exceptions: [{ model: credit-scoring, reason: Agreed by the board }]
policyChange:
  expiresAfter: 5d
  excludes: [requester]
  stages:
    - name: policy
      requires:
        all:
          - role: compliance-officer
          - role: lead-data-scientist
rules:
  - modelType: credit-scoring
    target: production
    expiresAfter: 10d
    carryOver: 3d
    onDrift: stop
    onIntruder: take-back
    loan: { roles: [incident-commander], maximum: 4h, budget: { loans: 2, per: quarter } }
    excludes: [requester, started-the-run, trained-the-model, wrote-the-code, owns-the-data, wrote-the-infrastructure]
    stages:
      - name: compliance
        when: { metrics: { accuracy: { atLeast: 0.5 } } }
        requires: { role: compliance-officer }
      - name: model and operations
        requires:
          all:
            - role: lead-data-scientist
            - role: sre
  - modelType: credit-scoring
    target: rollout
    expiresAfter: 10d
    excludes: [requester]
    stages:
      - name: compliance
        requires: { role: compliance-officer }
`;

/** To which the pipeline deploys by itself. */
const rollout = {
  targets: `
  rollout:
    kind: pipeline
    endpoint: "{model}"
    audiences: [vault]
    within: 2h
`,
  thresholds: `
  - modelType: credit-scoring
    target: rollout
    artifacts: [model]
    evidence: [model-quality]
    quality: { auc: { min: 0.72 } }
`,
  people: "  - name: Starter\n    accounts: { github: 6006 }\n    outside: true\n",
};

const emil = member("Emil", "visitors");
const ida = member("Ida", "incident-commanders");
const olaf = member("Olaf", "incident-commanders");
const morning = "2026-11-23T08:00:00.000Z" as Instant;
/** Dana lets Emil stand in her place, and takes that back. */
const delegation: DelegationDocument = {
  delegator: dana.identity,
  delegate: emil.identity,
  role: "lead-data-scientist",
  scope: { modelType: "credit-scoring" },
  from: morning,
  until: addSeconds(morning, 7 * 86_400),
  reason: "",
  salt: "AAAAAAAAAAAAAAAAAAAAAA",
};

/** Promotions that between them have every kind of record that there is, and the passkeys of one reviewer. */
export interface Everything extends Recorded {
  /** Went to production after a hold, under an exception; then drifted. */
  readonly deployed: PromotionId;
  /** Half signed when `kept` took its place. */
  readonly superseded: PromotionId;
  /** Rests on sign-offs of `superseded`; a seat fell open with a revoked passkey; rolled back. */
  readonly kept: PromotionId;
  readonly withdrawn: PromotionId;
  readonly expired: PromotionId;
  /** Ran on loan, and was taken back. */
  readonly lent: PromotionId;
  /** Ran on loan until its quorum approved it. */
  readonly ratified: PromotionId;
  /** Put other policies in force. */
  readonly policies: PromotionId;
  /** Half signed under the policies before: what judges the infrastructure fell with them, the rest was kept. */
  readonly reopened: PromotionId;
}

/** Lets the product's own functions record all of it, once; what they do not do here is told by the makers of its facts. */
export async function recordEverything(): Promise<Everything> {
  const house = new House(undefined, shippedWith(matrix, rollout), [emil, ida, olaf]);
  const [first, lost, spare] = ["first", "lost", "spare"].map((name) => authenticator("ES256", name));
  if (first === undefined || lost === undefined || spare === undefined) throw new Error("unreachable");
  const enrol = async (device: typeof first) => {
    await house.passkey("enrol", device, sam);
    await house.passkey("confirm", device, sam, cora);
  };
  await enrol(first);
  await enrol(lost);

  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  tellOfLetters(house, deployed);
  tellOfEscalation(house, deployed);
  await house.sign(deployed, cora);
  await house.openStage(deployed);
  await house.sign(deployed, sam, "approve", { device: first });
  const given = await house.delegate("delegate", delegation, dana);
  await house.sign(deployed, emil, "approve", {
    inPlaceOf: { who: dana, delegation: given, role: delegation.role },
  });
  house.pass(3 * 3600);
  await house.verify(deployed);
  house.pass(3600);
  await house.verify(deployed);
  await house.deploy(deployed);
  await house.delegate("revoke", delegation, dana);
  house.tellOf(outcome(house, deployed));
  house.moveTo({ audiences: [clientId, "cli-client"] });
  tellOfIntruder(house, deployed);
  house.move(
    deployed,
    { status: "restricted", reason: "The data drifted." },
    { type: "drift", summary: "The data drifted.", body: { action: "stop" }, attachments: [] },
  );
  house.move(
    deployed,
    {},
    {
      type: "remedy",
      summary: "It is taken out of service.",
      body: { remedy: "stop", because: "drift", state: "started" },
      attachments: [],
    },
  );

  const superseded = await house.submit("candidate", "2.1.0");
  await house.freezeAndJudge(superseded);
  await house.openStage(superseded);
  await house.sign(superseded, cora);
  await house.openStage(superseded);
  await house.sign(superseded, dana);
  const kept = await house.submit("candidate", "2.1.0", { "infrastructure.json": '{"instances":3}' });
  await house.freezeAndJudge(kept);
  const alone = { state: "nothing-to-compare", plan: sha256Hex(utf8("plan")) };
  house.move(kept, {}, { type: "shadow-run", summary: "Nothing runs there yet.", body: alone, attachments: [] });
  await house.openStage(kept);
  await house.decide(kept);
  await house.openStage(kept);
  await house.sign(kept, sam, "approve", { device: lost });
  await house.passkey("revoke", lost, sam);
  await house.verify(kept);
  await enrol(spare);
  await house.openStage(kept);
  await house.sign(kept, sam, "approve", { device: spare });
  await house.verify(kept);
  const plain = { body: {}, attachments: [] };
  house.move(kept, {}, { type: "staged", summary: "What will serve the candidate is ready.", ...plain });
  await house.deploy(kept, [
    { kind: "unhealthy", why: "An alarm was raised." },
    { kind: "returned", why: "What ran before runs again." },
  ]);

  house.actor = "6006";
  const rejected = await house.submit("candidate", "2.2.0");
  house.actor = undefined;
  await house.freezeAndJudge(rejected);
  await house.openStage(rejected);
  await house.sign(rejected, cora, "reject", { reason: "The purpose is not ours." });
  house.move(rejected, {}, { type: "clean-up", summary: "Cleaned up.", body: { removed: [] }, attachments: [] });
  const blocked = await house.submit("weak", "2.3.0");
  await house.freezeAndJudge(blocked);
  const withdrawn = await house.submit("candidate", "2.4.0");
  ended(house, withdrawn, "withdrawn");
  const expired = await house.submit("candidate", "2.5.0");
  ended(house, expired, "expired");
  ended(house, await house.submit("candidate", "2.6.0"), "failed");
  tellOfQuestion(house, blocked);
  const lent = await lentSeats(house, "2.7.0");
  house.pass(3600);
  await house.expire(lent);
  await house.cleanUp(lent);
  const ratified = await lentSeats(house, "2.8.0");
  await house.sign(ratified, dana);
  await house.sign(ratified, sam, "approve", { device: spare });
  await house.verify(ratified);
  const spent = await house.submit("candidate", "2.9.0");
  await house.freezeAndJudge(spent);
  await house.openStage(spent);
  // Two were confirmed at once, and the budget had room for one of them.
  await lendAll(house, spent, { beforeTheOther: true });
  tellOfExport(house);
  await rolledOut(house);
  const reopened = await house.submit("candidate", "2.10.0");
  await house.freezeAndJudge(reopened);
  await house.openStage(reopened);
  await house.sign(reopened, cora);
  await house.openStage(reopened);
  await house.sign(reopened, sam, "approve", { device: spare });
  const policies = await changePolicies(house);
  await house.freezeAndJudge(reopened);
  await house.openStage(reopened);
  await house.decide(reopened);
  await house.openStage(reopened);
  await house.sign(reopened, dana, "approve", { conditions: { forSeconds: 86_400, trafficPercent: 10 } });
  await house.sign(reopened, sam, "approve", { device: spare });
  await house.verify(reopened);
  await releasedByWeight(house, reopened);
  return {
    ...{ house, policies, reopened, deployed, superseded, kept, rejected, blocked, withdrawn, expired, lent, ratified },
  };
}

/** A tenth of the requests for a day, all of them beside what ran before, and then it serves alone. */
export async function releasedByWeight(house: House, promotion: PromotionId): Promise<void> {
  await house.deploy(promotion, [{ kind: "sharing", percent: 10 }]);
  house.pass(86_400);
  await house.deploy(promotion, [
    { kind: "sharing", percent: 10 },
    { kind: "sharing", percent: 100 },
  ]);
  house.pass(3600);
  await house.deploy(promotion);
}

/** Compliance has signed; what the second stage asks for is lent for an hour, and runs until then. */
async function lentSeats(house: House, version: string): Promise<PromotionId> {
  const promotion = await house.submit("candidate", version);
  await house.freezeAndJudge(promotion);
  await house.openStage(promotion);
  await house.sign(promotion, cora);
  await house.openStage(promotion);
  await lendAll(house, promotion);
  await house.verify(promotion);
  await house.deploy(promotion);
  return promotion;
}

async function lendAll(house: House, promotion: PromotionId, at: { readonly beforeTheOther?: true } = {}) {
  const confirms = await house.lend(promotion, ida, { seconds: 3600, ...at });
  await house.lend(promotion, olaf, { seconds: 3600, confirms, ...at });
}

async function changePolicies(house: House): Promise<PromotionId> {
  const { "thresholds.yaml": thresholds } = house.policyTexts();
  const policies = await house.proposePolicy(sam, {
    "matrix.yaml": matrix.replace("carryOver: 3d", "carryOver: 1d"),
    "thresholds.yaml": thresholds.replace("instances: 4", "instances: 3"),
  });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cora);
  await house.sign(policies, dana);
  // The candidate check of this house reads credit scoring's thresholds; policies have their own.
  await house.verify(policies);
  await house.activatePolicy(policies);
  return policies;
}

function tellOfLetters(house: House, promotion: PromotionId): void {
  const letter = (name: string) => ({
    id: `${promotion}/asked/${name}`,
    promotion,
    purpose: "asked" as const,
    channel: "email" as const,
    form: "letter" as const,
    reviewer: name,
    name,
    summary: `${name} was asked by email to review the stage 'compliance'.`,
  });
  const [read, lost, unwanted] = ["Cora", "Priya", "Tom"].map(letter);
  if (read === undefined || lost === undefined || unwanted === undefined) throw new Error("unreachable");
  house.tellOf(queuedFact(read, 1, house.now()));
  house.tellOf(refusedFact(read, 1, "Throttling", house.now()));
  const queued = queuedFact(read, 2, house.now());
  house.tellOf(queued);
  house.tellOf(sentFact(read, "message-1", house.now()));
  house.tellOf(reportFact(queued, "delivered", "message-1", {}, house.now()));
  house.tellOf(reportFact(queuedFact(lost, 1, house.now()), "bounced", "message-2", {}, house.now()));
  house.tellOf(reportFact(queuedFact(unwanted, 1, house.now()), "complained", "message-3", {}, house.now()));
  house.tellOf({
    id: `${promotion}/link-opened/${sha256Hex(utf8("link")).slice(0, 32)}`,
    type: "link-opened",
    at: house.now(),
    promotion,
    summary: "A review link was opened.",
    body: { stage: 0, reviewer: "cora" },
    attachments: [],
  });
}

function tellOfEscalation(house: House, promotion: PromotionId): void {
  house.tellOf(escalatedFact({ id: promotion, review: 1 }, openStage(0), { role: "sre", title: "SRE" }, house.now()));
  const by = { ...cora.identity, name: cora.name };
  const untold = { message: "m-1", fact: `${promotion}/3`, by };
  house.tellOf(redrivenFact(promotion, untold, house.now()));
  house.tellOf(discardedFact(promotion, { ...untold, reason: "The room is gone." }, house.now()));
}

function tellOfQuestion(house: House, promotion: PromotionId): void {
  const by = { identity: cora.identity, name: cora.name };
  const question = questionFact(promotion, { id: "1", text: "Why?" }, by, house.now());
  house.tellOf(question);
  house.tellOf(answerFact(promotion, String(question.body["question"]), "Because.", by, house.now()));
}

/** By the pipeline itself, which was given a passport and said what came of it. */
async function rolledOut(house: House): Promise<void> {
  const promotion = await house.submit("candidate", "2.10.0", {}, "rollout");
  await house.freezeAndJudge(promotion);
  await house.openStage(promotion);
  await house.sign(promotion, cora);
  await house.verify(promotion);
  await house.deploy(promotion, []);
  tellOfPassport(house, promotion);
  await house.deploy(promotion);
}

function tellOfPassport(house: House, promotion: PromotionId): void {
  const passport = passportId(promotion, 1);
  const verdict = house.promotions.stored(promotion).verdict?.sha256 ?? "";
  const at = house.now();
  const told = { at, promotion, attachments: [] } as const;
  house.tellOf({
    ...told,
    id: `${promotion}/passport-issued/1`,
    type: "passport-issued",
    summary: "The pipeline was given passport 1 for 'vault'.",
    body: { passport, audience: "vault", verdict, expiresAt: passportEnd(at) },
  });
  house.tellOf({
    ...told,
    id: `${promotion}/passport-redeemed/${passport}`,
    type: "passport-redeemed",
    summary: "The passport for 'vault' was redeemed.",
    body: { passport, audience: "vault" },
  });
  const report = { outcome: "deployed", detail: "It runs." } as const;
  house.tellOf(deploymentReportFact(house.promotions.stored(promotion), report, at));
  const plan = { name: "plan.json", sha256: sha256Hex(utf8("plan")) };
  house.tellOf(planReportFact(promotion, plan, { plan: plan.sha256, outcome: "applied", detail: "By job 7." }, at));
}

/** Somebody made the endpoint serve a configuration of their own. */
function tellOfIntruder(house: House, promotion: PromotionId): void {
  const { manifest, verdict } = house.promotions.stored(promotion);
  const place = placeOfTarget(manifest.target);
  const report: RunningReport = {
    readAt: house.now(),
    place,
    expected: promotion,
    revision: "quick-fix",
    promotion: null,
    candidate: null,
  };
  const bytes = canonicalJsonBytes({ ...report, place: { ...place } });
  const sha256 = sha256Hex(bytes);
  house.blobs.set(sha256, bytes);
  const found = intruderFound(
    { promotion, place },
    [],
    { kind: "unapproved", why: intruderIn(report)?.why ?? "", running: "quick-fix", action: "take-back" },
    [{ name: runningDocument, mediaType: "application/json", sha256 }],
    house.now(),
  );
  house.tellOf(found);
  house.tellOf(takeBackStarted(found, verdict?.sha256, house.now()));
  house.tellOf(intruderGone(found, house.now()));
}

function outcome(house: House, promotion: PromotionId) {
  const from = house.now();
  const report = {
    id: "monitor-1",
    kind: "complaint",
    window: { from, until: house.now() },
    source: "support",
    description: "A customer asked why.",
  } as const;
  return outcomeFact(
    house.promotions.stored(promotion),
    report,
    { issuer: "https://ci.example", subject: "monitor" },
    house.now(),
  );
}

function tellOfExport(house: House): void {
  const request: ExportRequest = { scope: { kind: "everything" }, withoutPersonalData: false };
  const id = "00000000-0000-4000-8000-000000000001" as ExportId;
  const asked = requestedExport({ id, request, by: cora.identity, byName: cora.name, requestedAt: house.now() });
  const pack = {
    file: `${id}.zip`,
    bytes: 1000,
    sha256: sha256Hex(utf8("pack")),
    ledger: { origin: MemoryLedger.signer.origin, entries: house.facts.length, rootHash: "" },
  };
  for (const fact of finishedExport(asked, pack, house.now()).history) house.tellOf(fact);
}

function ended(house: House, promotion: PromotionId, type: "withdrawn" | "expired" | "failed"): void {
  const summary = `It is ${type}.`;
  house.move(promotion, { status: type, reason: summary }, { type, summary, body: {}, attachments: [] });
}
