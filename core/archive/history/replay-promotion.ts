import { nextStage } from "../../approval/promotion-approval.ts";
import type { Requirements } from "../../approval/requirements.ts";
import { Failure } from "../../failure.ts";
import { versionProposed } from "../../policy/proposed-policy.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { runsOnLoan, wasDeployed } from "../../promotion/lending.ts";
import { advance, type Change, hasEnded } from "../../promotion/life-cycle.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { runUnder, shadowSettled } from "../../promotion/shadow.ts";
import { mayBeVerifiedAgain } from "../../promotion/verified-again.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import { wasJudged } from "../documents/was-judged.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";
import { misplaced } from "./misplaced.ts";
import { endChange } from "./replay-end.ts";
import { lentOr, loanChange, startedOnLoan } from "./replay-loan.ts";
import { reopenedChange } from "./replay-reopened.ts";
import { begun, type ReplayDocuments } from "./replay-request.ts";
import { shadowChange } from "./replay-shadow.ts";

/** One change of a promotion, told again from its record. */
export interface Step extends PromotionRecord {
  /** `undefined` for the request, before which there was nothing. */
  readonly before: Promotion | undefined;
  readonly after: Promotion;
  /** What the promotion is judged by from here on, once its gates were evaluated. */
  readonly requirements: Requirements | undefined;
}

export interface Replay {
  readonly steps: readonly Step[];
  /** Why the records beyond the last step cannot follow it. */
  readonly stopped?: { readonly record: LedgerRecord; readonly sentence: string };
}

/**
 * Tells the life of a promotion again from the records of its history, by the rules that it was led by: each record
 * must be one that could follow. Nothing is taken from a record that does not fit.
 */
export function replayPromotion(
  id: PromotionId,
  history: readonly PromotionRecord[],
  documents: ReplayDocuments,
): Replay {
  const steps: Step[] = [];
  for (const each of history) {
    const { record } = each;
    const last = steps.at(-1);
    try {
      const after = last === undefined ? begun(id, record, documents) : followed(last, record, documents);
      const requirements = documents.requirements.get(after.requirements.sha256);
      steps.push({ ...each, before: last?.after, after, requirements: requirements ?? last?.requirements });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { steps, stopped: { record, sentence: error.message } };
    }
  }
  return { steps };
}

function followed(
  { after: promotion, requirements }: Step,
  record: LedgerRecord,
  documents: ReplayDocuments,
): Promotion {
  const change = changeOf(promotion, requirements, record, documents);
  if (change.status === promotion.status && hasEnded(promotion.status))
    throw misplaced(record, `the promotion is ${promotion.status} already`);
  const { id: _, promotion: __, recordVersion: ___, ...fact } = record;
  const next = advance(promotion, change, fact);
  if (next.history.at(-1)?.id !== record.id) throw misplaced(record, "its number is not the next one");
  return next;
}

/** What comes of candidates that run somewhere; policies are put in force. */
const ofWhatRuns: ReadonlySet<LedgerRecord["type"]> = new Set([
  "deployment-started",
  "traffic-shifted",
  "drift",
  "loan",
  "shadow-run",
]);

