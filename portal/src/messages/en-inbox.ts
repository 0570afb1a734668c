import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import { count, either } from "./en-phrases.ts";

const decided: Record<SignOffResult, string> = {
  approve: "Approved",
  reject: "Rejected",
  withdraw: "Taken back",
};

/** English: the inbox. */
export const inbox = {
  heading: "Inbox",
  noRole:
    "You hold no role in any review here, so nothing waits for you. Whoever is asked about a candidate finds the question behind the link in their letter.",
  lead: (own: number, others: number) =>
    own === 0
      ? `Nothing waits for you. ${others === 0 ? "Nothing is in review." : `${count(others, "promotion")} ${others === 1 ? "waits" : "wait"} for others.`}`
      : `${count(own, "promotion")} ${own === 1 ? "waits for you." : "wait for you, the most urgent first."}`,
  looked: (number: number) => `Only the newest ${number} in review were looked through.`,
  own: "Waits for you",
  others: "Waits for others",
  held: "Approved, and held by a freeze window",
  heldLead:
    "Nothing is asked of you: everybody has approved these, and they are verified and deployed after the window. Until then you may still reject one.",
  window: "Freeze window",
  heldUntil: "Held until",
  done: "What you decided",
  nothingDone: "You have not decided about anything so far.",
  nothingFurther: "Nothing that you decided is among the newest promotions.",
  candidate: "Candidate",
  stage: "Stage",
  waiting: "Waiting since",
  decideBefore: "Decide before",
  stillNeeded: "Still needed",
  role: (title: string, people: readonly string[]) =>
    people.length === 0 ? `${title}: nobody could sign at the moment` : `${title}: ${either(people)}`,
  inPlaceOf: (name: string, other: string) => `${name} (in the place of ${other})`,
  standingIn: (names: readonly string[]) => `in the place of ${either(names)}`,
  movingOn: "Nothing: it is being moved on",
  soon: "Soon over",
  lends: "A loan is asked for, which you may confirm",
  drifted: "Drifted",
  from: "Approvals are taken from",
  decision: "Your decision",
  decisions: decided,
  now: "Where it stands",
  receipts: "What you were answered",
  further: "Look further back",
};
