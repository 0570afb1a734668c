import { checkCheckpoint } from "../ledger/checkpoint.ts";
import type { NoteKey } from "../ledger/note-key.ts";
import { checkpointPath } from "../ledger/tiles.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import { logPath } from "./pack/pack-layout.ts";
import type { PackVerification, VerifyPackOptions } from "./pack-verification.ts";
import type { RecordsVerification } from "./verify-records.ts";
import { type PackSource, readWhole } from "./zip/pack-source.ts";

/** Which of the witnesses that were asked for have cosigned the log's head; each that has not is a finding. */
export async function verifyWitnesses(
  source: PackSource,
  logKeys: readonly NoteKey[],
  { checkpoint: head }: Pick<RecordsVerification, "checkpoint">,
  { known: { witnessKeys: wanted = [] }, verifyEd25519 }: VerifyPackOptions,
): Promise<{
  readonly findings: readonly PackFinding[];
  readonly witnesses: NonNullable<PackVerification["log"]>["witnesses"];
}> {
  const path = logPath(checkpointPath);
  const bytes = wanted.length === 0 || head === undefined ? undefined : await readWhole(source, path);
  if (head === undefined || bytes === undefined) return { findings: [], witnesses: [] };
  const trust = { origin: head.origin, keys: logKeys.map(({ publicKey }) => publicKey), witnesses: wanted };
  const check = await checkCheckpoint(bytes, trust, verifyEd25519);
  if (check.status === "rejected") {
    return { findings: [{ code: "checkpoint-not-witnessed", path, sentence: check.why }], witnesses: [] };
  }
  const missing = wanted.filter((key) => !check.witnesses.some((each) => each.key === key));
  return {
    findings: missing.map(({ name, keyId }) => {
      const sentence = `The witness ${name}+${keyId} has not cosigned the checkpoint. A pack that is exported a little later may say more.`;
      return { code: "checkpoint-not-witnessed", path, sentence };
    }),
    witnesses: check.witnesses.map(({ key, at }) => ({ key: `${key.name}+${key.keyId}`, at })),
  };
}
