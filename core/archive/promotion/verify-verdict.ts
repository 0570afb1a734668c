import * as v from "valibot";
import { openEnvelope, parseEnvelope, parseKeptEnvelope } from "../../attestation/dsse.ts";
import { envelopeDigest } from "../../attestation/recorded-sign-off.ts";
import { statementBytes } from "../../attestation/sign-off-statement.ts";
import { type VerdictInput, verdictLifetimeSeconds, verdictOf } from "../../attestation/verdict.ts";
import { whyNotKeepable, whyTooBold } from "../../deployment/conditions.ts";
import { plansOf } from "../../deployment/plan-state.ts";
import { fromBase64 } from "../../encoding/base64.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { canonicalJson, type Json } from "../../encoding/canonical-json.ts";
import { refuseNewer } from "../../encoding/generation.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import { type ConditionsInForce, conditionsInForceSchema } from "../../promotion/release-conditions.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readCanonicalJson, readJson } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import { requireInForce } from "../people/ledger-keys.ts";
import { withPasskeysAt } from "../people/standing-passkeys.ts";
import type { HeldLender } from "../people/verify-lender.ts";
import type { AttestationTrust, HeldSignOff, ToldSignOff } from "../people/verify-sign-offs.ts";
import { hasPassed } from "../policies/verify-policies.ts";
import { heldWithPasskeysAt } from "./verify-review.ts";

/** Holds a verdict's envelope against the one that follows from the records; answers what it says. Throws what is wrong. */
export async function recheckVerdict(
  { record, index, before, requirements }: Step,
  { held, lenders }: { readonly held: readonly HeldSignOff[]; readonly lenders: readonly HeldLender[] },
  read: ReadDocument,
  trust: AttestationTrust,
): Promise<ToldSignOff> {
  const bytes = await read(attachmentNamed(record, "verdict.dsse.json").sha256);
  if (bytes === undefined || before === undefined)
    throw new Failure("verdict-invalid", "The verdict is not in the pack.");
  const envelope = parseKeptEnvelope(readCanonicalJson("verdict.dsse.json", bytes));
  const payload = openEnvelope(envelope, trust.keys, trust.verifySignature);
  const said = predicateIn(payload);
  refuseNewer("The verifier of the verdict", verifierVersion(said), 1);
  requireInForce(trust.keyHistory, envelope, { index, at: record.at });
  const seats = before.settled.flatMap((settled) => settled.seats);
  const standing = heldWithPasskeysAt(held, trust.passkeys, record.at);
  const { result, loan } = bodyOf("verdict", record);
  // A seat that was lost when the loan was verified is lent like the others: its sign-off is left out, or in.
  const listed = loan === true ? signOffsNamed(said) : undefined;
  if (result === "PASSED") {
    const counted = seats.map(({ signOff }) => signOff).filter((id) => listed?.has(id) !== false);
    const signOffs = standing.map(({ signOff }) => signOff).filter(({ id }) => counted.includes(id));
    const asked = signOffs.some(({ conditions }) => conditions !== undefined);
    const why =
      asked && requirements !== undefined
        ? whyNotKeepable(before, requirements.rule, signOffs, lentRelease(before))
        : undefined;
    if (why !== undefined) throw new Failure("verdict-invalid", why);
  }
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
        return [{ id: signOff, envelope: found.envelope, passkey, conditions: found.signOff.conditions }];
      }),
      ...(loan === true ? { lenders: lendersIn(before, lenders, claimed, trust, record.at) } : {}),
      result,
      at: record.at,
    });
  // A verdict may claim less about passkeys than the records show, which people.yaml of that time may explain; never more.
  if ([true, false].some((claimed) => equalBytes(statementBytes(expected(claimed)), payload)))
    return { predicate: (said ?? null) as Json };
  throw new Failure("verdict-invalid", "The signed verdict says something else than the records that it rests on.");
}

/** What a verdict says, of whatever form. */
interface SaidVerdict {
  readonly verifier?: { readonly id?: unknown };
  readonly inputAttestations?: readonly { readonly uri?: unknown }[];
}

function predicateIn(payload: Uint8Array): SaidVerdict | undefined {
  const statement = readJson("the verdict", payload) as { readonly predicate?: SaidVerdict } | null;
  return statement?.predicate;
}

function verifierVersion(said: SaidVerdict | undefined): number | undefined {
  const version = /\/verifier\/v(\d{1,9})$/.exec(String(said?.verifier?.id))?.[1];
  return version === undefined ? undefined : Number(version);
}

