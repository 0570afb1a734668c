import { personOf } from "../../../core/approval/entitlement.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import type { Person } from "../../../core/approval/people.ts";
import {
  type DelegationDeed,
  type DelegationStatement,
  delegationIdOf,
  delegationStatement,
} from "../../../core/attestation/delegation-statement.ts";
import { type SignDigest, signEnvelope, type VerifyingKey } from "../../../core/attestation/dsse.ts";
import { type DelegationRequest, readDelegationRequest } from "../../../core/attestation/read-delegation-request.ts";
import { delegationsOf, type RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import { requireDelegationDeed } from "../../../core/attestation/refuse-delegation.ts";
import { challengeOf, signOffId, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { isSha256, type Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { PasskeyUse } from "../../../core/promotion/sign-off.ts";
import { inTurn, type TurnBooks } from "../../in-turn.ts";
import { recordedInTime } from "../../recorded-in-time.ts";
import { askingOnce } from "../asked-once.ts";
import { type DeedSigner, deedSigner, type VerifyReviewer } from "../deed-signer.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { assertionOf, noteUse, type PasskeyUsePorts, passkeyUse } from "../passkey-use.ts";
import { recordedOnce } from "../recorded-once.ts";
import { requireSigned } from "../signed-request.ts";

const largestBody = 64 * 1024;
/** Those of one person that run, or are to: whoever looks at a review asks for each of everybody's. */
const mostOfOne = 50;

const deeds: Readonly<Record<string, DelegationDeed>> = {
  "/v1/delegations": "delegate",
  "/v1/delegations/{id}/revocation": "revoke",
};

export interface RecordDelegationPorts extends PasskeyUsePorts {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly policy: {
    readonly matrix: Pick<Matrix, "roles" | "rules">;
    readonly people: readonly Person[];
    readonly groups: readonly string[];
  };
  readonly delegations: {
    deeds(id: Sha256): Promise<readonly RecordedDelegationDeed[]>;
    /** What was done about each that is not over at an instant. */
    notOver(at: Instant): Promise<readonly RecordedDelegationDeed[]>;
    record(deed: RecordedDelegationDeed): Promise<"recorded" | "exists">;
  };
  readonly turns: TurnBooks;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly verifyReviewer: VerifyReviewer;
  readonly sign: SignDigest;
  readonly verifyingKey: () => Promise<VerifyingKey>;
}

/**
 * POST /v1/delegations and /v1/delegations/{id}/revocation: the ceremony of a sign-off, about a delegation. What is
 * recorded is the delegator's own signature, so that the service alone lets nobody stand in anybody's place; where they have
 * a passkey, its signature over the same challenge as well, and not without it where the role asks for one.
 */
export const recordDelegation = askingOnce(delegationRecorder);

function delegationRecorder(ports: RecordDelegationPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const request = readDelegationRequest(jsonBody(http, largestBody));
    const { predicate } = request;
    const id = delegationIdOf(predicate.delegation);
    const { id: named = id } = http.parameters;
    if (!isSha256(named)) throw new Failure("not-found", "There is no such delegation.");
    if (deeds[http.route] !== predicate.deed || named !== id)
      throw new Failure("statement-mismatch", "The statement is about another delegation or deed than the address.");
    const statement = delegationStatement(ports.attestationBase, predicate);
    if (canonicalJson(statement) !== canonicalJson(request.statement))
      throw new Failure(
        "statement-mismatch",
        "The statement does not fit this service: reload the page and try again.",
      );
    const { over } = await requireSigned({ ...request, choice: predicate }, ports.now(), ports.verifyReviewer);
    const { status, recorded } = await recordedOnce({
      sentBefore: async () =>
        (await ports.delegations.deeds(id)).find(
          ({ deed, idToken }) => deed === predicate.deed && idToken === request.idToken,
        ),
      make: async () => {
        if (over !== undefined) throw over;
        return doneBy(await signedAt(request, statement, ports.now()), request, statement);
      },
      record: ports.delegations.record,
      otherwise: "Somebody was quicker: this was done before.",
    });
    return answer(status, recorded);
  };

  function signedAt(request: DelegationRequest, statement: DelegationStatement, at: Instant): Promise<DeedSigner> {
    return deedSigner(ports.verifyReviewer, request, challengeOf(statement), at);
  }

  async function doneBy(
    signed: DeedSigner,
    request: DelegationRequest,
    statement: DelegationStatement,
  ): Promise<RecordedDelegationDeed> {
    const { deed, delegation } = request.predicate;
    const first = await allowed(signed, request, statement);
    await noteUse(ports, first.passkey, signOffId(statement));
    const { keyid } = await ports.verifyingKey();
    const envelope = await signEnvelope(statementBytes(statement), keyid, ports.sign);
    const again = async (at: Instant) => allowed(await signedAt(request, statement, at), request, statement);
    const signer = await recordedInTime(first, again, ports.now);
    return {
      id: delegationIdOf(delegation),
      deed,
      delegation,
      person: signer.identity,
      personName: signer.name,
      groups: signer.groups,
      recordedAt: signer.at,
      envelope,
      idToken: request.idToken,
      jwks: signer.jwks,
      ...(signer.passkey === undefined ? {} : { passkey: signer.passkey }),
      ...(request.passkey === undefined ? {} : { assertion: assertionOf(request.passkey) }),
    };
  }

  /** The signer, with the passkey that answered as well, of whom it was asked whether they may do it. */
  async function allowed(
    signedIn: DeedSigner,
    { predicate, passkey }: DelegationRequest,
    statement: DelegationStatement,
  ): Promise<DeedSigner & { readonly passkey?: PasskeyUse }> {
    const signed = { id: signOffId(statement), reviewer: signedIn.identity, recordedAt: signedIn.at };
    const use = passkey === undefined ? undefined : await passkeyUse(ports, passkey, signed, challengeOf(statement));
    const signer = use === undefined ? signedIn : { ...signedIn, passkey: use };
    const { matrix, people, groups } = ports.policy;
    const [known] = delegationsOf(await ports.delegations.deeds(delegationIdOf(predicate.delegation)));
    const members = await ports.directory.everybody(groups);
    requireDelegationDeed(predicate, signer, known, { matrix, people, members, now: signer.at });
    if (predicate.deed === "delegate") await requireRoom(delegationIdOf(predicate.delegation), signer, members);
    return signer;
  }

  async function requireRoom(id: Sha256, { identity, at }: DeedSigner, members: readonly Member[]): Promise<void> {
    const keyOf = personOf(members, ports.policy.people);
    const deeds = await ports.delegations.notOver(at);
    const own = delegationsOf(deeds).filter(
      ({ delegator, revokedAt }) => revokedAt === undefined && keyOf(delegator) === keyOf(identity),
    );
    const known = new Set<string>(deeds.map((each) => each.id));
    await inTurn(ports.turns, "delegations", { id, by: identity, at }, (others) => {
      const atOnce = others.filter((each) => !known.has(each.id) && keyOf(each.by) === keyOf(identity));
      if (own.length + atOnce.length < mostOfOne) return;
      throw new Failure(
        "conflict",
        `You have ${mostOfOne} delegations that are not over, which is as many as one person may have: revoke one of them first.`,
      );
    });
  }
}

function answer(status: 200 | 201, { id, deed, recordedAt, envelope }: RecordedDelegationDeed): Answer {
  return { status, json: { id, deed, recordedAt, envelope } };
}
