import { boundedBytes } from "../../core/encoding/bounded-bytes.ts";
import { Failure } from "../../core/failure.ts";
import type { Witness } from "../../core/ledger/cosign.ts";
import { addCheckpointPath } from "../../core/ledger/witness-request.ts";

/** A witness that does not answer is asked again at the next ring; nobody waits for it longer. */
const patienceMilliseconds = 10_000;
/** A few signature lines; more is no answer of a witness. */
const longestAnswer = 16 * 1024;

/** Sends `add-checkpoint` to the witness below a submission prefix (https://c2sp.org/tlog-witness). */
export function checkpointSender(submissionPrefix: string): Witness["send"] {
  return async (body) => {
    try {
      const answer = await fetch(`${submissionPrefix}${addCheckpointPath}`, {
        method: "POST",
        body: new Uint8Array(body),
        headers: { "content-type": "text/plain; charset=utf-8" },
        redirect: "error",
        signal: AbortSignal.timeout(patienceMilliseconds),
      });
      return { status: answer.status, body: await boundedBytes(answer.body ?? [], longestAnswer) };
    } catch (cause) {
      throw new Failure("unavailable", "The witness did not answer.", { cause });
    }
  };
}
