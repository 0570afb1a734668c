import type { WitnessAnswer } from "../../../core/ledger/witness.ts";
import { sizeContentType } from "../../../core/ledger/witness-request.ts";
import type { Log } from "../../log.ts";
import type { Answer, ApiRequest } from "../http.ts";

export interface AddCheckpointPorts {
  readonly log: Log;
  readonly witness: (body: Uint8Array) => Promise<WitnessAnswer>;
}

const text = { "content-type": "text/plain; charset=utf-8" };

/** POST /add-checkpoint: the witness's one call. Public: whoever has a checkpoint that the log signed may show it. */
export function addCheckpoint({ log, witness }: AddCheckpointPorts) {
  return async ({ body }: ApiRequest): Promise<Answer> => {
    const answer = await witness(body);
    const { kind } = answer;
    switch (kind) {
      case "cosigned":
        log("info", "cosigned", { origin: answer.origin, size: answer.size });
        return { status: 200, headers: text, text: answer.lines };
      case "malformed":
        return refused(400, answer.why);
      case "not-signed":
        return refused(403, answer.why);
      case "unknown-log":
        return refused(404, answer.why);
      case "other-size":
        return { status: 409, headers: { "content-type": sizeContentType }, text: `${answer.size}\n` };
      case "forked":
        // The code that an alarm listens for.
        log("error", "the log is forked", { origin: answer.origin, size: answer.size, code: "ledger-fork" });
        return { status: 409, headers: { "content-type": sizeContentType }, text: `${answer.size}\n` };
      case "bad-proof":
        // No fork by itself: whoever has fetched a head before the log showed it may send it with a proof of nothing.
        log("info", "no proof of consistency", { origin: answer.origin, size: answer.size, code: "unproven-head" });
        return refused(422, answer.why);
      default:
        return kind satisfies never;
    }
  };
}

function refused(status: number, why: string): Answer {
  return { status, headers: text, text: `${why}\n` };
}
