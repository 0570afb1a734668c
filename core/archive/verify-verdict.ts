import { openEnvelope, parseEnvelope } from "../attestation/dsse.ts";
import { timesOf, withStandingPasskeys } from "../attestation/recorded-passkey.ts";
import { envelopeDigest } from "../attestation/recorded-sign-off.ts";
import { statementBytes } from "../attestation/sign-off-statement.ts";
import { type VerdictInput, verdictLifetimeSeconds, verdictOf } from "../attestation/verdict.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { addSeconds, type Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { bodyOf } from "./fact-bodies.ts";
import { requireInForce } from "./ledger-keys.ts";
import type { ReadDocument } from "./promotion-file.ts";
import { readJson } from "./read-document.ts";
import { attachmentNamed } from "./read-record.ts";
import type { Step } from "./replay-promotion.ts";
import type { HeldLender } from "./verify-lender.ts";
import { clockToleranceSeconds, withPasskeysAt } from "./verify-review.ts";
import type { AttestationTrust, HeldSignOff } from "./verify-sign-offs.ts";

/** Holds a verdict's envelope against the one that follows from the records. Throws what is wrong. */
export async function recheckVerdict(
  { record, index, before }: Step,
  { held, lenders }: { readonly held: readonly HeldSignOff[]; readonly lenders: readonly HeldLender[] },
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
  const { result, loan } = bodyOf("verdict", record);
  // A seat that was lost when the loan was verified is lent like the others: its sign-off is left out, or in.
  const listed = loan === true ? signOffsNamed(payload) : undefined;
  const expected = (claimed: boolean) =>
    verdictOf({
      attestationBase: trust.attestationBase,
      freezeDigest: before.freezeDigest,
      target: before.manifest.target,
      requirements: before.requirements.sha256,
      signOffs: seats.flatMap(({ signOff }) => {
        const found = standing.find((each) => each.signOff.id === signOff);
        if (found === undefined || listed?.has(signOff) === false) return [];
        const passkey = claimed && found.signOff.passkey !== undefined;
        return [{ id: signOff, envelope: found.envelope, passkey }];
      }),
      ...(loan === true ? { lenders: lendersIn(before, lenders, claimed, trust, record.at) } : {}),
      result,
      at: record.at,
    });
  // A verdict may claim less about passkeys than the records show, which people.yaml of that time may explain; never more.
  if ([true, false].some((claimed) => equalBytes(statementBytes(expected(claimed)), payload))) return;
  throw new Failure("verdict-invalid", "The signed verdict says something else than the records that it rests on.");
}

/** The sign-offs that a verdict names, by their ids: the last part of each address. */
function signOffsNamed(payload: Uint8Array): ReadonlySet<string> {
  const predicate = readJson("the verdict", payload) as {
    readonly predicate?: { readonly inputAttestations?: readonly { readonly uri?: unknown }[] };
  } | null;
  const named = predicate?.predicate?.inputAttestations ?? [];
  return new Set(named.map(({ uri }) => String(uri).slice(String(uri).lastIndexOf("/") + 1)));
}

function lendersIn(
  { loan }: Promotion,
  lenders: readonly HeldLender[],
  claimed: boolean,
  { passkeys }: AttestationTrust,
  at: Instant,
): NonNullable<VerdictInput["lenders"]> {
  const times = new Map([...passkeys].map(([id, passkey]) => [id, timesOf(passkey)]));
  return (loan?.lenders ?? []).flatMap(({ signature }) => {
    const found = lenders.find((each) => each.signature.id === signature);
    if (found === undefined) return [];
    const [standing] = withStandingPasskeys([found.signature], times, addSeconds(at, -clockToleranceSeconds));
    const passkey = claimed && standing !== undefined && "passkey" in standing;
    return [{ id: signature, envelope: envelopeDigest(found.envelope), passkey }];
  });
}

/** What is wrong with a deployment's beginning: it rests on the verdict, and follows it within the time that it has. */
export function recheckDeployment({ record, before }: Step): string | undefined {
  const lent = before?.loan?.verdict;
  const verdict = lent === undefined ? before?.verdict : { ...lent, result: "PASSED" as const };
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
