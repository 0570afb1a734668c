import * as v from "valibot";
import { addSeconds, type Instant, isInstant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import {
  type ConditionsInForce,
  conditionsInForceSchema,
  type ReleaseConditions,
  strictest,
} from "../promotion/release-conditions.ts";
import type { Target } from "../promotion/target.ts";
import { type Envelope, openEnvelope, type VerifyingKey, type VerifySignature } from "./dsse.ts";
import { readStatement, type Statement, statementAbout } from "./statement.ts";

/** SLSA Verification Summary Attestation, https://slsa.dev/spec/v1.1/verification_summary */
export const verdictPredicateType = "https://slsa.dev/verification_summary/v1";

export interface VerdictPredicate {
  readonly verifier: { readonly id: string };
  readonly timeVerified: Instant;
  readonly resourceUri: string;
  readonly policy: { readonly uri: string; readonly digest: { readonly sha256: Sha256 } };
  readonly inputAttestations: readonly { readonly uri: string; readonly digest: { readonly sha256: Sha256 } }[];
  readonly verificationResult: "PASSED" | "FAILED";
  readonly verifiedLevels: readonly string[];
  readonly slsaVersion: "1.1";
  /** What the release must keep: an extension field, as the in-toto specification allows them. Absent: nothing. */
  readonly countersignConditions?: ConditionsInForce;
}

export type Verdict = Statement<VerdictPredicate>;

/** A deployment trusts a verdict for this long: it is signed right before deploying. */
export const verdictLifetimeSeconds = 3600;

/** What the first level of a verdict ends in where the release must keep something. */
const conditional = "_CONDITIONAL";

/**
 * The verifier's id under a deployment's own base address. Its version says how a verdict follows from the records: one
 * that would come out otherwise for the same records is another's.
 */
function verifierId(attestationBase: string): string {
  return `${attestationBase}/verifier/v1`;
}

/** Names a target as a resource, e.g. `sagemaker-endpoint://production/credit-scoring`. */
function resourceUri(target: Target): string {
  return `${target.kind}://${target.name}/${target.endpoint}`;
}

/** What a verdict is made of. */
export interface VerdictInput {
  readonly attestationBase: string;
  readonly freezeDigest: Sha256;
  readonly target: Target;
  readonly requirements: Sha256;
  /** Digests of the sign-offs' envelopes that it rests on, by sign-off id. */
  readonly signOffs: readonly {
    readonly id: Sha256;
    readonly envelope: Sha256;
    /** A passkey of the signer's own that stands signed it as well. */
    readonly passkey: boolean;
    /** What it asks of the release. */
    readonly conditions?: ReleaseConditions | undefined;
  }[];
  /** The lenders' signatures, where the seats that are missing are lent. */
  readonly lenders?: VerdictInput["signOffs"];
  readonly result: "PASSED" | "FAILED";
  readonly at: Instant;
}

/** Says that seats are lent: such a verdict never says how many were asked for and filled. */
const loanLevel = "COUNTERSIGN_LOAN";

/**
 * The verdict over a promotion. `COUNTERSIGN_<n>_OF_<n>` says how many seats were asked for and filled;
 * `COUNTERSIGN_IDP_BOUND` that the identity provider itself signed each decision; `COUNTERSIGN_PASSKEY` that a passkey
 * of the signer's own signed each of them too. `COUNTERSIGN_LOAN` stands instead of the number of seats where those that
 * were missing are lent. A FAILED one has the one level that SLSA reserves for it. Where a signer asks something of the
 * release the first level ends in `_CONDITIONAL`: whoever does not know the conditions, and asks for the level without,
 * must not take the verdict for one that has none (the monotonic principle of in-toto).
 */
export function verdictOf(input: VerdictInput): Verdict {
  const { lenders } = input;
  const seats = input.signOffs.length;
  const signed = [...(lenders ?? []), ...input.signOffs];
  const passkeys = signed.length > 0 && signed.every(({ passkey }) => passkey);
  const conditions = input.result === "PASSED" ? strictest(input.signOffs.map((each) => each.conditions)) : undefined;
  const quorum = `${lenders === undefined ? `COUNTERSIGN_${seats}_OF_${seats}` : loanLevel}${conditions === undefined ? "" : conditional}`;
  return statementAbout(input.freezeDigest, verdictPredicateType, {
    verifier: { id: verifierId(input.attestationBase) },
    timeVerified: input.at,
    resourceUri: resourceUri(input.target),
    policy: {
      uri: `${input.attestationBase}/requirements/${input.requirements}`,
      digest: { sha256: input.requirements },
    },
    inputAttestations: [
      ...(lenders ?? []).map(({ id, envelope }) => ({
        uri: `${input.attestationBase}/loans/${id}`,
        digest: { sha256: envelope },
      })),
      ...input.signOffs.map(({ id, envelope }) => ({
        uri: `${input.attestationBase}/sign-offs/${id}`,
        digest: { sha256: envelope },
      })),
    ],
    verificationResult: input.result,
    verifiedLevels:
      input.result === "PASSED"
        ? [quorum, "COUNTERSIGN_IDP_BOUND", ...(passkeys ? ["COUNTERSIGN_PASSKEY"] : [])]
        : ["FAILED"],
    slsaVersion: "1.1",
    ...(conditions === undefined ? {} : { countersignConditions: conditions }),
  });
}

/**
 * Holds a verdict's envelope against what is about to be deployed: signature, subject, verifier, target,
 * requirements, result and age. Throws `verdict-invalid`, `verdict-expired`, `signature-invalid` or `unavailable`.
 */
export function requireVerdict(
  envelope: Envelope,
  expected: {
    readonly attestationBase: string;
    readonly freezeDigest: Sha256;
    readonly target: Target;
    readonly requirements: Sha256;
    /** Whether it is a lent candidate that is to be deployed: then, and only then, the verdict says so. */
    readonly loan: boolean;
    /** It was deployed under the verdict, so that its age does not matter any more. */
    readonly standing?: boolean;
    readonly now: Instant;
    readonly keys: readonly VerifyingKey[];
    readonly verify: VerifySignature;
  },
): Verdict {
  const payload = openEnvelope(envelope, expected.keys, expected.verify);
  const statement = readStatement(payload, verdictPredicateType, expected.freezeDigest);
  const predicate = statement.predicate as VerdictPredicate | null;
  const wrong =
    predicate?.verifier?.id !== verifierId(expected.attestationBase)
      ? "it was issued by another verifier"
      : predicate.resourceUri !== resourceUri(expected.target)
        ? "it is for another target"
        : predicate.policy?.digest?.sha256 !== expected.requirements
          ? "it rests on other requirements"
          : predicate.verificationResult !== "PASSED"
            ? "its result is not PASSED"
            : isOfLoan(predicate) !== expected.loan
              ? expected.loan
                ? "it says nothing of a loan"
                : "it is of a loan"
              : isConditional(predicate) !== (predicate.countersignConditions !== undefined)
                ? "its level and its conditions contradict each other"
                : !v.is(v.optional(conditionsInForceSchema), predicate.countersignConditions)
                  ? "its conditions cannot be read"
                  : undefined;
  if (wrong !== undefined)
    throw new Failure("verdict-invalid", `The verdict does not allow this deployment: ${wrong}.`);
  if (!isInstant(predicate?.timeVerified)) throw expired();
  requireBegun(predicate.timeVerified, expected.now);
  if (expected.standing !== true) requireRecent(predicate.timeVerified, expected.now);
  return statement as Verdict;
}

/**
 * Throws `verdict-expired` where a verdict of then allows nothing to begin any more. Whoever asks again takes the instant that is
 * recorded: what is asked in between, of a target that is slow to answer, may take as long as the verdict has left.
 */
export function requireRecent(timeVerified: Instant, now: Instant): void {
  if (isTooOld(timeVerified, now)) throw expired();
}

/** Whether a verdict of then allows nothing to begin any more. */
export function isTooOld(timeVerified: Instant, now: Instant): boolean {
  return now >= addSeconds(timeVerified, verdictLifetimeSeconds);
}

/**
 * A host whose clock is behind that of the one that signed waits until it is not; what lies further ahead is no verdict.
 * Throws `unavailable` or `verdict-expired`.
 */
function requireBegun(timeVerified: Instant, now: Instant): void {
  if (timeVerified <= now) return;
  if (timeVerified > addSeconds(now, apartSeconds)) throw expired();
  throw new Failure(
    "unavailable",
    "The verdict was signed by a clock that is ahead of this one; it is good in a moment.",
  );
}

/** Clocks of hosts differ by less. */
const apartSeconds = 5;

function expired(): Failure {
  return new Failure(
    "verdict-expired",
    "The verdict is too old, or from the future: the sign-offs must be verified again.",
  );
}

function isConditional({ verifiedLevels }: VerdictPredicate): boolean {
  return Array.isArray(verifiedLevels) && verifiedLevels.some((level) => String(level).endsWith(conditional));
}

function isOfLoan({ verifiedLevels }: VerdictPredicate): boolean {
  return (
    Array.isArray(verifiedLevels) &&
    [loanLevel, `${loanLevel}${conditional}`].some((level) => verifiedLevels.includes(level))
  );
}
