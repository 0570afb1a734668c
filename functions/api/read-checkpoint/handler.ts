import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { Failure } from "../../../core/failure.ts";
import type { Answer } from "../http.ts";

export interface ReadCheckpointPorts {
  readonly readCheckpoint: () => Promise<Uint8Array | undefined>;
}

/** GET /v1/audit/checkpoint: the newest signed checkpoint of the ledger, as text (c2sp.org/tlog-checkpoint). Public. */
export function readCheckpoint(ports: ReadCheckpointPorts) {
  return async (): Promise<Answer> => {
    const checkpoint = await ports.readCheckpoint();
    if (checkpoint === undefined) throw new Failure("not-found", "The ledger is still empty.");
    return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, text: fromUtf8(checkpoint) };
  };
}
