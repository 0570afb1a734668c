import { Failure } from "../../../core/failure.ts";
import type { WitnessOutcome } from "../../../core/ledger/cosign.ts";
import type { Log } from "../../log.ts";

export interface CosignCheckpointPorts {
  readonly log: Log;
  readonly cosign: () => Promise<readonly WitnessOutcome[]>;
}

/**
 * Shows the newest checkpoint to the witnesses. Every one is asked before the function fails for one that did not
 * cosign: that is what the alarm hears, and nothing waits for it.
 */
export function cosignCheckpoint({ log, cosign }: CosignCheckpointPorts) {
  return async (): Promise<{ readonly cosigned: number }> => {
    const outcomes = await cosign();
    for (const { witness, outcome, why } of outcomes) {
      // What a witness refuses may be a fork: the code that an alarm listens for.
      const code = outcome === "refused" ? "ledger-fork" : undefined;
      log(outcome === "refused" || outcome === "silent" ? "error" : "info", "asked a witness", {
        witness,
        outcome,
        why,
        code,
      });
    }
    const missing = outcomes.filter(({ outcome }) => outcome === "refused" || outcome === "silent");
    if (missing.length > 0) {
      throw new Failure("unavailable", `${missing.length} of ${outcomes.length} witnesses did not cosign.`);
    }
    return { cosigned: outcomes.filter(({ outcome }) => outcome === "cosigned").length };
  };
}
