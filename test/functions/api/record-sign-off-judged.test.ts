import { describe, expect, it } from "vitest";
import type { FreezeWindow } from "../../../core/approval/calendar.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { delegationIdOf } from "../../../core/attestation/delegation-statement.ts";
import { challengeOf } from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  bo,
  cora,
  digestOf,
  everybody,
  expiresAt,
  id,
  issuer,
  manifest,
  matrix,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionInReview,
  sam,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { first, request, type Scene, scene, strict, strictPolicy } from "./signing-scene.ts";

const rejection = { result: "reject", reason: "It leaks.", roles: ["sre"] } as const;

describe("a sign-off in somebody's place", () => {
  const device = authenticator();
  const ofSam = authenticator();
  const document = delegationDocument(cora, sam, "compliance-officer");
  const inHerPlace = {
    onBehalfOf: { person: cora.identity, delegation: { sha256: delegationIdOf(document) } },
    roles: ["compliance-officer"],
  };

  it("is taken as long as it stands, and refused once it was revoked or where nobody recorded it", async () => {
    const delegated = await delegationDeed("delegate", document, cora);
    const revoked = await delegationDeed("revoke", document, cora, addSeconds(now, -600));
    const signed = (...deeds: ConstructorParameters<typeof MemoryDelegations>) => {
      const { promotions, post } = scene({ ports: { delegations: new MemoryDelegations(...deeds) } });
      return { promotions, answer: post(request(sam, inHerPlace)) };
    };
    const taken = signed(delegated);
    expect((await taken.answer).status).toBe(201);
    expect(taken.promotions.recordedSignOffs()[0]?.signOff.onBehalfOf).toEqual({
      person: cora.identity,
      delegation: delegationIdOf(document),
    });
    for (const [deeds, why] of [
      [[delegated, revoked], "Sam signed under a delegation by Cora that was revoked."],
      [[], "Sam signed under a delegation"],
    ] as const) {
      const { promotions, answer } = signed(...deeds);
      const refusal = await refused(answer);
      expect([refusal.code, refusal.sentence]).toEqual(["not-entitled", expect.stringContaining(why)]);
      expect(promotions.recordedSignOffs()).toEqual([]);
    }
  });

  const altered = async () => {
    const given = await delegationDeed("delegate", document, cora);
    const until = addSeconds(given.delegation.until, 60);
    return new MemoryDelegations({ ...given, delegation: { ...given.delegation, until } });
  };

  it.each([
    [{}, "Ask for another one meanwhile."],
    [{ result: "reject", reason: "It leaks." }, "Reject in your own name if you hold a role"],
  ] as const)("is refused where the delegation is stored otherwise than it was given: %o", async (said, instead) => {
    const { promotions, post } = scene({ ports: { delegations: await altered() } });
    const refusal = await refused(post(request(sam, { ...inHerPlace, ...said })));
    expect(refusal.code).toBe("not-entitled");
    expect(refusal.sentence).toContain(
      `is not stored as it was given: whoever runs Countersign has to look into that. ${instead}`,
    );
    expect(promotions.recordedSignOffs()).toEqual([]);
  });

  it("is taken back all the same where the delegation is stored otherwise since", async () => {
    const { promotions, post } = scene({ ports: { delegations: await altered() } });
    await promotions.recordSignOff(await givenSignOff(first, sam, { ...inHerPlace, issuedAt: addSeconds(now, -600) }));
    await post(request(sam, { ...inHerPlace, result: "withdraw", reason: "I was wrong." }));
    expect(promotions.recordedSignOffs().map(({ signOff }) => signOff.result)).toEqual(["approve", "withdraw"]);
  });

  it("is refused where the role asks for a passkey and the one that signed the delegation does not stand any more", async () => {
    const delegated = { ...(await delegationDeed("delegate", document, cora)), passkey: { id: device.id, counter: 1 } };
    const own = await confirmedPasskey(ofSam, sam, cora);
    const standing = [...own, ...(await confirmedPasskey(device, cora, sam))];
    const sent = request(sam, { promotion: strict, ...inHerPlace });
    const answered = { ...sent, passkey: { id: ofSam.id, ...ofSam.assertion(challengeOf(sent.statement)) } };
    const asked = { promotion: strict, ports: { policy: strictPolicy, delegations: new MemoryDelegations(delegated) } };
    expect((await scene({ ...asked, deeds: standing }).post(answered)).status).toBe(201);
    for (const deeds of [[...standing, await passkeyDeed("revoke", device, cora)], own]) {
      const refusal = await refused(scene({ ...asked, deeds }).post(answered));
      expect([refusal.code, refusal.sentence]).toEqual([
        "not-entitled",
        expect.stringContaining("Cora, who delegated without a passkey that is confirmed and not revoked"),
      ]);
    }
  });
});

