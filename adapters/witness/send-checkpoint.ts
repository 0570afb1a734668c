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
      return { status: answer.status, body: await bounded(answer) };
    } catch (cause) {
      throw new Failure("unavailable", "The witness did not answer.", { cause });
    }
  };
}

async function bounded(answer: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += part.length;
    if (length > longestAnswer) throw new Error("the answer is too long");
    parts.push(part);
  }
  return Buffer.concat(parts);
}
