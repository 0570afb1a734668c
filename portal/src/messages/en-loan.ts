import type { LoanFlaw } from "../loan/compose-loan.ts";
import type { LoanDeed } from "../loan/pending-loan.ts";
import { either } from "./en-phrases.ts";

/** English: seats that are lent, and lending them. */
export const loan = {
  heading: "Break the glass: lend the missing seats",
  lead: (most: string) =>
    `For an emergency only. Two people together let this candidate run before everybody has signed, for ${most} at most. They answer for it by name; everybody concerned is told at once, and afterwards it is looked into.`,
  approved: "You have approved this candidate in this review. A loan is given by others than those who approve.",
  legend: "What do you do?",
  ask: "Ask for a loan; somebody else has to confirm it",
  confirm: (lender: string, lasting: string) => `Confirm the loan of ${lasting} that ${lender} asked for`,
  lasting: "It runs for (required)",
  incident: "Address of the incident, with https:// (required)",
  role: "You lend as",
  reason: "Why it cannot wait (required)",
  reasonHint: "It is told to everybody concerned, kept for good, and read by auditors.",
  next: "Show what I sign",
  flaws: {
    "no-wish": () => "Choose what you do.",
    lasting: (most) => `Say for how long: a minute at least, ${most} at most.`,
    incident: () => "Give the https address at which the incident is written down.",
    reason: () => "Say why it cannot wait for those who are asked.",
    role: () => "Choose the role in which you lend.",
  } satisfies Record<LoanFlaw, (most: string) => string>,
  sign: {
    ask: (candidate: string, lasting: string, role: string) =>
      `As ${role} you ask to let ${candidate} run for ${lasting} without the signatures that are missing.`,
    confirm: (candidate: string, lasting: string, role: string, lender: string) =>
      `As ${role} you confirm the loan that ${lender} asked for: ${candidate} runs for ${lasting} without the signatures that are missing.`,
    tooShort: (waits: string) =>
      `Where something serves there already, traffic comes over for ${waits}: so short a loan is over before that, and it is taken back on its way.`,
    button: { ask: "Sign in and ask for it", confirm: "Sign in and lend" } satisfies Record<LoanDeed, string>,
  },
  changedMeanwhile: "The review moved on while you looked at this. Please read it again, then show what you sign.",
  done: {
    ask: {
      heading: "Your request is recorded",
      text: "Nothing is lent before somebody else confirms it, within an hour.",
    },
    confirm: {
      heading: "Your confirmation is recorded",
      text: "Everything is verified once more, and then the candidate runs on loan. This page follows it.",
    },
  } satisfies Record<LoanDeed, { readonly heading: string; readonly text: string }>,
  refused: "Your signature was not recorded",
  unknown: "It is not known whether your signature is recorded",
  nothing: "Nothing is lent by it. What you typed is still here.",
  asked: {
    at: "Asked",
    part: (number: number, all: number) => `${number} of ${all}`,
    heading: (lender: string, lasting: string) => `${lender} asks to lend the missing seats for ${lasting}`,
    waits: (titles: readonly string[]) =>
      `Nothing is lent yet. Somebody else, as ${either(titles)}, would have to confirm it before`,
    refused: (second: string, why: string) => `${second} confirmed it, and nothing was lent: ${why}`,
    confirmed: (second: string) => `${second} has confirmed it. Everything is verified once more before it is lent.`,
  },
  given: {
    heading: "This candidate runs on loan",
    onItsWay: "This candidate is lent, and on its way into production",
    until: "Until",
    lenders: "Lent by",
    lentBy: (first: string, second: string) => `${first}, confirmed by ${second}`,
    why: "Why",
    incident: "Incident",
    ends: "What ends it",
    endsText:
      "At that time it is taken back: what served before serves again, and the loan is looked into. A rejection takes it back at once.",
    stays: "What lets it stay",
    staysText: "The signatures that are missing, before that time. Whoever lent cannot give them.",
  },
  over: "The loan is over; what served before is being brought back.",
  takenBack: "It ran on loan, and was taken back:",
  ratified: "It ran on loan first, until the missing signatures were there:",
};
