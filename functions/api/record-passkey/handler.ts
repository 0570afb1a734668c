import type { Matrix } from "../../../core/approval/matrix.ts";
import type { Person } from "../../../core/approval/people.ts";
import { type SignDigest, signEnvelope, type VerifyingKey } from "../../../core/attestation/dsse.ts";
import type { PasskeyAssertion, PasskeyCredential } from "../../../core/attestation/passkey-assertion.ts";
import { passkeyIdOf } from "../../../core/attestation/passkey-key.ts";
import {
  type PasskeyDeed,
  type PasskeyDescription,
  passkeyStatement,
} from "../../../core/attestation/passkey-statement.ts";
import {
  type PasskeyRegistration,
  type PasskeyRequest,
  readPasskeyRequest,
} from "../../../core/attestation/read-passkey-request.ts";
import { passkeysOf, type RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { requirePasskeyDeed } from "../../../core/attestation/refuse-passkey.ts";
import { challengeOf, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { isSha256, type Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Identity, Member } from "../../../core/promotion/identity.ts";
import { recordedInTime } from "../../recorded-in-time.ts";
import { askingOnce } from "../asked-once.ts";
import { type DeedSigner, deedSigner, type VerifyReviewer } from "../deed-signer.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { requireStoredAsSigned } from "../passkey-use.ts";
import { recordedOnce } from "../recorded-once.ts";
import { requireSigned } from "../signed-request.ts";

const largestBody = 64 * 1024;
/** Those of one person that are not revoked, confirmed or not: whoever confirms them looks through everybody's. */
const mostOfOne = 20;
const pageSize = 100;

const deeds: Readonly<Record<string, PasskeyDeed>> = {
  "/v1/passkeys": "enrol",
  "/v1/passkeys/{id}/confirmation": "confirm",
  "/v1/passkeys/{id}/revocation": "revoke",
};

export interface RecordPasskeyPorts {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly portal: Pick<PasskeyDescription, "rpId" | "origin">;
  readonly policy: {
    readonly roles: Matrix["roles"];
    readonly people: readonly Person[];
    readonly groups: readonly string[];
  };
  readonly passkeys: {
    deeds(id: Sha256): Promise<readonly RecordedPasskeyDeed[]>;
    record(deed: RecordedPasskeyDeed): Promise<"recorded" | "exists">;
    /** Of one owner: of each what was done about it. */
    page(
      of: { readonly owner: Identity },
      limit: number,
      from?: string,
    ): Promise<{ readonly passkeys: readonly (readonly RecordedPasskeyDeed[])[]; readonly next?: string }>;
  };
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly verifyReviewer: VerifyReviewer;
  readonly verifyRegistration: (
    registration: PasskeyRegistration,
    expected: Pick<PasskeyDescription, "rpId" | "origin" | "credentialId"> & { readonly challenge: string },
  ) => Promise<Pick<PasskeyCredential, "credentialId" | "publicKey">>;
  readonly verifyAssertion: (
    assertion: PasskeyAssertion,
    expected: { readonly credential: PasskeyCredential; readonly challenge: string },
  ) => Promise<unknown>;
  readonly sign: SignDigest;
  readonly verifyingKey: () => Promise<VerifyingKey>;
}

/**
 * POST /v1/passkeys, /v1/passkeys/{id}/confirmation and /v1/passkeys/{id}/revocation: the ceremony of a sign-off, about
 * a passkey. An enrolment also carries what the authenticator answered when the passkey was made, and the new passkey's
 * signature over the very statement that the identity provider signs.
 */
export const recordPasskey = askingOnce(passkeyRecorder);

function passkeyRecorder(ports: RecordPasskeyPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const request = readPasskeyRequest(jsonBody(http, largestBody));
    const { predicate } = request;
    const id = passkeyIdOf(predicate.passkey.publicKey);
    const deed = deeds[http.route];
    const { id: named = id } = http.parameters;
    if (!isSha256(named)) throw new Failure("not-found", "There is no such passkey.");
    if (deed !== predicate.deed || named !== id)
      throw new Failure("statement-mismatch", "The statement is about another passkey or deed than the address.");
    const statement = passkeyStatement(ports.attestationBase, predicate);
    if (canonicalJson(statement) !== canonicalJson(request.statement))
      throw new Failure(
        "statement-mismatch",
        "The statement does not fit this service: reload the page and try again.",
      );
    const { over } = await requireSigned({ ...request, choice: predicate }, ports.now(), ports.verifyReviewer);
    const { status, recorded } = await recordedOnce({
      sentBefore: async () =>
        (await ports.passkeys.deeds(id)).find((each) => each.deed === deed && each.idToken === request.idToken),
      make: async () => {
        if (over !== undefined) throw over;
        return doneBy(await signedAt(request, challengeOf(statement), ports.now()), request, statement);
      },
      record: ports.passkeys.record,
      otherwise: "Somebody was quicker: this was done before.",
    });
    return answer(status, recorded);
  };

  function signedAt(request: PasskeyRequest, challenge: string, at: Instant): Promise<DeedSigner> {
    return deedSigner(ports.verifyReviewer, request, challenge, at);
  }

  async function doneBy(
    signed: DeedSigner,
    request: PasskeyRequest,
    statement: ReturnType<typeof passkeyStatement>,
  ): Promise<RecordedPasskeyDeed> {
    const { deed, passkey } = request.predicate;
    const challenge = challengeOf(statement);
    const first = await allowed(signed, request, challenge);
    const { keyid } = await ports.verifyingKey();
    const envelope = await signEnvelope(statementBytes(statement), keyid, ports.sign);
    const again = async (at: Instant) => allowed(await signedAt(request, challenge, at), request, challenge);
    const signer = await recordedInTime(first, again, ports.now);
    return {
      id: passkeyIdOf(passkey.publicKey),
      deed,
      passkey,
      person: signer.identity,
      personName: signer.name,
      groups: signer.groups,
      recordedAt: signer.at,
      envelope,
      idToken: request.idToken,
      jwks: signer.jwks,
      ...(request.assertion === undefined ? {} : { assertion: request.assertion }),
    };
  }

  /** The signer, of whom it was asked whether they may do it. */
  async function allowed(signer: DeedSigner, request: PasskeyRequest, challenge: string): Promise<DeedSigner> {
    const { predicate } = request;
    const { roles, people, groups } = ports.policy;
    const known = passkeysOf(await ports.passkeys.deeds(passkeyIdOf(predicate.passkey.publicKey)))[0];
    // Whoever confirms it reads whose it is; to revoke it is always safe.
    if (predicate.deed === "confirm" && known !== undefined) requireStoredAsSigned(known);
    const members = await ports.directory.everybody(groups);
    const by = { ...signer, idToken: request.idToken };
    requirePasskeyDeed(predicate, by, known, { roles, people, members, portal: ports.portal });
    if (predicate.deed === "enrol") await requireFew(signer.identity);
    await requireProof(request, challenge);
    return signer;
  }

  async function requireFew(owner: Identity): Promise<void> {
    let standing = 0;
    let from: string | undefined;
    do {
      const page = await ports.passkeys.page({ owner }, pageSize, from);
      standing += page.passkeys.flatMap(passkeysOf).filter(({ revoked }) => revoked === undefined).length;
      from = page.next;
    } while (from !== undefined && standing < mostOfOne);
    if (standing < mostOfOne) return;
    throw new Failure(
      "conflict",
      `You have ${mostOfOne} passkeys that are not revoked, which is as many as one person may have: revoke one that you do not use first.`,
    );
  }

  /** An enrolment proves that the passkey is there, on this page, and that it signs; nothing else carries such a proof. */
  async function requireProof(
    { predicate, registration, assertion }: PasskeyRequest,
    challenge: string,
  ): Promise<void> {
    if (predicate.deed !== "enrol") {
      if (registration === undefined && assertion === undefined) return;
      throw new Failure("invalid-request", "Only an enrolment carries answers of a passkey.");
    }
    if (registration === undefined || assertion === undefined)
      throw new Failure("invalid-request", "An enrolment carries the registration and a signature of the new passkey.");
    const { passkey, salt } = predicate;
    const made = await ports.verifyRegistration(registration, { ...passkey, challenge: salt });
    if (
      made.credentialId !== passkey.credentialId ||
      canonicalJson(made.publicKey) !== canonicalJson(passkey.publicKey)
    )
      throw new Failure("passkey-invalid", "The statement names another key than the authenticator made.");
    await ports.verifyAssertion(assertion, { credential: passkey, challenge });
  }
}

function answer(status: 200 | 201, { id, deed, recordedAt, envelope }: RecordedPasskeyDeed): Answer {
  return { status, json: { id, deed, recordedAt, envelope } };
}