/** What a record changes. The counterpart of the functions that write them. */
function changeOf(
  promotion: Promotion,
  requirements: Requirements | undefined,
  record: LedgerRecord,
  documents: ReplayDocuments,
): Change {
  const { type, at, summary: reason } = record;
  const closed = promotion.stage === undefined ? {} : { stage: { ...promotion.stage, open: false } };
  if (promotion.manifest.target.kind === "policy" && ofWhatRuns.has(type))
    throw misplaced(record, "policies run nowhere");
  switch (type) {
    case "freeze":
      if (promotion.frozen !== undefined) throw misplaced(record, "the candidate was frozen before");
      // In logs of before also what was withdrawn while its bytes were hashed.
      if (promotion.status !== "gating" && !hasEnded(promotion.status))
        throw misplaced(record, `the promotion is ${promotion.status}`);
      return { frozen: bodyOf("freeze", record).frozen };
    case "gates":
      if (promotion.status !== "gating") throw misplaced(record, `the promotion is ${promotion.status}`);
      if (promotion.manifest.target.kind === "policy" && !wasTold(promotion, "policy-proposed"))
        throw misplaced(record, "nothing tells which policies the proposed ones are to replace");
      return gatesOf(record);
    case "blocked":
      bodyOf("blocked", record);
      return { status: "blocked", reason, ...(wasJudged(record) ? gatesOf(record) : {}) };
    case "stage-opened": {
      const { stage: index, name, round, review, deadline } = bodyOf("stage-opened", record);
      const rule = ruleOf(requirements, record);
      const next = nextStage(rule, promotion);
      if (next?.index !== index || next.stage.name !== name || review !== promotion.review) {
        throw misplaced(record, "it is not the next stage of the review");
      }
      if (promotion.gates?.outcome !== "passed") throw misplaced(record, "the gates have not passed");
      if (promotion.stage?.open === true) throw misplaced(record, "another stage is open");
      if (!shadowSettled(rule.shadow, promotion))
        throw misplaced(record, "the candidate has not run in shadow as its rule asks");
      return {
        status: lentOr(promotion, "in-review"),
        stage: { index, name, round, openedAt: at, deadline, open: true },
      };
    }
    case "stage-decided": {
      const { stage: index, seats } = bodyOf("stage-decided", record);
      const { stage } = promotion;
      if (stage?.open !== true || stage.index !== index) throw misplaced(record, "that stage is not open");
      const settled = [...promotion.settled, { index, seats }];
      const rest = nextStage(ruleOf(requirements, record), { ...promotion, settled });
      return { status: lentOr(promotion, rest === undefined ? "approved" : "in-review"), settled, ...closed };
    }
    case "seat-reopened":
      return reopenedChange(promotion, requirements, record);
    case "verdict": {
      const { result, loan: ofLoan = false } = bodyOf("verdict", record);
      const { sha256 } = attachmentNamed(record, "verdict.dsse.json");
      const { loan } = promotion;
      const lent = promotion.status === "loaned";
      if (ofLoan) {
        if (!lent || loan === undefined || loan.verdict !== undefined)
          throw misplaced(record, "a loan's verdict is signed once, before what is lent runs");
        if (result === "PASSED") return { loan: { ...loan, verdict: { sha256, at } } };
      } else {
        const complete = runsOnLoan(promotion) && nextStage(ruleOf(requirements, record), promotion) === undefined;
        const due = promotion.status === "approved" || (lent && (complete || result === "FAILED"));
        if (!due || (promotion.verdict !== undefined && !mayBeVerifiedAgain(promotion)))
          throw misplaced(record, "a verdict is signed over an approved promotion, before anything begins under one");
      }
      const verdict = { sha256, result, at };
      return { verdict, ...(result === "FAILED" ? { status: "blocked", reason } : {}) };
    }
    case "deployment-started": {
      const lent = promotion.status === "loaned" && promotion.loan?.verdict !== undefined;
      if (!lent && promotion.verdict?.result !== "PASSED")
        throw misplaced(record, "there is no verdict that allows it");
      if (lent ? startedOnLoan(promotion) : promotion.status !== "approved")
        throw misplaced(record, "its verdict allows one deployment, which was begun before");
      return { status: lent ? "loaned" : "deploying" };
    }
    case "traffic-shifted":
      if (promotion.status !== "deploying") throw misplaced(record, `the promotion is ${promotion.status}`);
      return {};
    case "deployed":
      if (promotion.status === "loaned") throw misplaced(record, "only its quorum makes a lent candidate deployed");
      if (promotion.status === "deployed") throw misplaced(record, "the promotion is deployed already");
      return { status: type };
    case "loan":
    case "loan-running":
    case "loan-ratified":
    case "loan-ended":
    case "loan-taken-back":
    case "loan-review-opened":
    case "loan-refused":
      return loanChange(promotion, record);
    case "shadow-run":
      return shadowChange(promotion, record, requirements?.rule.shadow);
    case "drift":
      return { status: "restricted", reason };
    case "remedy": {
      const { remedy, state } = bodyOf("remedy", record);
      if (promotion.status !== "restricted")
        throw misplaced(record, `the promotion is ${promotion.status}, so nothing is done about what runs`);
      if (state !== "done") return {};
      return { reason, ...(remedy === "previous" ? { status: "rolled-back" as const } : {}) };
    }
    case "rolled-back":
    case "failed":
    case "rejected":
    case "expired":
    case "withdrawn":
    case "superseded":
      return endChange(promotion, record);
    case "policy-proposed":
      if (promotion.manifest.target.kind !== "policy") throw misplaced(record, "it is no change of the policies");
      if (promotion.status !== "gating" || wasTold(promotion, type))
        throw misplaced(record, "a change is proposed once, before its gates");
      // What it names is held against what was judged and signed, where it came to that.
      bodyOf("policy-proposed", record);
      return {};
    case "policy-activated": {
      const { policy, former } = bodyOf("policy-activated", record);
      if (promotion.verdict?.result !== "PASSED") throw misplaced(record, "there is no verdict that allows it");
      if (versionProposed(promotion.manifest) !== policy || promotion.manifest.target.kind !== "policy")
        throw misplaced(record, "other policies were signed off");
      const proposal = promotion.history.find((fact) => fact.type === "policy-proposed");
      if (proposal?.body["former"] !== former) throw misplaced(record, "it was proposed in the place of others");
      return { status: "deploying" };
    }
    case "supersedes":
      // It changes nothing by itself, and what it says is kept is what others rest on.
      bodyOf("supersedes", record);
      // One that was ended by somebody else meanwhile may say so afterwards: nothing rests on that.
      if ((promotion.status !== "gating" && !hasEnded(promotion.status)) || wasTold(promotion, type))
        throw misplaced(record, "the place of others is taken once, before a stage is opened");
      return {};
    case "rollback":
      // Whether it begins, or did not get there, is held against what was told before.
      if (!wasDeployed(promotion)) throw misplaced(record, "nothing was deployed");
      if (record.body["state"] === "started" && promotion.status !== "deploying" && promotion.status !== "loaned")
        throw misplaced(record, `the promotion is ${promotion.status}, so nothing goes back`);
      return {};
    case "clean-up":
      // Before its end, what is cleaned up could be deployed or lent afterwards, as if that were gone already.
      if (!hasEnded(promotion.status)) throw misplaced(record, `the promotion is ${promotion.status}`);
      return {};
    case "held":
      // In a freeze window what was verified before is verified again afterwards.
      return promotion.status !== "approved" || bodyOf("held", record).until === undefined
        ? {}
        : { verdict: undefined };
    case "staged":
      return {};
    case "request":
    case "sign-off":
    case "loan-requested":
    case "notification-queued":
    case "sign-off-kept":
    case "notification-sent":
    case "notification-refused":
    case "notification-delivered":
    case "notification-bounced":
    case "notification-complained":
    case "notification-redriven":
    case "notification-discarded":
    case "escalated":
    case "link-opened":
    case "question":
    case "answer":
    case "outcome":
    case "export-requested":
    case "passkey-enrolled":
    case "passkey-confirmed":
    case "passkey-revoked":
    case "delegated":
    case "delegation-revoked":
    case "passport-issued":
    case "passport-redeemed":
    case "deployment-reported":
    case "plan-reported":
    case "intruder-found":
    case "intruder-gone":
    case "take-back":
    case "export":
    case "installation":
    case "key":
      throw misplaced(record, "it is no change of a promotion");
    default:
      return type satisfies never;
  }

  function gatesOf(gates: LedgerRecord): Change {
    const body = bodyOf("gates", gates);
    const requirementsFile = attachmentNamed(gates, "requirements.json").sha256;
    if (requirementsFile !== body.requirements) throw misplaced(gates, "its requirements are not those it names");
    const judgedBy = documents.requirements.get(body.requirements);
    if (judgedBy === undefined) throw misplaced(gates, "its requirements cannot be read");
    const shadowRun = runUnder(judgedBy.rule.shadow, promotion.shadow)?.evidence?.sha256;
    return {
      requirements: { sha256: body.requirements },
      gates: {
        outcome: body.outcome,
        report: attachmentNamed(gates, "gate-report.json").sha256,
        summary: attachmentNamed(gates, "evidence-summary.json").sha256,
        ...(shadowRun === undefined ? {} : { shadowRun }),
      },
    };
  }
}

function wasTold({ history }: Promotion, type: LedgerRecord["type"]): boolean {
  return history.some((fact) => fact.type === type);
}

function ruleOf(requirements: Requirements | undefined, record: LedgerRecord) {
  if (requirements !== undefined) return requirements.rule;
  throw misplaced(record, "its gates were never evaluated");
}