/** The sign-offs that a verdict names, by their ids: the last part of each address. */
export function signOffsNamed(predicate: unknown): ReadonlySet<string> {
  const named = (predicate as SaidVerdict | undefined)?.inputAttestations ?? [];
  return new Set(named.map(({ uri }) => String(uri).slice(String(uri).lastIndexOf("/") + 1)));
}

function lendersIn(
  { loan }: Promotion,
  lenders: readonly HeldLender[],
  claimed: boolean,
  { passkeys }: AttestationTrust,
  at: Instant,
): NonNullable<VerdictInput["lenders"]> {
  return (loan?.lenders ?? []).flatMap(({ signature }) => {
    const found = lenders.find((each) => each.signature.id === signature);
    if (found === undefined) return [];
    const [standing] = withPasskeysAt([found.signature], passkeys, at);
    const passkey = claimed && standing !== undefined && "passkey" in standing;
    return [{ id: signature, envelope: envelopeDigest(found.envelope), passkey }];
  });
}

const trials = v.object({
  findings: v.array(v.object({ rule: v.string(), status: v.string(), dryRunUntil: v.exactOptional(v.string()) })),
});

/** What is wrong where the gates let a rule fail since it was on trial, and its trial was over when the verdict was signed. */
export async function recheckTrials({ record, before }: Step, read: ReadDocument): Promise<string | undefined> {
  const report = hasPassed(record) ? before?.gates?.report : undefined;
  const bytes = report === undefined ? undefined : await read(report);
  // What is no report of a form that is known is said of the gates.
  const told = bytes === undefined ? undefined : v.safeParse(trials, readCanonicalJson("gate-report.json", bytes));
  if (told?.success !== true) return undefined;
  const surely = addSeconds(record.at, -clockToleranceSeconds);
  const over = told.output.findings.find(
    ({ status, dryRunUntil }) => status !== "passed" && dryRunUntil !== undefined && dryRunUntil <= surely,
  );
  return over === undefined
    ? undefined
    : `The verdict is PASSED, and '${over.rule}' did not pass, which was on trial until ${over.dryRunUntil} and blocks since.`;
}

/** The release of what runs on loan, which a verdict of the quorum lets stay. */
function lentRelease({ status, history }: Promotion) {
  const begun = status === "loaned" ? history.findLast(({ type }) => type === "deployment-started") : undefined;
  return begun === undefined ? undefined : bodyOf("release", { ...begun, recordVersion: 1 }).release;
}

/**
 * What is wrong with a deployment's beginning: it rests on the verdict, follows it within the time that it has, and is as
 * careful as the verdict asks.
 */
export async function recheckDeployment({ record, before }: Step, read: ReadDocument): Promise<string | undefined> {
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
  const applied = (body.infrastructure ?? []).map(({ plan }) => plan);
  const asked = before === undefined ? [] : plansOf(before.manifest).map(({ sha256 }) => sha256);
  if (canonicalJson(applied) !== canonicalJson(asked))
    return "The deployment began, and the infrastructure plans that were signed are not said to be applied.";
  // That it is the verdict which follows from the sign-offs was checked where it stands.
  const conditions = await conditionsIn(verdict.sha256, read);
  if (canonicalJson(conditions ?? null) !== canonicalJson(body.conditions ?? null))
    return "The deployment names other conditions than its verdict does.";
  if (conditions === undefined) return undefined;
  const bold = whyTooBold(conditions, bodyOf("release", record).release);
  return bold === undefined ? undefined : `The release ${bold}.`;
}

/** Policies that were signed come in force at once, or are proposed anew: held back, they would let others judge meanwhile. */
export function recheckActivation({ record, before }: Step): string | undefined {
  const verdict = before?.verdict;
  return verdict !== undefined && record.at < addSeconds(verdict.at, verdictLifetimeSeconds + clockToleranceSeconds)
    ? undefined
    : "The policies came in force when the verdict was too old to allow it.";
}

async function conditionsIn(verdict: Sha256, read: ReadDocument): Promise<ConditionsInForce | undefined> {
  const bytes = await read(verdict);
  if (bytes === undefined) return undefined;
  const { payload } = parseEnvelope(readJson("verdict.dsse.json", bytes));
  const statement = readJson("the verdict", fromBase64(payload)) as {
    readonly predicate?: { readonly countersignConditions?: unknown };
  } | null;
  const told = v.safeParse(v.optional(conditionsInForceSchema), statement?.predicate?.countersignConditions);
  if (!told.success) throw new Failure("verdict-invalid", "The conditions of the verdict cannot be read.");
  return told.output;
}