describe("a sign-off by somebody who signed with another account before", () => {
  const both = { ...bo, groups: [...bo.groups, "compliance-officers"] };
  const before: Member = { ...both, identity: { issuer: "https://before.example", subject: "bo" } };
  const settledBy = (signOff: Awaited<ReturnType<typeof givenSignOff>>["signOff"]) => [
    { index: 0, seats: [{ role: "compliance-officer", person: before.identity, signOff: signOff.id }] },
  ];

  it("is refused where it would take a second seat, also where the directory lists the other account no more", async () => {
    const given = await givenSignOff(first, before);
    const promotion = promotionInReview({ stage: openStage(1), settled: settledBy(given.signOff) });
    const members = [...everybody.filter((each) => each !== bo), both];
    const { post, promotions } = scene({ promotion, signOffs: [given], members });
    const refusal = await refused(post(request(both, { promotion, roles: ["sre"] })));
    expect([refusal.code, refusal.sentence]).toEqual([
      "not-entitled",
      expect.stringContaining("a person fills one seat at most"),
    ]);
    expect(promotions.recordedSignOffs()).toEqual([given]);
  });

  it("is refused where its own sign-in has the address of somebody who has a seat", async () => {
    const given = await givenSignOff(first, before);
    const promotion = promotionInReview({ stage: openStage(1), settled: settledBy(given.signOff) });
    const unlike = { ...both, address: "bo@elsewhere.example" };
    const members = [...everybody.filter((each) => each !== bo), unlike];
    const { post } = scene({ promotion, signOffs: [given], members });
    const sent = request(unlike, { promotion, roles: ["sre"], claims: { email: before.address } });
    expect((await refused(post(sent))).sentence).toContain("a person fills one seat at most");
  });
});

describe("an approval", () => {
  const window: FreezeWindow = {
    name: "Year end",
    zone: "UTC",
    when: { from: now, until: expiresAt },
    exceptions: [],
  };
  const frozen = { ...policy, matrix: { ...matrix, freezeWindows: [window] } };

  it("is not taken in a freeze window; a rejection is", async () => {
    const { promotions, post } = scene({ ports: { policy: frozen } });
    const refusal = await refused(post(request(cora)));
    expect([refusal.code, refusal.sentence]).toEqual([
      "change-freeze",
      expect.stringContaining("Nothing is approved before; a rejection is taken at any time."),
    ]);
    expect(promotions.recordedSignOffs()).toEqual([]);
    expect((await post(request(sam, rejection))).status).toBe(201);
  });

  it("is refused without a list of others where nobody else could give it", async () => {
    const gone = { ...cora, enabled: false };
    const { post } = scene({ members: [...everybody.filter((each) => each !== cora), gone] });
    const { sentence } = await refused(post(request(cora)));
    expect(sentence).toMatch(/ Nobody else could at the moment\.$/);
  });
});

describe("a sign-off of policies whose proposer nobody knows any more", () => {
  const [{ modelType: _, target: __, ...rule } = expect.unreachable()] = matrix.rules;
  const proposing: ApprovalPolicy = {
    ...policy,
    matrix: { ...matrix, policyChange: { ...rule, excludes: ["requester"] } },
  };
  const proposed = {
    ...manifest,
    model: { ...manifest.model, type: "policy" },
    target: { name: "policies", kind: "policy", endpoint: "in-force" } as const,
    requester: { issuer, subject: "sub-gone" },
  };
  const requirements = { sha256: requirementsNow(proposing, { manifest: proposed }).sha256 };
  const promotion = promotionInReview({ manifest: proposed, requirements });

  it("is refused where it approves, and taken where it rejects", async () => {
    const { promotions, post } = scene({ promotion, ports: { policy: proposing } });
    const refusal = await refused(post(request(cora, { promotion })));
    expect([refusal.code, refusal.sentence]).toEqual([
      "not-entitled",
      expect.stringMatching(/^Whoever proposed these policies is not in the directory any more/),
    ]);
    expect(promotions.recordedSignOffs()).toEqual([]);
    expect((await post(request(sam, { promotion, ...rejection }))).status).toBe(201);
  });

  it("is taken as long as the directory knows them", async () => {
    const known = { ...sam, identity: proposed.requester, address: "gone@example.org" };
    const { post } = scene({ promotion, members: [...everybody, known], ports: { policy: proposing } });
    expect((await post(request(cora, { promotion }))).status).toBe(201);
  });
});

