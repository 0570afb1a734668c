import type { ExplanationStatus } from "../../../core/approval/explanation.ts";
import { policyModelType, policyTarget } from "../../../core/approval/matrix.ts";
import type { Status } from "../../../core/promotion/promotion.ts";
import type { DurationUnit } from "../ui/duration.ts";
import { absence } from "./en-absence.ts";
import { audit, record } from "./en-audit.ts";
import { enDecision } from "./en-decision.ts";
import { evidence } from "./en-evidence.ts";
import { inbox } from "./en-inbox.ts";
import { loan } from "./en-loan.ts";
import { models } from "./en-models.ts";
import { passkeys } from "./en-passkeys.ts";
import { policy } from "./en-policy.ts";
import { production } from "./en-production.ts";
import { questions } from "./en-questions.ts";
import { receipt } from "./en-receipts.ts";
import { enRelease } from "./en-release.ts";
import { enReview } from "./en-review.ts";

const statuses = {
  gating: "Gates are being evaluated",
  blocked: "Blocked",
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
} satisfies Record<Status, string>;

const policyStatuses = { deploying: "Being put in force", deployed: "Put in force" } satisfies Partial<
  Record<Status, string>
>;

/** English. Texts that the service writes (explanations, findings, problems) are shown as they come. */
export const en = {
  language: "en",
  product: "Countersign",
  skip: "Skip to the content",
  titled: (page: string) => `${page} · Countersign`,
  loading: "Loading…",
  tryAgain: "Try again",
  time: { through: "through", until: "until" },
  load: {
    late: "This takes longer than usual. It is still being tried.",
    broken: "This page broke. Nothing was decided by that.",
  },
  problem: {
    unreachable: "Countersign cannot be reached at the moment. Nothing you typed is lost.",
    status: (status: number) => `The service answered with status ${status}.`,
    heading: "That did not work",
    notShown: "This is not shown to you",
    forwarded:
      "Reviews are shown to those who hold a role in one. If somebody forwarded their letter to you, it is still theirs to answer; if you should hold a role, ask the people who run Countersign.",
    unreadable: (ids: readonly string[]) =>
      `Not listed, since the service cannot read them: ${ids.join(", ")}. Whoever runs Countersign has to look into that.`,
    section: "This part cannot be shown. The rest of the page is not affected; the raw data is in the API's answer.",
  },
  deed: {
    refused: "What you signed was not recorded",
    unknown: "It is not known whether what you signed is recorded",
  },
  header: {
    inbox: "Inbox",
    models: "Models",
    audit: "Audit",
    policy: "Policy",
    passkeys: "My passkeys",
    absence: "Absence",
    signedInAs: "Signed in as",
    signOut: "Sign out",
    main: "Main",
  },
  signIn: {
    heading: "Please sign in",
    lead: "What waits for review is shown to the people of your organisation who may review it. Signing in decides nothing, and lasts as long as this page is open: a page that is loaded again, or a new tab, asks for it anew.",
    kept: {
      typed: "What you typed is kept in this tab: sign in to go on with it.",
      unsigned:
        "Nothing was decided: that sign-in was not finished. What you typed is kept in this tab: sign in to go on with it.",
    },
    button: "Sign in",
    opening: "Opening the sign-in…",
    expired: "Your sign-in has expired, so this page is not kept up to date any more. Nothing you typed is lost.",
    again: "Sign in again",
    cancelled: "You cancelled the sign-in. Nothing was decided.",
    failed: "The sign-in could not be finished. Nothing was decided; please try again.",
    refusedBecause: (why: string) => `The identity provider refused the sign-in: ${why}. Nothing was decided.`,
    notBegunHere: "This tab did not begin that sign-in, so it was not finished. Nothing was decided.",
    unavailable: "The identity provider cannot be reached at the moment. Nothing was decided.",
    another: {
      heading: "Nothing was recorded: another account signed in",
      who: (signedIn: string, preparedBy: string) =>
        `The sign-in was that of ${signedIn}, but what was to be signed is that of ${preparedBy}.`,
      next: (preparedBy: string) =>
        `Sign out, then sign in as ${preparedBy} and sign again. What was typed is kept in this tab.`,
      stay: (signedIn: string) => `Go on as ${signedIn}`,
    },
    anew: {
      text: "Your identity provider let you in without asking you to sign in again. Sign out there, sign in when you are asked, and sign once more. If you read this again then, tell the people who run Countersign.",
      button: "Sign out there",
    },
    signedOut: "You are signed out.",
    signedOutHere: "You are signed out here. The identity provider could not be told; close the browser to be sure.",
  },
  pages: {
    linkExpired: "This review link has expired",
    linkExpiredText:
      "It was good for as long as its stage had time. You need no other: a link only leads to a page, and deciding takes your own sign-in.",
    whatItWasAbout: "See how what it was about stands",
    linkInvalid: "This review link cannot be used",
    linkInvalidText:
      "It is not one of ours, or it was altered on its way. If a mail program broke it over two lines, copy the whole of it. You can also sign in to see what waits for you.",
    nowhere: "There is nothing at this address",
    toInbox: "Go to the inbox",
  },
  inbox,
  models,
  evidence,
  review: {
    /** A proposal of policies has its own title for a version. */
    title: (model: string, version: string, target: string) =>
      model === policyModelType && target === policyTarget
        ? `Policies: ${version}`
        : `${model} ${version} for ${target}`,
    decide: "Go to your decision",
    /** A candidate within a sentence. */
    candidate: (model: string, version: string, target: string) =>
      model === policyModelType && target === policyTarget
        ? `the policies '${version}'`
        : `${model} ${version} for ${target}`,
    record: "Its record: life cycle, ledger entries, downloads",
    stale: "The latest state could not be fetched; it is tried again every few seconds.",
    stageUntil: "Decide before",
    supersededBy: "Go to the newer candidate",
  },
  /** A status as it is said of a promotion: policies are deployed nowhere. */
  statusOf: (status: Status, ofPolicies = false): string =>
    ofPolicies && status in policyStatuses ? policyStatuses[status as keyof typeof policyStatuses] : statuses[status],
  statuses,
  explanationStatuses: {
    met: "Met",
    open: "Open",
    waiting: "Waiting",
    rejected: "Rejected",
    unreachable: "Out of reach",
  } satisfies Record<ExplanationStatus, string>,
  ...enReview,
  ...enRelease,
  ...enDecision,
  absence,
  audit,
  loan,
  passkeys,
  questions,
  receipt,
  production,
  policy,
  record,
  showAll: "Show all of it",
  printed: (address: string) => `As ${address} showed it at`,
  inYourZone: (zone: string) => `In your time zone (${zone}).`,
  duration: {
    unit: "Unit",
    units: { minutes: "minutes", hours: "hours", days: "days" } satisfies Record<DurationUnit, string>,
  },
};
