import { count } from "./en-phrases.ts";

/** English: what reviewers ask about a candidate. */
export const questions = {
  heading: "Questions",
  open: (number: number) => `${count(number, "question")} ${number === 1 ? "waits" : "wait"} for an answer.`,
  answered: "Every question is answered.",
  asks: "asks:",
  answers: "answers:",
  onlyAsked: (open: boolean) =>
    `You had a hand in this candidate. ${open ? "What reviewers ask about it stands here, and you can answer" : "How it stands, and what reviewers asked about it, is shown here"}. The review itself is shown to those who hold a role in one.`,
  noneAsked: "Nobody has asked anything.",
  noAnswer: "No answer so far.",
  ask: "Ask a question",
  askLead:
    "Those who made the candidate are told. A question decides nothing and stops no deadline; it is kept for good, with its answer.",
  text: "Your question",
  send: "Ask",
  sending: "Sending…",
  sent: "Your question is recorded; its answer will stand here and reaches you by mail.",
  answer: "Your answer",
  sendAnswer: "Answer",
  empty: "Please write something first.",
  left: (number: number) => `${number} characters left`,
};
