import type { Problem } from "./api/client.ts";
import { describedService, type Service } from "./api/service.ts";
import { type DecisionOutcome, recordDecision } from "./decision/record-decision.ts";
import { type DeedOutcome, recordDeed } from "./deeds/record-deed.ts";
import { messages } from "./messages/catalogue.ts";
import type { Arrival } from "./session/arrival.ts";
import type { Session } from "./session/session.ts";
import { finishSignIn } from "./session/sign-in.ts";
import { type SignedByAnother, signedByAnother } from "./session/signed-by-another.ts";
import type { Notice } from "./shell.tsx";

/** The page once it knows where it is and who is there. */
export interface Started {
  readonly service: Service;
  readonly session?: Session;
  readonly outcome?: DecisionOutcome;
  readonly deed?: DeedOutcome;
  /** Absent, unless what is signed is another's: nothing was sent then. */
  readonly another?: SignedByAnother;
  /** What went wrong on the way here, for the reader. */
  readonly notice?: Notice;
}

/**
 * Finds the service, and finishes a sign-in that somebody comes back from. A decision is handed in here and nowhere
 * else: only with what this tab kept when its button was pressed, and a sign-in made for it.
 */
export async function start(arrival: Arrival | undefined): Promise<Started | Problem> {
  const service = await describedService();
  if ("code" in service) return service;
  if (arrival === undefined) return { service };
  const { pending, parameters } = arrival;
  if (pending === undefined) return { service, notice: { text: messages.signIn.notBegunHere } };
  const outcome = await finishSignIn(service, pending, parameters);
  if (outcome.kind === "refused") return { service, notice: { text: outcome.sentence } };
  const { session } = outcome;
  const another = signedByAnother(pending, session.reviewer);
  if (another !== undefined) return { service, session, another };
  if (pending.deed !== undefined) {
    return { service, session, deed: await recordDeed(pending.deed, session.idToken) };
  }
  if (pending.decision === undefined) return { service, session };
  return { service, session, outcome: await recordDecision(pending.decision, session.idToken) };
}
