import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { verifyAssertionTwice } from "../../../adapters/webauthn/passkeys.ts";
import type { Role } from "../../../core/approval/matrix.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { openEnvelope } from "../../../core/attestation/dsse.ts";
import { checkReviewerClaims, readToken } from "../../../core/attestation/id-token.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { type RecordedSignOff, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import {
  challengeOf,
  type SignOffChoice,
  signOffId,
  signOffStatement,
  statementBytes,
} from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type RecordSignOffPorts, recordSignOff } from "../../../functions/api/record-sign-off/handler.ts";
import { authenticator, type Said } from "../../core/attestation/authenticator.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { choiceOf, claimsOf, clientId, givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  bo,
  cora,
  dana,
  deadline,
  digestOf,
  everybody,
  expiresAt,
  id,
  issuer,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionAtTheGates,
  promotionInReview,
  sam,
  stricterPolicy,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { keptRequirements } from "../kept-requirements.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

const first = promotionInReview();

interface Scene {
  readonly promotion?: Promotion;
  readonly signOffs?: readonly RecordedSignOff[];
  readonly members?: readonly Member[];
  readonly deeds?: readonly RecordedPasskeyDeed[];
  readonly ports?: Partial<RecordSignOffPorts>;
}

function scene({ promotion = first, signOffs = [], members = everybody, deeds = [], ports: over = {} }: Scene = {}) {
  const promotions = new MemoryPromotions([promotion], signOffs);
  const passkeys = new MemoryPasskeys(deeds);
  const ports: RecordSignOffPorts = {
    now: () => now,
    attestationBase,
    policy,
    promotions,
    blobs: keptRequirements(),
    passkeys,
    delegations: new MemoryDelegations(),
    verifyAssertion: (assertion, expected) => verifyAssertionTwice(assertion, expected, verifyJws),
    directory: memoryDirectory(members),
    // As adapters/oidc does once the signature is verified.
    verifyReviewer: async (token, expected) => ({
      ...checkReviewerClaims(readToken(token).claims, { issuer, audiences: [clientId], ...expected }),
      jwks: { keys: [provider.jwk] },
    }),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
    ...over,
  };
  return {
    promotions,
    post: (json: unknown, promotionId: string = id) =>
      recordSignOff(ports)(apiRequest({ json, parameters: { id: promotionId } })),
  };
}

interface Asked extends Partial<SignOffChoice> {
  readonly promotion?: Promotion;
  readonly claims?: object;
  readonly at?: Instant;
}

/** A request as the portal sends it after the ceremony. */
function request(who: Member, { promotion = first, claims = {}, at = now, ...choice }: Asked = {}) {
  const issuedAt = choice.issuedAt ?? addSeconds(at, -60);
  const statement = signOffStatement(
    signOffContextOf(promotion, attestationBase),
    choiceOf(who, { ...choice, issuedAt }),
  );
  return { statement, idToken: provider.token({ ...claimsOf(who, statement, at), ...claims }) };
}

const device = authenticator();
const passkey = await confirmedPasskey(device, cora, sam);
const ofSam = await confirmedPasskey(device, sam, cora);
const revoked = await passkeyDeed("revoke", device, cora);
/** The same rule, whose compliance officers need a passkey. */
const strictPolicy = {
  ...policy,
  matrix: {
    ...policy.matrix,
    roles: {
      ...policy.matrix.roles,
      "compliance-officer": {
        title: "Compliance officer",
        groups: ["compliance-officers"],
        judges: [],
        secondFactor: "passkey",
      },
    },
  },
} as const satisfies ApprovalPolicy;
const strict = promotionInReview({ requirements: { sha256: requirementsNow(strictPolicy, first).sha256 } });
function answered(sent: ReturnType<typeof request>, said: Said = {}, used = device) {
  return { ...sent, passkey: { id: used.id, ...used.assertion(challengeOf(sent.statement), said) } };
}

