import type { ConditionKind } from "../../../core/promotion/release-conditions.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { Incomplete } from "../decision/compose-statement.ts";
import type { SignedPart } from "../decision/shown-as-signed.ts";
import { either, given, list } from "./en-phrases.ts";

const signedParts: Record<SignedPart, string> = {
  manifest: "the list of frozen files",
  summary: "the evidence summary",
  requirements: "the requirements",
};

/** English: deciding, what is signed, and how it went. */
export const enDecision = {
  decide: {
    heading: "Your decision",
    closed: (status: string) => `${status}: nothing is to be decided at the moment.`,
    own: { approve: "You approved it:", reject: "You rejected it:" } satisfies Partial<Record<SignOffResult, string>>,
    over: (status: string) => `It is over (${status}): nothing is decided about it any more.`,
    noRole: (asked: readonly string[], later: string | undefined) =>
      `You cannot approve: this stage asks for ${either(asked)}, and you hold no such role.${
        later === undefined ? "" : ` Your role is asked for at the stage '${later}'.`
      }`,
    nothing: "You hold no role that approves or rejects in this review.",
    barred: (hand: string) => `You cannot approve: somebody who ${hand} may not.`,
    others: (names: readonly string[]) => `Who could: ${list(names)}.`,
    hasSeat: (stage: string) =>
      `You already fill a seat, in the stage '${stage}': no further approval is asked of you, because a person fills one seat at most.`,
    approved:
      "Everybody who is asked has approved. It is verified once more, after a freeze window if there is one, and deployed then.",
    tooEarly: "Approvals are taken from this time on, so that there is time to review:",
    frozen: (window: string) => `Changes are frozen ('${window}'): approvals are taken from this time on:`,
    frozenBeyond:
      "Its own time is over before that: as it is, nobody can approve it. Whoever asked for it submits it again then, or has an exception made.",
    mayReject: "You may still reject; stopping is always possible.",
    legend: "What do you decide?",
    approve: (candidate: string) => `Approve: ${candidate} may run`,
    ratify: (candidate: string) => `Approve: ${candidate} runs on loan, and may stay`,
    approvePolicies: "Approve: these policies come in force",
    reject: "Reject: stop this promotion",
    withdraw: (result: SignOffResult) =>
      result === "approve" ? "Take my earlier approval back" : "Take my earlier rejection back",
    earlier: (result: SignOffResult) =>
      `You ${given[result]} in this stage. Your latest decision stands while the stage is open.`,
    roles: "You sign as",
    forWhom: "For whom do you sign?",
    forMyself: "For myself",
    inPlaceOf: (name: string, role: string) => `In the place of ${name}, as ${role}`,
    conditions: {
      legend: "Do you ask anything of the release?",
      tick: "Approve with conditions",
      hint: "They are part of what you sign. The strictest of all that is asked holds; a release that breaks them is taken back, and you are asked again. Leave empty what you do not ask.",
      duration: "They hold for",
      kinds: {
        trafficPercent: "Share of the traffic, at most (percent)",
        errorPercent: "Answers that are errors, at most (percent)",
        p95Milliseconds: "95 of 100 answers take at most (ms)",
      } satisfies Record<ConditionKind, string>,
    },
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
      "conditions-unclear":
        "Say for how long the conditions hold, a minute at least, and give one at least: 1 to 50 percent of the traffic, errors above 0 and up to 100 percent, 1 to 60000 ms.",
    } satisfies Record<Exclude<Incomplete, "conditions-refused">, string>,
    altered: (parts: readonly SignedPart[]) =>
      `Stop: the digest of ${list(parts.map((part) => signedParts[part]))} on this page is not the one that a sign-off would name. Do not sign; tell the people who run Countersign.`,
    changedMeanwhile: "The review moved on while you looked at this. Please read it again, then show what you sign.",
    sign: {
      lead: (result: SignOffResult, candidate: string, roles: readonly string[], inPlaceOf: string | undefined) =>
        `You ${result} ${candidate}, as ${list(roles)}${inPlaceOf === undefined ? "" : `, in the place of ${inPlaceOf}`}.`,
      ratifies: "It runs on loan. Once no signature is missing any more, it stays.",
      conditions: (text: string) => `On condition that ${text}.`,
      withdrawLead: (candidate: string) => `You take back your earlier decision about ${candidate}.`,
      button: { approve: "Sign in and approve", reject: "Sign in and reject", withdraw: "Sign in and take it back" },
    },
  },
  sign: {
    heading: "This is what you sign",
    note: "Next you sign in afresh. Your identity provider signs this together with your name; nothing is recorded before.",
    forAuditors: "For auditors: the exact statement and its digest",
    digest: "Its digest (SHA-256 of the DSSE encoding)",
    statement: "The exact statement",
    back: "Go back",
    again: "What you were shown had become too old to sign. It was written anew; please look at it once more.",
    sendAgain: {
      text: "Send it again: the same statement is recorded once, however often it is sent.",
      button: "Send it again",
      sending: "Recording what you signed…",
    },
  },
  outcome: {
    recorded: {
      approve: "Your approval is recorded",
      reject: "Your rejection is recorded",
      withdraw: "Your decision is taken back",
    },
    id: "Sign-off",
    at: "Recorded",
    ledger: "In the ledger",
    entry: (index: number) => `Entry ${index}`,
    onItsWay: "On its way; its place will stand here.",
    record: "Its record, and what was signed to take away",
    next: "What happens next",
    further: "Decide again",
    nextText: {
      approve: "When every seat of the stage is filled, the promotion moves on by itself. This page follows it.",
      reject: "The promotion is stopped as soon as the rejection is counted, and what was staged is removed.",
      withdraw: "Your seat is open again until somebody signs it.",
    },
    stopped: "The promotion is stopped, and what was staged is removed.",
    nextWithout: "Nothing waits for you. The approval stays in the record, and this page follows the promotion.",
    refused: "Your decision was not recorded",
    nothing: "Nothing was decided. What you typed is still here.",
    nothingOver: "Nothing was decided.",
    unknown: "It is not known whether your decision is recorded",
    recording: "Recording your decision…",
    notSent: "What you signed has not been sent yet: leave this page open, and try again.",
  },
};