describe("a sign-off under requirements that changed", () => {
  const loan = {
    terms: { seconds: 3600, incident: "https://incidents.example/7" },
    lenders: [],
    at: now,
    until: expiresAt,
    verdict: { sha256: digestOf("verdict"), at: now },
  };
  const lent = promotionInReview({ status: "loaned", loan });
  const quorum = promotionInReview({ status: "approved", stage: openStage(1, { open: false }) });
  const changed = (promotion: Promotion, over: Scene = {}) =>
    scene({ promotion, ...over, ports: { policy: stricterPolicy, ...over.ports } });
  const [rule = expect.unreachable()] = matrix.rules;
  /** Sam's role is asked of no stage any more. */
  const complianceOnly = { ...policy, matrix: { ...matrix, rules: [{ ...rule, stages: rule.stages.slice(0, 1) }] } };
  const goesBack = "The requirements changed meanwhile; the promotion goes back to the gates under the new ones.";
  const notRatified =
    "The requirements changed meanwhile, so the loan cannot be ratified any more; it can be rejected, or runs to its end.";

  it("stops what runs on loan by those that are in force then", async () => {
    const { promotions, post } = changed(lent);
    expect((await post(request(sam, { promotion: lent, ...rejection }))).status).toBe(201);
    expect(promotions.stored(id)).toMatchObject({ status: "loaned", objections: 1 });
    // Of those in force, and of no others: who may reject by them is who they name.
    const refusal = await refused(
      changed(lent, { ports: { policy: complianceOnly } }).post(request(sam, { promotion: lent, ...rejection })),
    );
    expect([refusal.code, refusal.sentence]).toEqual([
      "not-entitled",
      expect.stringContaining("holds none of the roles that may reject"),
    ]);
  });

  it.each(policiesWithoutRule)("stops nothing on loan by policies that name nobody for it: %s", async (_, inForce) => {
    const { promotions, post } = changed(lent, { ports: { policy: inForce } });
    const refusal = await refused(post(request(sam, { promotion: lent, ...rejection })));
    expect([refusal.code, refusal.sentence]).toEqual(["requirements-changed", notRatified]);
    expect(promotions.stored(id)).toEqual(lent);
  });

  it("ratifies no loan, which stays as it is", async () => {
    const { promotions, post } = changed(lent);
    const refusal = await refused(post(request(cora, { promotion: lent })));
    expect([refusal.code, refusal.sentence]).toEqual(["requirements-changed", notRatified]);
    expect([promotions.recordedSignOffs(), promotions.moves]).toEqual([[], []]);
  });

  it("stops what is approved by those of its review", async () => {
    const { promotions, post } = changed(quorum, { ports: { policy: complianceOnly } });
    expect((await post(request(sam, { promotion: quorum, ...rejection }))).status).toBe(201);
    expect(promotions.stored(id)).toMatchObject({ status: "approved", objections: 1 });
  });

  it("approves nothing that is approved, and sends it nowhere", async () => {
    const { promotions, post } = changed(quorum);
    const refusal = await refused(post(request(sam, { promotion: quorum, roles: ["sre"] })));
    expect([refusal.code, refusal.sentence]).toEqual(["requirements-changed", goesBack]);
    expect([promotions.recordedSignOffs(), promotions.moves]).toEqual([[], []]);
  });

  it("rejects nothing in review by what nobody was asked; the promotion goes back", async () => {
    const { promotions, post } = changed(first);
    const refusal = await refused(post(request(sam, rejection)));
    expect([refusal.code, refusal.sentence]).toEqual(["requirements-changed", goesBack]);
    expect(promotions.recordedSignOffs()).toEqual([]);
    expect(promotions.stored(id)).toMatchObject({ status: "gating", review: 2 });
  });

  it("sends nothing back that another has begun again under them meanwhile", async () => {
    const promotions = new MemoryPromotions([first]);
    const again = promotionInReview({
      revision: first.revision + 2,
      review: 2,
      requirements: { sha256: requirementsNow(stricterPolicy, first).sha256 },
    });
    const signOffs: typeof promotions.signOffs = async (of) => {
      const read = await promotions.signOffs(of);
      if (promotions.stored(id) === first && asked > 0) promotions.put(again);
      asked += 1;
      return read;
    };
    let asked = 0;
    const { post } = changed(first, { ports: { promotions: { ...promotions, signOffs } } });
    expect((await refused(post(request(cora)))).code).toBe("requirements-changed");
    expect(promotions.stored(id)).toEqual(again);
  });
});
