import { verifyJws } from "../../../../adapters/node-crypto/signatures.ts";
import type { PolicyFolder } from "../../../../adapters/policies/policy-folder.ts";
import { readReceipts } from "../../../../core/archive/kept-receipts.ts";
import {
  type DelegationDeed,
  type DelegationDocument,
  delegationIdOf,
  delegationStatement,
} from "../../../../core/attestation/delegation-statement.ts";
import { checkReviewerClaims, readToken } from "../../../../core/attestation/id-token.ts";
import { loanStatement } from "../../../../core/attestation/loan-statement.ts";
import { verifyAssertion } from "../../../../core/attestation/passkey-assertion.ts";
import { type PasskeyDeed, passkeyStatement } from "../../../../core/attestation/passkey-statement.ts";
import { delegationBlobs, delegationFact } from "../../../../core/attestation/recorded-delegation.ts";
import { loanBlobs, loanFact } from "../../../../core/attestation/recorded-loan.ts";
import { passkeyBlobs, passkeyFact } from "../../../../core/attestation/recorded-passkey.ts";
import { blobsOf, signOffFact } from "../../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../../core/attestation/sign-off-context.ts";
import { challengeOf, signOffStatement } from "../../../../core/attestation/sign-off-statement.ts";
import { canonicalJsonBytes, type Json } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { Failure } from "../../../../core/failure.ts";
import type { Member } from "../../../../core/promotion/identity.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { ReleaseConditions } from "../../../../core/promotion/release-conditions.ts";
import type { SignOffResult } from "../../../../core/promotion/sign-off.ts";
import type { Answer } from "../../../../functions/api/http.ts";
import { recordDelegation } from "../../../../functions/api/record-delegation/handler.ts";
import { recordLoan } from "../../../../functions/api/record-loan/handler.ts";
import { recordPasskey } from "../../../../functions/api/record-passkey/handler.ts";
import { recordSignOff } from "../../../../functions/api/record-sign-off/handler.ts";
import { decide } from "../../../../functions/streams/decide/handler.ts";
import { MemoryLoanBooks } from "../../../functions/memory-loan-books.ts";
import { type Authenticator, portal } from "../../attestation/authenticator.ts";
import { passkeyPredicate } from "../../attestation/given-passkey.ts";
import { attestationBase, clientId, issuer, salt } from "../reviewers.ts";
import { HouseOfPolicies } from "./house-of-policies.ts";
import { request } from "./request.ts";

