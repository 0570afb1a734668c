import * as v from "valibot";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { refuseNewer, versionIn } from "../encoding/generation.ts";
import type { Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import type { Fact } from "../promotion/fact.ts";
import type { SubjectClaim } from "./id-token.ts";

/** What everything that is signed in an installation is held against, and nobody who signs says themselves. */
export interface Installation {
  /** The reviewers' identity provider. */
  readonly issuer: string;
  /** The applications that it issues their tokens to: the portal and the CLI. */
  readonly audiences: readonly string[];
  /** Which claim of these tokens names the person. Never changes for one issuer: whoever signed before would be somebody else. */
  readonly subjectClaim: SubjectClaim;
  /** For which relying party, and on which pages, passkeys are made (WebAuthn Level 3 section 5). */
  readonly passkeys: { readonly rpId: string; readonly origins: readonly string[] };
  /** Begins the type names of what is signed. Never changes: what was signed before could not be read any more. */
  readonly attestationBase: string;
  /** The checkpoints' origin line. Never changes: it names the log. */
  readonly logOrigin: string;
}

/** By which claim an identity provider names people. */
export type IssuerClaim = Pick<Installation, "issuer" | "subjectClaim">;

/** An installation as the ledger tells of it. */
export interface InstallationRecord extends Installation {
  /** 1 for the first, with which the log begins; one more for each change. */
  readonly number: number;
}

/** The version of the records that the log holds from here on: what they tell, without exception (docs/format.md). */
const recordVersion = 1;

/** The record with which a log begins, and that of each change of what it says. */
export function installationFact(installation: Installation, number: number, at: Instant): Fact {
  const { issuer, audiences, subjectClaim, passkeys, attestationBase, logOrigin } = installation;
  return {
    id: installationFactId(number),
    type: "installation",
    at,
    summary: `The settings of the deployment are in force, version ${number}.`,
    body: {
      recordVersion,
      number,
      issuer,
      audiences: [...audiences],
      // Unsaid where it is the usual one, as in every log of before there was another.
      ...(subjectClaim === "sub" ? {} : { subjectClaim }),
      passkeys: { rpId: passkeys.rpId, origins: [...passkeys.origins] },
      attestationBase,
      logOrigin,
    },
    attachments: [],
  };
}

function installationFactId(number: number): string {
  return `installation/settings/${number}`;
}

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2000));
const some = v.pipe(v.array(text), v.nonEmpty());
const schema = v.strictObject({
  recordVersion: v.literal(recordVersion),
  number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  issuer: text,
  audiences: some,
  subjectClaim: v.optional(v.literal("oid")),
  passkeys: v.strictObject({ rpId: text, origins: some }),
  attestationBase: text,
  logOrigin: text,
});

/** Reads a record of type `installation`. Throws `pack-invalid`, or `newer-version` where it promises records of a later version. */
export function readInstallationRecord({ id, body }: Pick<Fact, "id" | "body">): InstallationRecord {
  refuseNewer("The log", versionIn(body, "recordVersion"), recordVersion);
  const result = v.safeParse(schema, body);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalid(id, `its '${v.getDotPath(issue) ?? "form"}' is not that of an installation's record`);
  }
  const { recordVersion: _, subjectClaim = "sub", ...record } = result.output;
  if (installationFactId(record.number) !== id) throw invalid(id, "it is recorded under the id of another");
  return { ...record, subjectClaim };
}

/** Whether two say the same of an installation. */
export function sameInstallation(one: Installation, other: Installation): boolean {
  const said = (installation: Installation) => installationFact(installation, 1, "" as Instant).body;
  return canonicalJson(said(one)) === canonicalJson(said(other));
}

/** Why an installation cannot follow those before it in the same log; `undefined` where it can. */
export function whyNotTheSameLog(before: readonly Installation[], next: Installation): string | undefined {
  const [first] = before;
  if (first === undefined) return undefined;
  if (first.logOrigin !== next.logOrigin)
    return `The log is '${first.logOrigin}', and cannot become '${next.logOrigin}'.`;
  if (first.attestationBase !== next.attestationBase)
    return `What is signed begins with '${first.attestationBase}', and cannot begin with '${next.attestationBase}': what was signed before could not be read any more.`;
  const other = before.find((each) => each.issuer === next.issuer && each.subjectClaim !== next.subjectClaim);
  if (other !== undefined)
    return `People of '${next.issuer}' are named by the claim '${other.subjectClaim}', and cannot be by '${next.subjectClaim}': whoever signed before would be somebody else.`;
  return undefined;
}

function invalid(id: string, why: string): Failure {
  return new Failure("pack-invalid", `The record '${id}' cannot be taken: ${why}.`);
}
