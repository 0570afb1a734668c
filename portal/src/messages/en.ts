import type { ExplanationStatus } from "../../../core/approval/explanation.ts";
import type { Finding } from "../../../core/gates/gate-report.ts";
import type { Attention } from "../../../core/gates/summary-attention.ts";
import type { ArtifactRole, EvidenceKind } from "../../../core/promotion/freeze-manifest.ts";
import type { Status } from "../../../core/promotion/promotion.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { Incomplete } from "../decision/compose-statement.ts";
import type { SignedPart } from "../decision/shown-as-signed.ts";
import { audit, record } from "./en-audit.ts";
import { passkeys } from "./en-passkeys.ts";
import { count, list } from "./en-phrases.ts";
import { policy } from "./en-policy.ts";
import { production } from "./en-production.ts";
import { enRelease } from "./en-release.ts";

const either = (names: readonly string[]) => new Intl.ListFormat("en", { type: "disjunction" }).format(names);

const given: Record<SignOffResult, string> = { approve: "approved", reject: "rejected", withdraw: "withdrew" };
const signedParts: Record<SignedPart, string> = {
  manifest: "the list of frozen files",
  summary: "the evidence summary",
  requirements: "the requirements",
};

/** English. Texts that the service writes (explanations, findings, problems) are shown as they come. */
export const en = {
  language: "en",
  product: "Countersign",
  skip: "Skip to the content",
  titled: (page: string) => `${page} · Countersign`,
  loading: "Loading…",
  tryAgain: "Try again",
  load: {
    late: "This takes longer than usual. It is still being tried.",
    broken: "This page broke. Nothing was decided by that.",
  },
  problem: {
    unreachable: "Countersign cannot be reached at the moment. Nothing you typed is lost.",
    status: (status: number) => `The service answered with status ${status}.`,
    heading: "That did not work",
    section: "This part cannot be shown. The rest of the page is not affected; the raw data is in the API's answer.",
  },
  header: {
    inbox: "Inbox",
    audit: "Audit",
    policy: "Policy",
    passkeys: "My passkeys",
    signedInAs: "Signed in as",
    signOut: "Sign out",
    main: "Main",
  },
  signIn: {
    heading: "Please sign in",
    lead: "What waits for review is shown to the people of your organisation who may review it. Signing in decides nothing.",
    button: "Sign in",
    opening: "Opening the sign-in…",
    expired: "Your sign-in has expired, so this page is not kept up to date any more. Nothing you typed is lost.",
    again: "Sign in again",
    cancelled: "You cancelled the sign-in. Nothing was decided.",
    failed: "The sign-in could not be finished. Nothing was decided; please try again.",
    refusedBecause: (why: string) => `The identity provider refused the sign-in: ${why}. Nothing was decided.`,
    notBegunHere: "This tab did not begin that sign-in, so it was not finished. Nothing was decided.",
    unavailable: "The identity provider cannot be reached at the moment. Nothing was decided.",
    signedOut: "You are signed out.",
    signedOutHere: "You are signed out here. The identity provider could not be told; close the browser to be sure.",
  },
  pages: {
    linkExpired: "This review link has expired",
    linkExpiredText: "Links in letters are valid for a limited time. Sign in to see what still waits for you.",
    linkInvalid: "This review link cannot be used",
    linkInvalidText:
      "It is not one of ours, or it was altered on its way. If a mail program broke it over two lines, copy the whole of it. You can also sign in to see what waits for you.",
    nowhere: "There is nothing at this address",
    toInbox: "Go to the inbox",
  },
  inbox: {
    heading: "Waiting for review",
    empty: "Nothing waits for review.",
    lead: (number: number) => `${count(number, "promotion")} in review, the most urgent first.`,
    candidate: "Candidate",
    stage: "Stage",
    waiting: "Waiting since",
    decideBefore: "Decide before",
    more: "Show more",
  },
  review: {
    title: (model: string, version: string, target: string) => `${model} ${version} for ${target}`,
    decide: "Go to your decision",
    record: "Its record: life cycle, ledger entries, downloads",
    stale: "The latest state could not be fetched; it is tried again every few seconds.",
    stageUntil: "Decide before",
    supersededBy: "Go to the newer candidate",
  },
  statuses: {
    gating: "Gates are being evaluated",
    blocked: "Blocked by a rule",
    shadowing: "Running in shadow",
    "in-review": "In review",
    approved: "Approved, being verified",
    deploying: "Being deployed",
    deployed: "Deployed",
    rejected: "Rejected",
    expired: "Expired",
    withdrawn: "Withdrawn",
    superseded: "Superseded by a newer candidate",
    "rolled-back": "Rolled back",
    failed: "Failed",
    loaned: "Released on loan",
    restricted: "Restricted",
  } satisfies Record<Status, string>,
  explanationStatuses: {
    met: "Met",
    open: "Open",
    waiting: "Waiting",
    rejected: "Rejected",
    unreachable: "Out of reach",
  } satisfies Record<ExplanationStatus, string>,
  findingStatuses: { passed: "Passed", failed: "Failed", missing: "Missing" } satisfies Record<
    Finding["status"],
    string
  >,
  attention: {
    heading: "Look at this first",
    nothing: "The rules found nothing that failed, is missing or is unusual.",
    kinds: { failed: "Failed", missing: "Missing", "on-trial": "On trial", unusual: "Unusual" } satisfies Record<
      Attention["kind"],
      string
    >,
    none: "The gates have not been evaluated yet, so there is nothing to show.",
  },
  change: {
    heading: "What would change",
    sentence: (model: string, version: string, endpoint: string, target: string) =>
      `Version ${version} of ${model} would answer all requests to the endpoint ${endpoint} in ${target}.`,
    type: "Model type",
    runsOn: "Runs on",
    instances: (number: number, type: string) => `${number} × ${type}`,
    requester: "Requested by",
    digest: "Freeze digest",
    digestNote: "Names every file below; this is what everybody signs.",
  },
  gates: {
    heading: "Gates",
    passed: (number: number) => `All ${number} gates pass.`,
    failed: (number: number, all: number) => `${number} of ${all} gates do not pass.`,
    onTrial: (number: number) =>
      `${count(number, "rule")} on trial ${number === 1 ? "does" : "do"} not pass and ${number === 1 ? "does" : "do"} not block yet.`,
    measure: "Measure",
    value: "Value",
    required: "Required",
    margin: "Margin",
    all: (number: number) => `All ${number} rules, one by one`,
    nearest: (title: string, margin: string) => `The narrowest margin is ${title}: ${margin}.`,
    others: (number: number) => `${count(number, "more measure")} that no rule judges`,
  },
  between: (min: number, max: number) => `${min} to ${max}`,
  atLeast: (min: number) => `at least ${min}`,
  atMost: (max: number) => `at most ${max}`,
  interval: (low: string, high: string, level: string | undefined) =>
    `${level === undefined ? "interval" : `${level} % interval`} ${low} to ${high}`,
  fairness: {
    heading: "Fairness",
    none: "No fairness measures were reported.",
    within: (facets: readonly string[]) => `Within the bounds for ${list(facets)}.`,
    outside: (facets: readonly string[]) => `Outside the bounds for ${list(facets)}.`,
    facet: (facet: string, group: string) => `${facet}: group ${group}`,
    range: "Against the bounds",
  },
  features: {
    heading: "What moves the answers most",
    none: "No feature attributions were reported.",
    lead: (feature: string) => `${feature} matters most. Mean absolute SHAP values, largest first.`,
    feature: "Feature",
    value: "Attribution",
    share: "Relative size",
  },
  ...enRelease,
  files: {
    heading: "Files that are frozen",
    artifacts: "Artifacts",
    evidence: "Evidence",
    name: "File",
    kind: "What it is",
    digest: "SHA-256",
    state: "State",
    matches: "Bytes verified",
    differs: "Bytes differ",
    unreadable: "Cannot be read",
    artifactRoles: {
      model: "Model",
      environment: "Environment",
      "training-data": "Training data",
      infrastructure: "Infrastructure",
    } satisfies Record<ArtifactRole, string>,
    evidenceKinds: {
      "model-quality": "Model quality",
      bias: "Bias",
      explainability: "Explainability",
      "data-schema": "Data schema",
      toxicity: "Toxicity",
      "security-scan": "Security scan",
      "shadow-run": "Shadow run",
      "iac-plan": "Infrastructure plan",
      "unit-tests": "Unit tests",
      "data-validation": "Data validation",
      "model-card": "Model card",
      drift: "Drift",
    } satisfies Record<EvidenceKind, string>,
  },
  lineage: {
    heading: "Who made it",
    trainedBy: "Trained by",
    codeAuthors: "Wrote the code",
    dataOwners: "Own the data",
    infrastructureAuthors: "Wrote the infrastructure",
    source: "Source",
    commit: (repository: string, commit: string) => `${repository} at ${commit}`,
    nobody: "nobody named",
    more: (number: number) => `and ${number} more`,
    account: (provider: string, id: string) => `${provider} account ${id}`,
    excluded: "Cannot approve it",
    nobodyExcluded: "Nobody who holds a role here had a hand in it.",
  },
  approval: {
    heading: "Who signs",
    filledBy: "Signed by",
    couldSign: (names: readonly string[]) => `Could be signed by ${either(names)}.`,
    nobodyCould: "Nobody could sign this seat at the moment.",
    notCounting: "Does not count",
    signOffs: "Sign-offs so far",
    signedAs: (result: SignOffResult, roles: readonly string[]) => `${given[result]} as ${list(roles)}`,
  },
  timeline: { heading: "What happened", entry: (index: number) => `Ledger entry ${index}` },
  decide: {
    heading: "Your decision",
    closed: (status: string) => `No decision is taken at the moment: ${status}.`,
    noRole: (asked: readonly string[]) =>
      `You cannot approve: this stage asks for ${either(asked)}, and you hold no such role.`,
    nothing: "You hold no role in this review, so there is nothing for you to decide.",
    barred: (hand: string) => `You cannot approve: somebody who ${hand} may not.`,
    others: (names: readonly string[]) => `Who could: ${list(names)}.`,
    hasSeat: (stage: string) =>
      `You cannot approve: you already signed in the stage '${stage}', and a person fills one seat at most.`,
    tooEarly: "Approvals are taken from this time on, so that there is time to review:",
    mayReject: "You may still reject; stopping is always possible.",
    legend: "What do you decide?",
    approve: (candidate: string) => `Approve: ${candidate} may run`,
    reject: "Reject: stop this promotion",
    withdraw: (result: SignOffResult) =>
      result === "approve" ? "Take my earlier approval back" : "Take my earlier rejection back",
    earlier: (result: SignOffResult) =>
      `You ${given[result]} in this stage. Your latest decision stands while the stage is open.`,
    roles: "You sign as",
    reason: "Reason",
    reasonRequired: "Reason (required)",
    reasonHint: {
      approve: "What did you look at, and why is it good enough? It is kept for good and read by auditors.",
      reject: "What has to change? The authors read this.",
      withdraw: "Why do you take it back?",
    },
    left: (number: number) => `${number} characters left`,
    next: "Show what I sign",
    noResult: "Choose what you decide.",
    incomplete: {
      "reason-missing": "A rejection needs a reason that its authors can act on.",
      "reason-too-long": "The reason is too long: at most 4,000 characters are taken.",
      "no-role": "Tick at least one role in which you sign.",
    } satisfies Record<Incomplete, string>,
    altered: (parts: readonly SignedPart[]) =>
      `Stop: the digest of ${list(parts.map((part) => signedParts[part]))} on this page is not the one that a sign-off would name. Do not sign; tell the people who run Countersign.`,
    changedMeanwhile: "The review moved on while you looked at this. Please read it again, then show what you sign.",
    expiredMeanwhile:
      "What you were shown had become too old to sign. It was written anew; please look at it once more.",
  },
  sign: {
    heading: "This is what you sign",
    lead: (result: SignOffResult, candidate: string, roles: readonly string[]) =>
      `You ${result} ${candidate}, as ${list(roles)}.`,
    withdrawLead: (candidate: string) => `You take back your earlier decision about ${candidate}.`,
    digest: "Its digest (SHA-256 of the DSSE encoding)",
    statement: "The exact statement",
    note: "Next you sign in afresh. Your identity provider signs this digest together with your name; nothing is decided before.",
    button: { approve: "Sign in and approve", reject: "Sign in and reject", withdraw: "Sign in and take it back" },
    back: "Change something",
  },
  outcome: {
    recorded: {
      approve: "Your approval is recorded",
      reject: "Your rejection is recorded",
      withdraw: "Your decision is taken back",
    },
    id: "Sign-off",
    at: "Recorded",
    next: "What happens next",
    further: "Decide again",
    nextText: {
      approve: "When every seat of the stage is filled, the promotion moves on by itself. This page follows it.",
      reject: "The promotion is stopped as soon as the rejection is counted, and what was staged is removed.",
      withdraw: "Your seat is open again until somebody signs it.",
    },
    refused: "Your decision was not recorded",
    nothing: "Nothing was decided. What you typed is still here.",
    again: "Send it again",
    recording: "Recording your decision…",
  },
  audit,
  passkeys,
  production,
  policy,
  record,
  showAll: "Show all of it",
};
