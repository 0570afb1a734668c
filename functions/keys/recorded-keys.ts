import { verifyEcdsa, verifyEd25519 } from "../../adapters/node-crypto/signatures.ts";
import {
  isVouchedFor,
  type KeyGeneration,
  type KeyRole,
  keyFactId,
  readKeyRecord,
  type VerifyByKey,
} from "../../core/attestation/key-record.ts";
import { parseVerifierKey } from "../../core/ledger/note-key.ts";
import type { Fact } from "../../core/promotion/fact.ts";

/** What is recorded about the service's keys, and what the statements begin with by which they vouch for each other. */
export interface RecordedKeys {
  keyFacts(): Promise<readonly Fact[]>;
  readonly attestationBase: string;
}

/**
 * Every generation of a role, the oldest first. KMS gives no public half of a key that somebody disabled, or that is to be deleted or
 * is: an old one of these is taken from the record of its end, which its successor has signed, down from a key that KMS gives. The
 * table alone is not believed: whoever writes to it could put a key of theirs in the place of an old one. So the key in use, and one
 * whose end is not recorded yet, are asked of KMS alone.
 */
export async function orAsRecorded(
  role: KeyRole,
  asked: readonly (() => Promise<KeyGeneration>)[],
  recorded: RecordedKeys,
): Promise<readonly KeyGeneration[]> {
  const answers = await Promise.allSettled(asked.map((ask) => ask()));
  if (answers.every(({ status }) => status === "fulfilled")) return answers.flatMap(keyIn);
  const facts = await recorded.keyFacts();
  const keys: KeyGeneration[] = [];
  // The newest first: each is vouched for by the one after it.
  for (const [at, answer] of [...answers.entries()].reverse()) {
    const key = answer.status === "fulfilled" ? answer.value : await givenUp(at + 1, keys[0], answer.reason as unknown);
    keys.unshift(key);
  }
  return keys;

  /** The key that KMS does not give, or the error by which it does not. */
  async function givenUp(
    generation: number,
    successor: KeyGeneration | undefined,
    why: unknown,
  ): Promise<KeyGeneration> {
    const id = keyFactId({ role, generation }, { change: "retired" });
    const fact = facts.find((each) => each.id === id);
    if (!isGone(why) || successor === undefined || fact === undefined) throw why;
    const record = readKeyRecord(fact);
    if (!(await isVouchedFor(record, successor, recorded.attestationBase, verifiers[role]))) throw why;
    const { text, keyid } = record;
    return { role, generation, text, keyid };
  }
}

const verifiers: Readonly<Record<KeyRole, VerifyByKey>> = {
  attestation: ({ text }, message, signature) => verifyEcdsa(text, message, signature),
  checkpoint: ({ text }, message, signature) =>
    verifyEd25519(parseVerifierKey(text.trimEnd()).publicKey, message, signature),
};

/** Whether KMS says that there is no such key any more, for now or for good. https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html */
function isGone(error: unknown): boolean {
  return error instanceof Error && /^(DisabledException|KMSInvalidStateException|NotFoundException)$/.test(error.name);
}

function keyIn(answer: PromiseSettledResult<KeyGeneration>): readonly KeyGeneration[] {
  return answer.status === "fulfilled" ? [answer.value] : [];
}
