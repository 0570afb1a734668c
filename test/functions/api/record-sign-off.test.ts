import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import type { Role } from "../../../core/approval/matrix.ts";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { openEnvelope } from "../../../core/attestation/dsse.ts";
import { signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffId, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  bo,
  cora,
  dana,
  deadline,
  digestOf,
  everybody,
  id,
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
import { type Asked, first, request, type Scene, scene } from "./signing-scene.ts";

const seconds = Math.floor(msOfInstant(now) / 1000);

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
    expect((await refused(post(otherwise))).code).toBe("nonce-mismatch");
  });

  it("of the future is told by that, and not by a sign-in that could not be new enough for it", async () => {
    const refusal = await refused(scene().post(request(cora, { issuedAt: addSeconds(now, 300) })));
    expect([refusal.code, refusal.sentence]).toEqual([
      "statement-expired",
      "The statement is from the future; please check the clock of your computer.",
    ]);
  });

  it("is not taken once its signer has signed another since; a rejection is, whenever it comes", async () => {
    const { promotions, post } = scene();
    const approval = request(cora, { claims: { iat: seconds - 30 } });
    const rejection = { result: "reject", reason: "On second thoughts: no." } as const;
    expect(await post(request(cora, { ...rejection, claims: { iat: seconds - 20 } }))).toMatchObject({ status: 201 });
    const refusal = await refused(post(approval));
    expect([refusal.code, refusal.sentence]).toEqual([
      "conflict",
      "You have signed another decision since: look at the page again, and decide anew.",
    ]);
    expect(promotions.recordedSignOffs()).toHaveLength(1);
    const other = scene();
    expect(await other.post(request(cora, { claims: { iat: seconds - 20 } }))).toMatchObject({ status: 201 });
    const late = request(cora, { ...rejection, claims: { iat: seconds - 30 } });
    expect(await other.post(late)).toMatchObject({ status: 201 });
  });

  it("is not taken once its signer has signed another since with another account, by whatever tells that it is theirs", async () => {
    const account = { ...cora, identity: { ...cora.identity, subject: "sub-cora-2" } };
    const unlike = { ...account, address: "cora@elsewhere.example" };
    const entry = {
      name: "Cora",
      addresses: [],
      accounts: [],
      identities: [cora.identity, account.identity],
      outside: false,
    };
    const rejection = { result: "reject", reason: "On second thoughts: no." } as const;
    for (const { other, email, people, code } of [
      { other: account, email: undefined, people: [], code: "conflict" },
      { other: unlike, email: cora.address, people: [], code: "conflict" },
      { other: unlike, email: undefined, people: [entry], code: "conflict" },
      { other: unlike, email: undefined, people: [], code: undefined },
    ]) {
      const told = scene({ members: [...everybody, other], ports: { policy: { ...policy, people } } });
      const first = request(cora, { ...rejection, claims: { iat: seconds - 20, email: cora.address } });
      expect(await told.post(first)).toMatchObject({ status: 201 });
      const late = told.post(request(other, { claims: { iat: seconds - 30, email } }));
      if (code === undefined) expect(await late).toMatchObject({ status: 201 });
      else expect((await refused(late)).code).toBe(code);
    }
  });

  it("sent again is told once more that the verdict does not rest on it", async () => {
    const { promotions, post } = scene();
    const sent = request(cora);
    const before = await post(sent);
    const stored = promotions.stored(id);
    const verdict = { sha256: digestOf("v"), result: "PASSED", at: now } as const;
    await promotions.move({ ...stored, status: "approved", verdict, revision: stored.revision + 1 });
    const late = "The verdict was signed before it arrived, and does not rest on it.";
    expect(await post(sent)).toEqual({ status: 200, json: { ...Object(before.json), late } });
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
    [
      "that was given in another deployment, by its base",
      { ports: { attestationBase: "https://trial.bank.example" } },
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
});