/** Its people: what they sign, each with a sign-in of their own. */
export abstract class HouseOfPeople extends HouseOfPolicies {
  readonly #verifyReviewer: Parameters<typeof recordSignOff>[0]["verifyReviewer"] = async (token, expected) => {
    const { claims, algorithm, keyId, signingInput, signature } = readToken(token);
    const { keys } = this.provider.keysOf?.(claims["iss"]) ?? this.provider.jwks;
    const jwk = keys.find(({ kid }) => kid === keyId);
    if (jwk === undefined || !verifyJws(algorithm, jwk, signingInput, signature))
      throw new Failure("token-invalid", "The token is signed by no key of its provider.");
    const by = this.signInsBy.find((each) => each === claims["iss"]) ?? this.signInsBy.at(-1) ?? issuer;
    const { subjectClaim } = this.installed().last;
    return {
      ...checkReviewerClaims(claims, { issuer: by, audiences: [clientId], subjectClaim, ...expected }),
      jwks: { keys: [jwk] },
    };
  };

  /** By the key of whichever host a function runs on this time. */
  protected signing() {
    const { sign, key } = this.attestation;
    return { sign, verifyingKey: async () => key };
  }

  readonly #sent: ((again: boolean) => Promise<Answer>)[] = [];

  async #send(send: (again: boolean) => Promise<Answer>): Promise<Answer> {
    this.#sent.push(send);
    await this.world.signedIn?.();
    const answer = await send(false);
    this.#keep(answer);
    return answer;
  }

  /** Whose answer was lost sends the same once more, after another sign-in where it is a decision and `again`. */
  async resend(back: number, again: boolean): Promise<void> {
    const answer = await this.#sent.at(-1 - (back % Math.max(1, this.#sent.length)))?.(again);
    if (answer !== undefined) this.#keep(answer);
  }

  #keep({ json }: Answer): void {
    this.receipts.push(...readReceipts(`receipt ${this.receipts.length}`, canonicalJsonBytes(json as Json)));
  }

  /** A person decides, in all roles that the open stage asks for and that they hold. */
  async sign(
    promotionId: PromotionId,
    who: Member,
    result: SignOffResult = "approve",
    {
      reason = "",
      claims = {},
      device,
      inPlaceOf,
      conditions,
      unheard = false,
      roles = rolesOf(who, this.policy),
    }: {
      readonly roles?: readonly string[];
      /** A service that lies records it, and decides as if it were not there. */
      readonly unheard?: boolean;
      readonly conditions?: ReleaseConditions;
      readonly inPlaceOf?: { readonly who: Member; readonly delegation: Sha256; readonly role: string };
      readonly reason?: string;
      readonly claims?: Readonly<Record<string, unknown>>;
      readonly device?: Authenticator;
    } = {},
  ): Promise<void> {
    this.pass(60);
    const context = signOffContextOf(this.promotions.stored(promotionId), attestationBase);
    const issuedAt = this.now();
    const statement = signOffStatement(context, {
      result,
      reason,
      roles: inPlaceOf === undefined ? roles : [inPlaceOf.role],
      reviewer: who.identity,
      ...(inPlaceOf === undefined
        ? {}
        : { onBehalfOf: { person: inPlaceOf.who.identity, delegation: { sha256: inPlaceOf.delegation } } }),
      ...(conditions === undefined ? {} : { conditions }),
      salt: salt(),
      issuedAt,
      expiresAt: addSeconds(issuedAt, 600),
    });
    const idToken = this.provider.token(who, challengeOf(statement), this.now(), claims);
    const passkey =
      device === undefined
        ? {}
        : { passkey: { id: device.id, ...device.assertion(challengeOf(statement), { counter: 3 }) } };
    await this.#send((again) =>
      recordSignOff({
        now: this.host(),
        turns: this.turns,
        attestationBase,
        policy: this.policy,
        promotions: this.promotions,
        blobs: this.blobStore,
        passkeys: this.passkeys,
        delegations: this.delegations,
        verifyAssertion: async (assertion, expected) => verifyAssertion(assertion, expected, verifyJws),
        directory: this.directory,
        verifyReviewer: this.#verifyReviewer,
        ...this.signing(),
      })(
        request(
          { id: promotionId },
          {
            statement,
            idToken: again ? this.provider.token(who, challengeOf(statement), this.now(), claims) : idToken,
            ...passkey,
          },
        ),
      ),
    );
    const recorded = this.promotions.recordedSignOffs().at(-1);
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    for (const { bytes } of blobsOf(recorded)) await this.blobStore.put(bytes);
    this.add(signOffFact(recorded));
    if (!unheard) await this.decide(promotionId);
  }

  async decide(promotionId: PromotionId): Promise<void> {
    await decide({
      now: this.host(),
      policy: this.policy,
      promotions: this.promotions,
      blobs: this.blobStore,
      delegations: this.delegations,
      directory: this.directory,
      tokens: { find: async () => undefined, forget: async () => {} },
      loanBooks: this.loanBooks,
      ring: async () => "rung",
    })(promotionId);
    this.tell(promotionId);
  }

  /** A person lends the seats that are missing: asks for it, or confirms what another has asked for. */
  async lend(
    promotionId: PromotionId,
    who: Member,
    {
      seconds,
      confirms,
      role = "incident-commander",
      beforeTheOther = false,
      unheard = false,
      device,
    }: {
      readonly seconds: number;
      readonly confirms?: Sha256;
      readonly role?: string;
      readonly beforeTheOther?: boolean;
      readonly unheard?: boolean;
      readonly device?: Authenticator;
    },
  ): Promise<Sha256> {
    this.pass(60);
    const { stage: _, ...context } = signOffContextOf(this.promotions.stored(promotionId), attestationBase);
    const issuedAt = this.now();
    const statement = loanStatement(context, {
      terms: { seconds, incident: "https://incidents.example/417" },
      reason: "The model in production turns everybody down.",
      role,
      lender: who.identity,
      ...(confirms === undefined ? {} : { confirms: { sha256: confirms } }),
      salt: salt(),
      issuedAt,
      expiresAt: addSeconds(issuedAt, 600),
    });
    const idToken = this.provider.token(who, challengeOf(statement), this.now());
    const passkey =
      device === undefined ? {} : { passkey: { id: device.id, ...device.assertion(challengeOf(statement)) } };
    const send = () =>
      recordLoan({
        now: this.host(),
        turns: this.turns,
        attestationBase,
        policy: this.policy,
        promotions: this.promotions,
        delegations: this.delegations,
        // At the same moment as another, whose place in the budget is not written yet.
        loanBooks: beforeTheOther ? new MemoryLoanBooks() : this.loanBooks,
        passkeys: this.passkeys,
        verifyAssertion: async (assertion, expected) => verifyAssertion(assertion, expected, verifyJws),
        directory: this.directory,
        verifyReviewer: this.#verifyReviewer,
        ...this.signing(),
      })(request({ id: promotionId }, { statement, idToken, ...passkey }));
    const answer = await this.#send(send);
    const { id } = answer.json as { id: Sha256 };
    const recorded = (await this.promotions.loans(promotionId)).find(({ signature }) => signature.id === id);
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    for (const { bytes } of loanBlobs(recorded)) await this.blobStore.put(bytes);
    this.add(loanFact(recorded));
    if (!unheard) await this.decide(promotionId);
    return id;
  }

  /** Somebody does something about a passkey. */
  async passkey(deed: PasskeyDeed, device: Authenticator, owner: Member, by: Member = owner): Promise<void> {
    this.pass(60);
    const issuedAt = this.now();
    const expiresAt = addSeconds(issuedAt, 600);
    const predicate = passkeyPredicate(deed, device, owner, { person: by.identity, salt: salt(), issuedAt, expiresAt });
    const statement = passkeyStatement(attestationBase, predicate);
    const idToken = this.provider.token(by, challengeOf(statement), this.now());
    const assertion = device.assertion(challengeOf(statement));
    const routes = {
      enrol: "/v1/passkeys",
      confirm: "/v1/passkeys/{id}/confirmation",
      revoke: "/v1/passkeys/{id}/revocation",
    };
    const send = () =>
      recordPasskey({
        now: this.host(),
        attestationBase,
        portal,
        policy: { roles: this.policy.matrix.roles, people: [], groups: this.policy.groups },
        passkeys: this.passkeys,
        directory: this.directory,
        verifyReviewer: this.#verifyReviewer,
        verifyRegistration: async () => device,
        verifyAssertion: async (answer, expected) => verifyAssertion(answer, expected, verifyJws),
        ...this.signing(),
      })({
        ...request(
          { id: device.id },
          {
            statement,
            idToken,
            ...(deed === "enrol" ? { assertion, registration: { clientDataJSON: "AA", attestationObject: "AA" } } : {}),
          },
        ),
        route: routes[deed],
      });
    await this.#send(send);
    const recorded = (await this.passkeys.deeds(device.id)).find((each) => each.deed === deed);
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    for (const { bytes } of passkeyBlobs(recorded)) await this.blobStore.put(bytes);
    this.add(passkeyFact(recorded));
  }

  /** Somebody lets another stand in their place for a day, or ends that. */
  async delegate(
    deed: DelegationDeed,
    delegation: DelegationDocument,
    by: Member,
    device?: Authenticator,
  ): Promise<Sha256> {
    this.pass(60);
    const issuedAt = this.now();
    const predicate = { deed, delegation, person: by.identity, issuedAt, expiresAt: addSeconds(issuedAt, 600) };
    const statement = delegationStatement(attestationBase, predicate);
    const id = delegationIdOf(delegation);
    const parameters: Record<string, string> = deed === "delegate" ? {} : { id };
    const idToken = this.provider.token(by, challengeOf(statement), this.now());
    const passkey =
      device === undefined ? {} : { passkey: { id: device.id, ...device.assertion(challengeOf(statement)) } };
    const send = () =>
      recordDelegation({
        now: this.host(),
        turns: this.turns,
        attestationBase,
        policy: this.policy,
        delegations: this.delegations,
        passkeys: this.passkeys,
        verifyAssertion: async (assertion, expected) => verifyAssertion(assertion, expected, verifyJws),
        directory: this.directory,
        verifyReviewer: this.#verifyReviewer,
        ...this.signing(),
      })({
        ...request(parameters, { statement, idToken, ...passkey }),
        route: deed === "delegate" ? "/v1/delegations" : "/v1/delegations/{id}/revocation",
      });
    await this.#send(send);
    const recorded = this.delegations.recorded.at(-1);
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    for (const { bytes } of delegationBlobs(recorded)) await this.blobStore.put(bytes);
    this.add(delegationFact(recorded));
    return id;
  }
}

function rolesOf({ groups }: Member, policy: PolicyFolder): readonly string[] {
  return Object.entries(policy.matrix.roles).flatMap(([role, { groups: giving }]) =>
    giving.some((group) => groups.includes(group)) ? [role] : [],
  );
}