describe("a sign-off with a passkey", () => {
  it("is kept with its answer, and told so", async () => {
    const { promotions, post } = scene({ promotion: strict, deeds: passkey, ports: { policy: strictPolicy } });
    expect((await post(answered(request(cora, { promotion: strict })))).status).toBe(201);
    const [recorded = expect.unreachable()] = promotions.recordedSignOffs();
    expect(recorded.signOff.passkey).toEqual({ id: device.id, counter: 0 });
    const { summary, body, attachments } = signOffFact(recorded);
    expect(summary).toBe("Cora approved as compliance-officer, with a passkey.");
    expect(body["passkey"]).toEqual({ id: device.id, counter: 0 });
    expect(attachments.map(({ name }) => name)).toContain("passkey.json");
  });

  it("is taken and told where no role asks for it", async () => {
    const { promotions, post } = scene({ deeds: passkey });
    await post(answered(request(cora)));
    expect(promotions.recordedSignOffs()[0]?.signOff.passkey?.id).toBe(device.id);
  });

  it("may reject without one where approvals need it", async () => {
    const { post } = scene({ promotion: strict, ports: { policy: strictPolicy } });
    const sent = request(cora, { promotion: strict, result: "reject", reason: "Not at all." });
    expect((await post(sent)).status).toBe(201);
  });

  it("approves nothing without one where the role asks for it, and says who else could", async () => {
    const { post } = scene({ promotion: strict, ports: { policy: strictPolicy } });
    const refusal = await refused(post(request(cora, { promotion: strict })));
    expect(refusal.code).toBe("not-entitled");
    expect(refusal.sentence).toContain("Cora signed without a passkey that is confirmed and not revoked");
  });

  const enrolledOnly = passkey.slice(0, 1);
  it.each<[string, readonly RecordedPasskeyDeed[], Said, string]>([
    ["that nobody enrolled", [], {}, "none of yours"],
    ["that is somebody else's", ofSam, {}, "none of yours"],
    ["that nobody confirmed", enrolledOnly, {}, "was not confirmed by a second person"],
    ["that was revoked", [...passkey, revoked], {}, "was revoked"],
    ["that answered on another page", passkey, { origin: "https://evil.example" }, "another page than the portal"],
    ["that did not verify the person", passkey, { flags: 0x01 }, "did not verify the person"],
  ])("%s is refused", async (_, deeds, said, why) => {
    const { promotions, post } = scene({ deeds });
    const refusal = await refused(post(answered(request(cora), said)));
    expect([refusal.code, refusal.sentence]).toEqual(["passkey-invalid", expect.stringContaining(why)]);
    expect(promotions.recordedSignOffs()).toEqual([]);
  });

  it("that answered to another decision is refused", async () => {
    const { post } = scene({ deeds: passkey });
    const other = answered(request(cora, { reason: "Another." }));
    expect((await refused(post({ ...request(cora), passkey: other.passkey }))).sentence).toContain("another decision");
  });

  it("whose counter did not rise is taken, with a warning that stays", async () => {
    const { promotions, post } = scene({ deeds: passkey });
    await post(answered(request(cora), { counter: 9 }));
    await post(answered(request(cora, { reason: "Withdrawn.", result: "withdraw" }), { counter: 9 }));
    const warned = promotions.recordedSignOffs().at(-1) ?? expect.unreachable();
    expect(warned.signOff.passkey).toEqual({ id: device.id, counter: 9, counterWentBack: true });
    expect(signOffFact(warned).summary).toContain("it may have been copied");
  });

  it("sent twice is one, and its own counter is no warning", async () => {
    const { promotions, post } = scene({ deeds: passkey });
    const sent = answered(request(cora), { counter: 9 });
    expect([(await post(sent)).status, (await post(sent)).status]).toEqual([201, 200]);
    expect(promotions.recordedSignOffs()[0]?.signOff.passkey).toEqual({ id: device.id, counter: 9 });
  });
});

