import type { PlaceToStandIn } from "../../../core/approval/delegation.ts";
import { titleOf } from "../../../core/approval/entitlement.ts";
import type { Explanation } from "../../../core/approval/explanation.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { loanFact, loanSentence, type RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { type RecordedSignOff, signOffSentence } from "../../../core/attestation/recorded-sign-off.ts";
import type { SignOffContext } from "../../../core/attestation/sign-off-statement.ts";
import { conditionsOf } from "../../../core/deployment/conditions.ts";
import type { PlanApplication } from "../../../core/deployment/plan-application.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { reportedBefore } from "../../../core/promotion/drift.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { FreezeManifest, FrozenEvidence } from "../../../core/promotion/freeze-manifest.ts";
import { type Identity, type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import type { OpenStage, Promotion } from "../../../core/promotion/promotion.ts";
import type { ConditionsInForce, ReleaseConditions } from "../../../core/promotion/release-conditions.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import { type ShownQuestion, shownQuestions } from "../shown-questions.ts";
import type { NamedAuthor } from "./author-names.ts";
import type { BarredPerson } from "./barred-people.ts";
import { isReader, type LoanView, loanView } from "./loan-view.ts";

/** A promotion in a list. */
export interface PromotionSummary {
  readonly id: string;
  readonly status: Promotion["status"];
  readonly attempt: number;
  readonly model: FreezeManifest["model"];
  readonly target: string;
  readonly freezeDigest: string;
  readonly submittedAt: string;
  readonly expiresAt: string;
  readonly stage?: OpenStage;
  readonly reason?: string;
  /** The newer candidate's promotion, where it took this one's place. */
  readonly supersededBy?: string;
  /** Where drift was reported of it: the promotion that asks to let it run on. */
  readonly reapproval?: string;
  /** The promotion whose candidate, which drifted, this one asks to let run on. */
  readonly reapproves?: string;
}

/** How a listed promotion stands for whoever reads the list. */
export interface Standing {
  /** Of one that takes decisions: whom it waits for. */
  readonly waits?: {
    /** The reader could fill a seat that is free, and has not decided in this stage. */
    readonly forReader: boolean;
    /** What is still needed, and who could sign it. */
    readonly roles: readonly {
      readonly title: string;
      readonly people: readonly { readonly name: string; readonly inPlaceOf?: string }[];
    }[];
    /** Approvals are taken from then on, where that is still to come. */
    readonly approvalsFrom?: Instant;
    /** Somebody asks for a loan, which the reader may confirm until then. */
    readonly loanToConfirm?: { readonly until: Instant };
  };
  /** Of one that everybody has approved: the freeze window that keeps it from its verdict, and whether the reader may still reject it. */
  readonly held?: { readonly window: string; readonly until: Instant; readonly mayReject: boolean };
  /** The reader's own latest decision, where they made one. */
  readonly decided?: { readonly result: SignOffResult; readonly at: Instant };
}

/** A promotion in a list, with how it stands for the reader where they asked. */
export type ListedPromotion = PromotionSummary & Standing;

/** A promotion with everything that a reviewer, CI or the command line needs to follow and decide it. */
export interface PromotionView extends PromotionSummary {
  /** Of one that takes decisions: the freeze window in which nothing is approved, and its end. Rejections are taken. */
  readonly changeFreeze?: { readonly window: string; readonly until: Instant };
  /** Of one that asks to let run on what drifted: what was reported of it, in the words of its record. */
  readonly drift?: string;
  readonly manifest: FreezeManifest;
  /** Of a requester who is a person that the review's roles know. */
  readonly requesterName?: string;
  /** Those who made the candidate whose names are known, each once. */
  readonly authorNames: readonly NamedAuthor[];
  /** Those of them, and whoever asked, who hold a role of the review: they may not approve. */
  readonly barred: readonly BarredPerson[];
  readonly requirements: { readonly sha256: string; readonly document: Requirements };
  /** Absent until the gates were evaluated. */
  readonly gates?: { readonly outcome: string; readonly report: Json };
  /** What reviewers are shown; its digest is in every sign-off. */
  readonly summary?: { readonly sha256: string; readonly document: Json };
  /** Of the run in shadow, once it is over: evidence like that of the manifest, which did not know it yet. */
  readonly shadowReport?: FrozenEvidence;
  /** What a sign-off given now must say; absent where none is taken. Of what is approved, and not verified, a rejection alone is. */
  readonly signOffContext?: SignOffContext;
  readonly explanation: Explanation;
  /** Delegations under which somebody may sign in another's place now. */
  readonly delegations: readonly PlaceToStandIn[];
  readonly verdict?: Promotion["verdict"];
  /** Of a candidate with an infrastructure plan: whether that may be applied now. */
  readonly plan?: PlanApplication;
  readonly loan?: LoanView;
  /** For a reader who may lend: why nothing is lent at the moment, whoever asks. */
  readonly nothingLent?: string;
  /** What the release must keep, by the sign-offs that fill seats so far. */
  readonly conditions?: ConditionsInForce;
  readonly signOffs: readonly {
    readonly id: string;
    readonly reviewer: string;
    /** The reader gave it: two people may have one name. */
    readonly own?: true;
    readonly result: string;
    readonly roles: readonly string[];
    readonly reason: string;
    readonly stage: number;
    readonly recordedAt: string;
    /** What an approval asks of the release. */
    readonly conditions?: ReleaseConditions;
    /** A passkey of the reviewer's own signed it as well. */
    readonly passkey?: true;
  }[];
  /** What reviewers asked about the candidate, the oldest first. */
  readonly questions: readonly ShownQuestion[];
  /** The reader had a hand in the candidate, and so may answer them. */
  readonly mayAnswer?: true;
  readonly timeline: readonly (Pick<Fact, "id" | "type" | "at" | "summary"> & {
    /** Index of its entry in the ledger; only where it was asked for and is there. */
    readonly entry?: number;
  })[];
  /** What is older than what the timeline has of the same; absent where that is nothing. */
  readonly older?: OlderFacts;
}

/** How many there are beside those that are shown: an audit pack has them all. */
export interface OlderFacts {
  /** Of letters and other messages. */
  readonly letters: number;
  /** Of further reports of what had drifted already. */
  readonly drift: number;
  readonly outcomes: number;
  /** There are more outcomes than were counted. */
  readonly more?: true;
}

/** A part of an evidence document, byte for byte. */
export interface EvidencePart extends Pick<FrozenEvidence, "name" | "kind" | "format" | "mediaType" | "sha256"> {
  /** Bytes of the whole document. */
  readonly size: number;
  readonly offset: number;
  /** Base64, so that a document of any kind stays what it is and is never taken for a page. */
  readonly content: string;
  /** Where the next part begins. */
  readonly next?: number;
}

/** A promotion as it stands in a list. */
export function promotionSummary(promotion: Promotion): PromotionSummary {
  const { id, status, attempt, manifest, freezeDigest, submittedAt, expiresAt, stage, reason, supersededBy } =
    promotion;
  const { reapproves, restriction } = promotion;
  return {
    id,
    status,
    attempt,
    model: manifest.model,
    target: manifest.target.name,
    freezeDigest,
    submittedAt,
    expiresAt,
    ...(stage === undefined ? {} : { stage }),
    ...(reason === undefined ? {} : { reason }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(restriction?.reapproval === undefined ? {} : { reapproval: restriction.reapproval }),
    ...(reapproves === undefined ? {} : { reapproves: reapproves.promotion }),
  };
}

/** All that is known of one promotion, put together for its readers. */
export function promotionView(parts: {
  readonly promotion: Promotion;
  readonly requirements: Requirements;
  readonly report: Json | undefined;
  readonly summary: Json | undefined;
  readonly context: SignOffContext | undefined;
  readonly explanation: Explanation;
  readonly signOffs: readonly RecordedSignOff[];
  readonly loans: readonly RecordedLoan[];
  readonly facts: readonly Fact[];
  readonly outcomes: readonly Fact[];
  readonly mayAnswer: boolean;
  readonly authorNames: readonly NamedAuthor[];
  readonly barred: readonly BarredPerson[];
  readonly members: readonly Member[];
  readonly places: readonly PlaceToStandIn[];
  readonly older?: OlderFacts;
  /** Where that is a person. */
  readonly reader?: Identity | undefined;
  /** The promotion that drifted, where this one asks to let it run on. */
  readonly drifted?: Promotion | undefined;
  readonly plan?: PlanApplication | undefined;
  readonly changeFreeze?: PromotionView["changeFreeze"] | undefined;
  readonly nothingLent?: string | undefined;
}): PromotionView {
  const { promotion, report, summary, context } = parts;
  const { gates, verdict, shadow } = promotion;
  const requester = parts.members.find(({ identity }) => sameIdentity(identity, promotion.manifest.requester));
  // Kept by their ids; told as they were given.
  const signOffs = parts.signOffs.map(({ signOff }) => signOff).toSorted(by(({ recordedAt }) => recordedAt));
  const conditions = conditionsOf(promotion, signOffs);
  const title = (role: string): string => titleOf(parts.requirements.roles, role);
  const told = [
    ...promotion.history,
    ...parts.facts,
    ...parts.outcomes,
    ...signOffs.map((signOff) => ({
      id: `${promotion.id}/sign-off/${signOff.id}`,
      type: "sign-off" as const,
      at: signOff.recordedAt,
      summary: signOffSentence(signOff, signOff.roles.map(title)),
    })),
    ...parts.loans.map((recorded) => ({
      ...loanFact(recorded),
      summary: loanSentence(recorded.signature, title(recorded.signature.role)),
    })),
  ];
  const loan = loanView(promotion, parts.loans, parts.reader);
  const drift = parts.drifted === undefined ? undefined : reportedBefore(parts.drifted, promotion);
  return {
    ...promotionSummary(promotion),
    ...(parts.changeFreeze === undefined ? {} : { changeFreeze: parts.changeFreeze }),
    ...(drift === undefined ? {} : { drift }),
    manifest: promotion.manifest,
    ...(requester === undefined ? {} : { requesterName: requester.name }),
    authorNames: parts.authorNames,
    barred: parts.barred,
    requirements: { sha256: promotion.requirements.sha256, document: parts.requirements },
    ...(gates === undefined || report === undefined ? {} : { gates: { outcome: gates.outcome, report } }),
    ...(gates === undefined || summary === undefined ? {} : { summary: { sha256: gates.summary, document: summary } }),
    ...(shadow?.evidence === undefined ? {} : { shadowReport: shadow.evidence }),
    ...(context === undefined ? {} : { signOffContext: context }),
    explanation: parts.explanation,
    delegations: parts.places,
    ...(verdict === undefined ? {} : { verdict }),
    ...(parts.plan === undefined ? {} : { plan: parts.plan }),
    ...(loan === undefined ? {} : { loan }),
    ...(parts.nothingLent === undefined ? {} : { nothingLent: parts.nothingLent }),
    ...(conditions === undefined ? {} : { conditions }),
    signOffs: signOffs.map(
      ({ id, reviewer, reviewerName, result, roles, reason, stage, recordedAt, conditions: asked, passkey }) => ({
        id,
        reviewer: reviewerName,
        ...(isReader(reviewer, parts.reader) ? { own: true as const } : {}),
        result,
        roles,
        reason,
        stage,
        recordedAt,
        ...(asked === undefined ? {} : { conditions: asked }),
        ...(passkey === undefined ? {} : { passkey: true as const }),
      }),
    ),
    questions: shownQuestions(parts.facts),
    ...(parts.mayAnswer ? { mayAnswer: true as const } : {}),
    timeline: told
      .map(({ id, type, at, summary: sentence }) => ({ id, type, at, summary: sentence }))
      .toSorted(by(({ at }) => at)),
    ...(parts.older === undefined ? {} : { older: parts.older }),
  };
}
