import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Fact } from "./fact.ts";
import type { FreezeManifest, FrozenEvidence } from "./freeze-manifest.ts";
import type { Author, Identity } from "./identity.ts";
import type { Loan } from "./loan.ts";
import type { PromotionId } from "./promotion-id.ts";
import type { ConditionsInForce } from "./release-conditions.ts";
import type { Remedy, TakenRemedy } from "./remedy.ts";
import type { ShadowRun } from "./shadow.ts";
import type { SignOff } from "./sign-off.ts";
import type { StagedAt } from "./staged.ts";
import type { Release } from "./traffic.ts";

export const statuses = [
  "gating",
  "blocked",
  "shadowing",
  "in-review",
  "approved",
  "deploying",
  "deployed",
  "rejected",
  "expired",
  "withdrawn",
  "superseded",
  "rolled-back",
  "failed",
  "loaned",
  "restricted",
] as const;
export type Status = (typeof statuses)[number];

/** Where CI left one of the files; not part of the freeze manifest, because it may differ between runs. */
export interface Source {
  /** `s3://bucket/key` */
  readonly uri: string;
  readonly versionId?: string;
}

/** Where the frozen copy of an artifact is: the key holds its digest, the version pins its bytes. */
export interface FrozenCopy {
  readonly name: string;
  readonly key: string;
  readonly versionId: string;
}

/** What is to run, by digest and version only: nothing in it can mean something else tomorrow. */
export interface ServedCandidate {
  /** `repository@sha256:…` */
  readonly image: string;
  readonly model: {
    /** `s3://bucket/frozen/<sha256>/<name>` */
    readonly uri: string;
    readonly versionId: string;
    readonly sha256: Sha256;
  };
}

/** A stage of the review as it stands. */
export interface OpenStage {
  readonly index: number;
  readonly name: string;
  /** Counts how often this stage was opened, from 1: a seat that fell open again opens it once more. */
  readonly round: number;
  readonly openedAt: Instant;
  /** At this instant the stage is over (design 6.6). */
  readonly deadline: Instant;
  readonly open: boolean;
}

/** The seats of a stage once it is decided: who filled which. */
export interface SettledStage {
  readonly index: number;
  readonly seats: readonly { readonly role: string; readonly person: Identity; readonly signOff: Sha256 }[];
}

/** What a promotion is judged by; its digest is in every sign-off (design 3.8). */
interface RequirementsReference {
  readonly sha256: Sha256;
}

/** An approval that was given to an earlier candidate and is kept for this one. */
export interface CarriedSignOff {
  /** As it was given: `promotion`, `review` and `stage` are the earlier one's. */
  readonly signOff: SignOff;
  /** The stage of this promotion in which it counts, and the roles in which it does. */
  readonly stage: number;
  readonly roles: readonly string[];
  /** The review for which it was kept; for no later one (design 6.10). */
  readonly review: number;
}

/** What the candidate's evidence says of what an approval matrix may ask. */
export interface EvidenceFacts {
  /** Every reading of a metric, by its name. */
  readonly metrics: Readonly<Record<string, readonly number[]>>;
  /** How many resources the infrastructure plan changes; absent where there is no plan. */
  readonly infrastructureChanges?: number;
}

/** What an approval matrix may decide by beside the manifest. */
export interface CandidateFacts {
  /** Whether the model ran in the target before, when this was submitted. */
  readonly release?: "first" | "update";
  /** Absent until the evidence was read. */
  readonly evidence?: EvidenceFacts;
}

export interface Promotion {
  readonly id: PromotionId;
  /** Counts every change; a change is written only if nobody else changed it meanwhile. */
  readonly revision: number;
  readonly status: Status;
  readonly attempt: number;
  readonly freezeDigest: Sha256;
  readonly manifest: FreezeManifest;
  /** By file name. */
  readonly sources: Readonly<Record<string, Source>>;
  readonly submittedAt: Instant;
  /** At this instant the whole promotion is over, unless it is decided. */
  readonly expiresAt: Instant;
  /** The person who started the CI run, where the CI's token names one. */
  readonly startedBy?: Author;
  /** The verified CI run: issuer and run id, for people to find it again. */
  readonly run?: { readonly issuer: string; readonly id: string };
  readonly requirements: RequirementsReference;
  readonly facts?: CandidateFacts;
  /** Counts the reviews from 1: sign-offs of an earlier review never count again (design 6.10). */
  readonly review: number;
  readonly frozen?: readonly FrozenCopy[];
  readonly gates?: {
    readonly outcome: "passed" | "blocked";
    readonly report: Sha256;
    readonly summary: Sha256;
    /** The report of the run in shadow that was judged with the rest. */
    readonly shadowRun?: Sha256;
  };
  /** When what is staged for it was made; absent where its target makes nothing before, and of before this was kept. */
  readonly staged?: StagedAt;
  /** Once it was asked to run in shadow: beside what, and what came of it. */
  readonly shadow?: ShadowRun;
  readonly stage?: OpenStage;
  readonly settled: readonly SettledStage[];
  readonly carried?: readonly CarriedSignOff[];
  /** How many rejections and withdrawals are recorded, whether they count or not; absent: none since they are counted. */
  readonly objections?: number;
  /** Sign-offs that no longer count, with the reason. */
  readonly invalidated: readonly { readonly signOff: Sha256; readonly why: string }[];
  readonly verdict?: { readonly sha256: Sha256; readonly result: "PASSED" | "FAILED"; readonly at: Instant };
  /** From the moment before the target is touched: what is to serve, how it is released, and the way back. */
  readonly deployment?: {
    readonly startedAt: Instant;
    readonly serves: ServedCandidate;
    readonly release: Release;
    /** What the verdict asks of it. */
    readonly conditions?: ConditionsInForce;
    /** The target's own name for what ran before; absent where nothing did. */
    readonly previous?: string;
    /** Once it is to go back, since when and why. */
    readonly rollBack?: { readonly at: Instant; readonly why: string };
  };
  /** Once drift was reported of it: since when, by which report, and the promotion that asks to let it run on. */
  readonly restriction?: {
    readonly at: Instant;
    readonly evidence: FrozenEvidence;
    readonly reapproval?: PromotionId;
    /** What is done about it beside; absent: it serves on. */
    readonly remedy?: Remedy;
    /** What is done once the approval is refused, or nobody gives it; absent: nothing more. */
    readonly unlessReapproved?: Remedy;
    /** Until then it has to be approved again, whoever is asked, and whether anybody is: after that, what is done unless it is. */
    readonly reapproveBy?: Instant;
    /** An approval was refused, or not given in time, whatever has been asked for since. */
    readonly refused?: true;
    readonly taken?: TakenRemedy;
  };
  /** The restricted promotion whose candidate this one asks to let run on, and its frozen bytes. */
  readonly reapproves?: { readonly promotion: PromotionId; readonly frozen: readonly FrozenCopy[] };
  /** Set once two people lent it the seats that were missing. */
  readonly loan?: Loan;
  /** When its execution was told once more what was decided, since it had not gone on; of what was told before that, nothing. */
  readonly toldAgainAt?: Instant;
  /** The newer candidate that took its place, where one did. */
  readonly supersededBy?: PromotionId;
  /** Why it ended as it did, in a sentence, once it has. */
  readonly reason?: string;
  /** Everything that changed this promotion, in order; the stream turns new ones into ledger records. */
  readonly history: readonly Fact[];
}