describe("a sign-off", () => {
  it("is signed, and stored with everything that proves it", async () => {
    const { promotions, post } = scene();
    const sent = request(cora, { reason: "All fine." });
    const answer = await post(sent);
    const [recorded] = promotions.recordedSignOffs();
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ id: signOffId(sent.statement), recordedAt: now });
    expect(recorded).toMatchObject({
      idToken: sent.idToken,
      jwks: { keys: [provider.jwk] },
      signOff: {
        result: "approve",
        reason: "All fine.",
        reviewer: cora.identity,
        reviewerName: "Cora",
        groups: cora.groups,
        stage: 0,
        review: 1,
      },
    });
    expect(openEnvelope(recorded?.envelope ?? expect.unreachable(), [attestation.key], verifyEcdsa)).toEqual(
      statementBytes(sent.statement),
    );
    expect(promotions.moves).toEqual([]);
  });

  it("keeps how the person signed in, and is refused where the role asks for more", async () => {
    const { promotions, post } = scene();
    await post(request(cora, { claims: { acr: "urn:mfa", amr: ["pwd", "otp"] } }));
    const [recorded = expect.unreachable()] = promotions.recordedSignOffs();
    expect(recorded.signOff).toMatchObject({ acr: "urn:mfa", amr: ["pwd", "otp"] });
    expect(signOffFact(recorded).body["signIn"]).toEqual({ acr: "urn:mfa", amr: ["pwd", "otp"] });

    const officer = { ...policy.matrix.roles["compliance-officer"], signIn: { acr: ["urn:mfa"] } } as Role;
    const strict = {
      ...policy,
      matrix: { ...policy.matrix, roles: { ...policy.matrix.roles, "compliance-officer": officer } },
    };
    const requirements = { sha256: requirementsNow(strict, first).sha256 };
    const other = scene({ promotion: promotionInReview({ requirements }), ports: { policy: strict } });
    const weak = request(cora, { promotion: promotionInReview({ requirements }), claims: { amr: ["pwd"] } });
    const refusal = await refused(other.post(weak));
    expect([refusal.code, refusal.sentence]).toEqual(["not-entitled", expect.stringContaining("no stated assurance")]);
  });

  it("with conditions is kept with them; with such as the target could not keep it is refused", async () => {
    const { promotions, post } = scene();
    const conditions = { forSeconds: 3600, errorPercent: 1 };
    expect(await post(request(cora, { conditions }))).toMatchObject({ status: 201 });
    const [recorded] = promotions.recordedSignOffs();
    expect(recorded?.signOff.conditions).toEqual(conditions);
    const staged = { id: `${id}/4`, type: "staged", at: now, promotion: id, summary: "", attachments: [] } as const;
    const history = [{ ...staged, body: { release: { kind: "first" } } }];
    const first = scene({ promotion: promotionInReview({ history }) });
    const refusal = await refused(first.post(request(cora, { conditions: { ...conditions, trafficPercent: 10 } })));
    expect([refusal.code, refusal.sentence]).toEqual([
      "conditions-refused",
      "The target 'production' cannot keep the condition on the share of traffic: nothing runs there yet, so the first release takes all traffic at once.",
    ]);
  });

  it("sent twice is one sign-off, and its first recording is the answer", async () => {
    let clock = now;
    const { promotions, post } = scene({ ports: { now: () => clock } });
    const sent = request(cora);
    const once = await post(sent);
    clock = addSeconds(now, 5);
    const twice = await post(sent);
    expect([once.status, twice.status]).toEqual([201, 200]);
    expect(twice.json).toEqual(once.json);
    expect(promotions.recordedSignOffs()).toHaveLength(1);
  });

  it.each<[string, Partial<Promotion>]>([
    ["the next stage is open", { stage: openStage(1) }],
    ["it was decided", { status: "approved", verdict: { sha256: digestOf("v"), result: "PASSED", at: now } }],
    ["it runs", { status: "deployed" }],
  ])("sent again after its answer was lost is the same sign-off, also once %s", async (_, since) => {
    const { promotions, post } = scene();
    const sent = request(cora);
    const once = await post(sent);
    const stored = promotions.stored(id);
    const [signed = expect.unreachable()] = promotions.recordedSignOffs();
    const seat = { role: "compliance-officer", person: cora.identity, signOff: signed.signOff.id };
    const settled = [{ index: 0, seats: [seat] }];
    await promotions.move({ ...stored, settled, ...since, revision: stored.revision + 1 });
    expect(await post(sent)).toEqual({ ...once, status: 200 });
    const otherwise = { ...sent, statement: { ...sent.statement, predicateType: "https://example.org/other/v1" } };
    expect((await refused(post(otherwise))).code).toMatch(/^(statement-mismatch|not-in-review|already-decided)$/);
  });

  it("sent again is told once more that the verdict does not rest on it", async () => {
    const { promotions, post } = scene();
    const sent = request(cora);
    await post(sent);
    const stored = promotions.stored(id);
    const verdict = { sha256: digestOf("v"), result: "PASSED", at: now } as const;
    await promotions.move({ ...stored, status: "approved", verdict, revision: stored.revision + 1 });
    expect((await refused(post(sent))).sentence).toMatch(/does not rest on it\.$/);
  });

  it.each<[string, Scene, Asked & { readonly who?: Member }, string]>([
    ["to a promotion at the gates", { promotion: promotionAtTheGates() }, {}, "not-in-review"],
    ["to one that is decided", { promotion: promotionInReview({ status: "rejected" }) }, {}, "already-decided"],
    ["to one that is deployed", { promotion: promotionInReview({ status: "deployed" }) }, {}, "not-in-review"],
    [
      "after the verdict",
      {
        promotion: promotionInReview({
          status: "approved",
          verdict: { sha256: digestOf("v"), result: "PASSED", at: now },
        }),
      },
      { who: sam, result: "reject", reason: "No.", roles: ["sre"] },
      "already-decided",
    ],
    ["at the stage's deadline", { ports: { now: () => deadline } }, { at: deadline }, "already-decided"],
    ["for another stage", { promotion: promotionInReview({ stage: openStage(1) }) }, {}, "statement-mismatch"],
    ["for another review", { promotion: promotionInReview({ review: 2 }) }, {}, "statement-mismatch"],
    [
      "for another summary",
      { promotion: promotionInReview({ gates: { outcome: "passed", report: digestOf("r"), summary: digestOf("x") } }) },
      {},
      "statement-mismatch",
    ],
    ["that is over", {}, { issuedAt: addSeconds(now, -900) }, "statement-expired"],
    ["with another decision's login", {}, { claims: { nonce: "another" } }, "nonce-mismatch"],
    ["with a login from before", {}, { claims: { auth_time: 1 } }, "not-fresh"],
    ["without a time of login", {}, { claims: { auth_time: undefined } }, "not-fresh"],
    ["with somebody else's login", {}, { claims: { sub: dana.identity.subject } }, "statement-mismatch"],
    ["by somebody without the role", {}, { who: sam, roles: ["sre"] }, "not-entitled"],
    ["in a role that is not theirs", {}, { who: sam }, "not-entitled"],
    ["by somebody who lost the role after signing in", { members: [{ ...cora, groups: [] }] }, {}, "not-entitled"],
    ["by somebody whose account is disabled", { members: [{ ...cora, enabled: false }] }, {}, "not-entitled"],
    ["by somebody who is gone", { members: [dana] }, {}, "not-entitled"],
    ["that rejects without a reason", {}, { result: "reject" }, "reason-required"],
    ["that withdraws nothing", {}, { result: "withdraw" }, "invalid-request"],
  ])("%s is refused and leaves nothing behind", async (_, given, { who = cora, ...asked }, code) => {
    const { promotions, post } = scene(given);
    expect((await refused(post(request(who, asked)))).code).toBe(code);
    expect(promotions.recordedSignOffs()).toEqual([]);
    expect(promotions.moves).toEqual([]);
  });

  it("is taken in the last millisecond of the stage", async () => {
    const at = addSeconds(deadline, -0.001);
    const { post } = scene({ ports: { now: () => at } });
    expect((await post(request(cora, { at }))).status).toBe(201);
  });

  it("by the person who trained the model is refused, and says who else could", async () => {
    const promotion = promotionInReview({ stage: openStage(1) });
    const { post } = scene({ promotion });
    const refusal = await refused(post(request(tom, { promotion, roles: ["lead-data-scientist"] })));
    expect(refusal.code).toBe("not-entitled");
    expect(refusal.sentence).toMatch(/^Tom .*cannot approve it\. Who else could: /);
    expect(refusal.sentence).toContain("Dana");
    expect(refusal.sentence).not.toMatch(/could:.*Tom/);
  });

  it("by the person who trained the model is taken where it rejects", async () => {
    const { post } = scene();
    const rejection = { result: "reject", reason: "Found a leak.", roles: ["lead-data-scientist"] } as const;
    expect((await post(request(tom, rejection))).status).toBe(201);
  });

  it("by somebody who has a seat in another stage is refused", async () => {
    const both = { ...bo, groups: [...bo.groups, "compliance-officers"] };
    const given = await givenSignOff(first, both);
    const settled = [
      { index: 0, seats: [{ role: "compliance-officer", person: both.identity, signOff: given.signOff.id }] },
    ];
    const promotion = promotionInReview({ stage: openStage(1), settled });
    const { post } = scene({ promotion, signOffs: [given], members: [...everybody, both] });
    expect(await refused(post(request(both, { promotion, roles: ["sre"] })))).toMatchObject({
      code: "not-entitled",
      sentence: expect.stringContaining("a person fills one seat at most"),
    });
  });

  it("of one person in two roles leaves the second seat open", async () => {
    const promotion = promotionInReview({ stage: openStage(1), settled: [{ index: 0, seats: [] }] });
    const { promotions, post } = scene({ promotion });
    expect((await post(request(bo, { promotion, roles: ["lead-data-scientist"] }))).status).toBe(201);
    expect((await post(request(bo, { promotion, roles: ["sre"] }))).status).toBe(201);
    // Both are recorded; decide fills one seat with them (test/functions/streams/decide.test.ts).
    expect(promotions.recordedSignOffs()).toHaveLength(2);
    expect(promotions.stored(id)).toEqual(promotion);
  });

  it("under requirements that changed goes nowhere, and the promotion goes back to the gates", async () => {
    const earlier = await givenSignOff(first, cora);
    const { promotions, post } = scene({ signOffs: [earlier], ports: { policy: stricterPolicy } });
    expect((await refused(post(request(cora, { reason: "Again." })))).code).toBe("requirements-changed");
    expect(promotions.stored(id)).toMatchObject({
      status: "gating",
      review: 2,
      invalidated: [],
    });
    expect(promotions.recordedSignOffs()).toEqual([earlier]);
  });

  it.each(policiesWithoutRule)("under policies without a rule for it goes nowhere either: %s", async (_, inForce) => {
    const { promotions, post } = scene({ ports: { policy: inForce } });
    expect((await refused(post(request(cora)))).code).toBe("requirements-changed");
    expect(promotions.stored(id)).toMatchObject({ status: "gating", review: 2, requirements: first.requirements });
    expect(promotions.recordedSignOffs()).toEqual([]);
  });

  describe("that is on its way while another moves the promotion", () => {
    const quorum = promotionInReview({ status: "approved", stage: openStage(1, { open: false }) });
    const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
    const inSecond = promotionInReview({ stage: openStage(1) });

    /** Somebody writes `meanwhile` after the promotion was read and before the sign-off is recorded. */
    async function raced(promotion: Promotion, meanwhile: Partial<Promotion>, who: Member, asked: Asked) {
      const { promotions } = scene({ promotion });
      let moved = false;
      const recordSignOff: RecordSignOffPorts["promotions"]["recordSignOff"] = async (...given) => {
        if (!moved) promotions.put({ ...promotion, ...meanwhile, revision: promotion.revision + 1 });
        moved = true;
        return promotions.recordSignOff(...given);
      };
      const { post } = scene({ promotion, ports: { promotions: { ...promotions, recordSignOff } } });
      const sent = post(request(who, { promotion, ...asked }));
      return { sent, promotions };
    }

    it("is not recorded where it rejects and the verdict was quicker", async () => {
      const { sent, promotions } = await raced(quorum, { verdict }, sam, { result: "reject", reason: "Stop." });
      expect((await refused(sent)).code).toBe("already-decided");
      expect(promotions.recordedSignOffs()).toEqual([]);
      expect(promotions.stored(id).objections).toBeUndefined();
    });

    it("is taken where it rejects and another stage was opened", async () => {
      const { sent, promotions } = await raced(first, { stage: openStage(1) }, cora, {
        result: "reject",
        reason: "Stop.",
      });
      expect((await sent).status).toBe(201);
      expect(promotions.stored(id)).toMatchObject({ objections: 1, revision: first.revision + 2, stage: { index: 1 } });
    });

    it("is refused where it rejects and another review began", async () => {
      const { sent, promotions } = await raced(first, { review: 2 }, cora, { result: "reject", reason: "Stop." });
      expect((await refused(sent)).code).toBe("statement-mismatch");
      expect(promotions.recordedSignOffs()).toEqual([]);
    });

    it("is refused where it takes an approval back and the stage was decided", async () => {
      const approval = await givenSignOff(first, cora);
      const { promotions } = scene({ signOffs: [approval] });
      const signOffs: RecordSignOffPorts["promotions"]["signOffs"] = async (of) => {
        const read = await promotions.signOffs(of);
        promotions.put({ ...first, revision: first.revision + 1, stage: openStage(0, { open: false }) });
        return read;
      };
      const { post } = scene({ ports: { promotions: { ...promotions, signOffs } } });
      expect((await refused(post(request(cora, { result: "withdraw" })))).code).toBe("stage-not-open");
      expect(promotions.recordedSignOffs()).toEqual([approval]);
    });

    it("is told that nothing rests on it where it approves and others made the quorum", async () => {
      const { sent, promotions } = await raced(inSecond, { ...quorum, verdict }, sam, { roles: ["sre"] });
      expect(await refused(sent)).toMatchObject({
        code: "already-decided",
        sentence: expect.stringContaining("does not rest on it"),
      });
      expect(promotions.recordedSignOffs()).toHaveLength(1);
    });

    it("is taken where it approves and the verdict rests on it", async () => {
      const sent = request(sam, { promotion: inSecond, roles: ["sre"] });
      const seats = [{ role: "sre", person: sam.identity, signOff: signOffId(sent.statement) }];
      const settled = [{ index: 1, seats }];
      const { promotions } = scene({ promotion: inSecond });
      const recordSignOff: RecordSignOffPorts["promotions"]["recordSignOff"] = async (...given) => {
        const outcome = await promotions.recordSignOff(...given);
        promotions.put({ ...quorum, settled, verdict });
        return outcome;
      };
      const racing = scene({ promotion: inSecond, ports: { promotions: { ...promotions, recordSignOff } } });
      expect((await racing.post(sent)).status).toBe(201);
    });
  });

  it("moves the promotion along where it rejects or withdraws, and nowhere else", async () => {
    const { promotions, post } = scene();
    await post(request(cora));
    expect(promotions.stored(id)).toEqual(first);
    await post(request(cora, { result: "withdraw" }));
    await post(request(sam, { result: "reject", reason: "Stop.", roles: ["sre"] }));
    expect(promotions.stored(id)).toEqual({ ...first, revision: first.revision + 2, objections: 2 });
  });

  it("may still reject after the quorum", async () => {
    const promotion = promotionInReview({ status: "approved", stage: openStage(1, { open: false }) });
    const { post } = scene({ promotion });
    expect((await post(request(sam, { promotion, result: "reject", reason: "Wait.", roles: ["sre"] }))).status).toBe(
      201,
    );
    const late = scene({ promotion, ports: { now: () => expiresAt } });
    const sent = request(sam, { promotion, result: "reject", reason: "Wait.", roles: ["sre"], at: expiresAt });
    expect((await refused(late.post(sent))).code).toBe("already-decided");
  });

  it.each(["p-1", "../promotions", ""])("to %j is refused", async (promotionId) => {
    expect((await refused(scene().post(request(cora), promotionId))).code).toBe("not-found");
  });

  it("to a promotion that is not there is refused", async () => {
    expect((await refused(scene().post(request(cora), id.replace(/1$/, "2")))).code).toBe("not-found");
  });

  it.each<[string, unknown, string]>([
    ["that is no JSON object", [], "invalid-request"],
    ["with a field nobody knows", { ...request(cora), note: 1 }, "invalid-request"],
    ["that is endless", { ...request(cora), note: "x".repeat(70_000) }, "body-too-large"],
  ])("%s is refused", async (_, body, code) => {
    expect((await refused(scene().post(body))).code).toBe(code);
  });

  it("is not stored where the key does not sign", async () => {
    const { promotions, post } = scene({
      ports: {
        sign: async () => {
          throw new Error("KMS is away");
        },
      },
    });
    await expect(post(request(cora))).rejects.toThrow("KMS is away");
    expect(promotions.recordedSignOffs()).toEqual([]);
  });
});
