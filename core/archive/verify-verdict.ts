import { openEnvelope, parseEnvelope } from "../attestation/dsse.ts";
import { statementBytes } from "../attestation/sign-off-statement.ts";
import { verdictLifetimeSeconds, verdictOf } from "../attestation/verdict.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { addSeconds } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { bodyOf } from "./fact-bodies.ts";
import { requireInForce } from "./ledger-keys.ts";
import type { ReadDocument } from "./promotion-file.ts";
import { readJson } from "./read-document.ts";
import { attachmentNamed } from "./read-record.ts";
import type { Step } from "./replay-promotion.ts";
import { clockToleranceSeconds, withPasskeysAt } from "./verify-review.ts";
import type { AttestationTrust, HeldSignOff } from "./verify-sign-offs.ts";

/** Holds a verdict's envelope against the one that follows from the records. Throws what is wrong. */
export async function recheckVerdict(
  { record, index, before }: Step,
  held: readonly HeldSignOff[],
  read: ReadDocument,
  trust: AttestationTrust,
): Promise<void> {
  const bytes = await read(attachmentNamed(record, "verdict.dsse.json").sha256);
  if (bytes === undefined || before === undefined)
    throw new Failure("verdict-invalid", "The verdict is not in the pack.");
  const envelope = parseEnvelope(readJson("verdict.dsse.json", bytes));
  const payload = openEnvelope(envelope, trust.keys, trust.verifySignature);
  requireInForce(trust.keyHistory, envelope, { index, at: record.at });
  const seats = before.settled.flatMap((settled) => settled.seats);
  const standing = withPasskeysAt(held, trust.passkeys, record.at);
  const expected = (claimed: boolean) =>
    verdictOf({
      attestationBase: trust.attestationBase,
      freezeDigest: before.freezeDigest,
      target: before.manifest.target,
      requirements: before.requirements.sha256,
      signOffs: seats.flatMap(({ signOff }) => {
        const found = standing.find((each) => each.signOff.id === signOff);
        if (found === undefined) return [];
        const passkey = claimed && found.signOff.passkey !== undefined;
        return [{ id: signOff, envelope: found.envelope, passkey }];
      }),
      result: bodyOf("verdict", record).result,
      at: record.at,
    });
  // A verdict may claim less about passkeys than the records show, which people.yaml of that time may explain; never more.
  if ([true, false].some((claimed) => equalBytes(statementBytes(expected(claimed)), payload))) return;
  throw new Failure("verdict-invalid", "The signed verdict says something else than the records that it rests on.");
}

/** What is wrong with a deployment's beginning: it rests on the verdict, and follows it within the time that it has. */
export function recheckDeployment({ record, before }: Step): string | undefined {
  const verdict = before?.verdict;
  const body = bodyOf("deployment-started", record);
  if (verdict?.result !== "PASSED" || body.verdict !== verdict.sha256) {
    return "The deployment does not rest on the promotion's verdict.";
  }
  if (before?.manifest.target.endpoint !== body.endpoint)
    return "The deployment went to another endpoint than was signed off.";
  if (record.at >= addSeconds(verdict.at, verdictLifetimeSeconds + clockToleranceSeconds)) {
    return "The deployment began when the verdict was too old to allow it.";
  }
  return undefined;
}
