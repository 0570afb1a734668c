import type { Failure } from "../core/failure.ts";
import type { Status } from "../core/promotion/promotion.ts";

/** What the process ends with. Pipelines branch on the numbers: a new outcome gets a new one, and none is used again. */
export const exitCodes = {
  deployed: 0,
  refused: 1,
  blocked: 2,
  rejected: 3,
  expired: 4,
  withdrawn: 5,
  "rolled-back": 6,
  failed: 7,
  timeout: 8,
  superseded: 9,
  restricted: 10,
  loaned: 11,
  unreachable: 12,
} as const;

export type Outcome = keyof typeof exitCodes;

/** Each outcome in words, for help and documents. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  deployed: "the candidate runs in its target",
  refused: "wrong usage, or the service refuses the request",
  blocked: "a gate, an unreachable quorum or the last verification stopped it",
  rejected: "a reviewer said no",
  expired: "its time was over before everybody had signed",
  withdrawn: "its pipeline or its owner took it back",
  "rolled-back": "it was deployed, and taken back by alarms or because nobody could judge it",
  failed: "something broke on the way; its reason says what",
  timeout: "--timeout passed; the promotion goes on",
  superseded: "a newer candidate took its place",
  restricted: "it was deployed, and restricted since",
  loaned: "it runs on loan, and nobody has ratified it; with --through-loan the wait goes on",
  unreachable: "the service, or GitHub's token service, gave no answer for about ten minutes; the promotion goes on",
};

/** Ctrl-C, and what a CI system sends to a job that is cancelled: as a shell counts them. */
export const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** The outcome that a promotion has come to; `undefined` while it is on its way. */
export function outcomeOf(status: Status): Outcome | undefined {
  switch (status) {
    case "deployed":
    case "blocked":
    case "rejected":
    case "expired":
    case "withdrawn":
    case "superseded":
    case "rolled-back":
    case "restricted":
    case "failed":
    case "loaned":
      return status;
    case "gating":
    case "shadowing":
    case "in-review":
    case "approved":
    case "deploying":
      return undefined;
    default:
      return status satisfies never;
  }
}

/** The code of a command that failed: what may pass can be tried again. */
export function exitCodeOfFailure({ code }: Failure): number {
  return code === "unavailable" ? exitCodes.unreachable : exitCodes.refused;
}
