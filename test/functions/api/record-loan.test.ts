import { describe, expect, it } from "vitest";
import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { verifyAssertionTwice } from "../../../adapters/webauthn/passkeys.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { type LoanChoice, loanStatement } from "../../../core/attestation/loan-statement.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { challengeOf } from "../../../core/attestation/sign-off-statement.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Bytes } from "../../../core/encoding/sha256.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type RecordLoanPorts, recordLoan } from "../../../functions/api/record-loan/handler.ts";
import { ida, olaf, olafsOther, people, tomLends, withLoans } from "../../core/approval/lenders.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { claimsOf, givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  deadline,
  digestOf,
  id,
  manifest,
  now,
  openStage,
  policy,
  promotionInReview,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { MemoryTurnBooks } from "../memory-turn-books.ts";
import { apiRequest } from "./api-request.ts";
import { scene as signing } from "./signing-scene.ts";

const lending: ApprovalPolicy = { ...policy, matrix: withLoans() };
const inReview = promotionInReview({ requirements: { sha256: requirementsNow(lending, { manifest }).sha256 } });

interface Scene {
  readonly promotion?: Promotion;
  readonly members?: readonly Member[];
  readonly deeds?: readonly RecordedPasskeyDeed[];
  readonly ports?: Partial<RecordLoanPorts>;
}

function scene({ promotion = inReview, members = people, deeds = [], ports: over = {} }: Scene = {}) {
  const promotions = new MemoryPromotions([promotion]);
  const ports: RecordLoanPorts = {
    now: () => now,
    attestationBase,
    policy: lending,
    promotions,
    delegations: new MemoryDelegations(),
    loanBooks: new MemoryLoanBooks(),
    turns: new MemoryTurnBooks(),
    passkeys: new MemoryPasskeys(deeds),
    directory: memoryDirectory(members),
    verifyReviewer: signing().ports.verifyReviewer,
    verifyAssertion: (assertion, expected) => verifyAssertionTwice(assertion, expected, verifyJws),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
    ...over,
  };
  const post = (json: unknown, of: string = id) => recordLoan(ports)(apiRequest({ json, parameters: { id: of } }));
  return { promotions, ports, post, recorded: () => promotions.loans(id) };
}

interface Asked extends Partial<Omit<LoanChoice, "confirms">> {
  readonly promotion?: Promotion;
  readonly claims?: object;
  /** The request that is confirmed. */
  readonly confirms?: Sha256;
}

function asked(who: Member, { promotion = inReview, claims = {}, confirms, ...over }: Asked = {}) {
  const { stage: _, ...context } = signOffContextOf(promotion, attestationBase);
  const statement = loanStatement(context, {
    terms: { seconds: 3600, incident: "https://incidents.example/417" },
    reason: "It turns everybody down.",
    role: "commander",
    lender: who.identity,
    salt: base64url(sha256Bytes(utf8(`${who.name} ${over.reason ?? ""} ${confirms ?? ""}`)).slice(0, 16)),
    issuedAt: addSeconds(now, -60),
    expiresAt: addSeconds(now, 840),
    ...(confirms === undefined ? {} : { confirms: { sha256: confirms } }),
    ...over,
  });
  return { statement, idToken: provider.token({ ...claimsOf(who, statement), ...claims }) };
}

/** The request of Ida, recorded. */
async function requested(given: Scene = {}) {
  const there = scene(given);
  expect((await there.post(asked(ida))).status).toBe(201);
  const [{ signature } = expect.unreachable()] = await there.recorded();
  return { ...there, request: signature };
}

describe("a request for a loan", () => {
  it("is kept with everything that proves it", async () => {
    const { post, recorded } = scene();
    const sent = asked(ida, { claims: { amr: ["pwd", "otp"] } });
    const { status, json } = await post(sent);
    const [kept = expect.unreachable()] = await recorded();
    expect([status, json]).toEqual([201, { id: kept.signature.id, recordedAt: now, envelope: kept.envelope }]);
    expect(kept).toMatchObject({
      idToken: sent.idToken,
      jwks: { keys: [provider.jwk] },
      signature: {
        promotion: id,
        review: 1,
        role: "commander",
        reason: "It turns everybody down.",
        terms: { seconds: 3600, incident: "https://incidents.example/417" },
        reviewer: ida.identity,
        reviewerName: "Ida",
        groups: ida.groups,
        amr: ["pwd", "otp"],
        recordedAt: now,
      },
    });
    expect(kept.signature.confirms).toBeUndefined();
    expect(kept.passkey).toBeUndefined();
  });

  it.each<[string, Scene, Asked & { readonly who?: Member }, string, RegExp]>([
    [
      "while no stage is open",
      { promotion: { ...inReview, stage: openStage(0, { open: false }) } },
      {},
      "not-in-review",
      /is in-review; seats are lent while a stage is open/,
    ],
    [
      "of one that is lent",
      { promotion: { ...inReview, status: "loaned" } },
      {},
      "not-in-review",
      /is loaned; seats are lent/,
    ],
    [
      "of one that is approved",
      { promotion: { ...inReview, status: "approved" } },
      {},
      "not-in-review",
      /is approved; seats are lent/,
    ],
    [
      "at the stage's deadline",
      { promotion: { ...inReview, stage: openStage(0, { deadline: now }) } },
      {},
      "already-decided",
      /time for this review is over/,
    ],
    [
      "under requirements that changed",
      { ports: { policy: { ...stricterPolicy, matrix: withLoans() } } },
      {},
      "requirements-changed",
      /requirements/,
    ],
    ["of another review", { promotion: { ...inReview, review: 2 } }, {}, "statement-mismatch", /./],
    [
      "with somebody else's sign-in",
      {},
      { claims: { sub: olaf.identity.subject } },
      "statement-mismatch",
      /names somebody else than the person who signed in/,
    ],
    [
      "by whoever may not lend",
      {},
      { who: cora, role: "compliance-officer" },
      "not-entitled",
      /^Cora signs as 'Compliance officer'; 'Commander' may lend\.$/,
    ],
    ["by whoever trained the model", {}, { who: tomLends }, "not-entitled", /^Tom .*cannot lend to it\.$/],
    [
      "for longer than is lent",
      {},
      { terms: { seconds: 14_401, incident: "https://incidents.example/1" } },
      "loan-refused",
      /lasts 4 hours at most/,
    ],
    ["that confirms what nobody asked for", {}, { confirms: digestOf("nothing") }, "loan-refused", /no such request/],
  ])("is refused %s, and nothing is kept", async (_, given, { who = ida, ...over }, code, why) => {
    const { post, recorded } = scene(given);
    const refusal = await refused(post(asked(who, over)));
    expect([refusal.code, refusal.sentence]).toEqual([code, expect.stringMatching(why)]);
    expect(await recorded()).toEqual([]);
  });

  it("is taken a moment before the stage's deadline", async () => {
    const stage = openStage(0, { deadline: addSeconds(now, 0.001) });
    expect((await scene({ promotion: { ...inReview, stage } }).post(asked(ida))).status).toBe(201);
  });

  it("is refused before anything is read where there can be no such promotion", async () => {
    const { promotions, ports } = scene();
    const strict = { ...ports, promotions: { ...promotions, load: async () => expect.unreachable() } };
    const refusal = await refused(recordLoan(strict)(apiRequest({ json: asked(ida), parameters: { id: "../p" } })));
    expect([refusal.code, refusal.sentence]).toEqual(["not-found", "There is no such promotion."]);
  });

  it("is refused where a pipeline deploys, which alone could take it back", async () => {
    const { name, endpoint } = manifest.target;
    const target = { name, endpoint, kind: "pipeline", audiences: ["vault"], withinSeconds: 7200 } as const;
    const promotion: Promotion = { ...inReview, manifest: { ...manifest, target } };
    const { post, recorded } = scene({ promotion });
    expect(await refused(post(asked(ida, { promotion })))).toMatchObject({
      code: "loan-refused",
      sentence: `What a pipeline deploys, it alone could take back: nothing is lent in '${name}'.`,
    });
    expect(await recorded()).toEqual([]);
  });

  it("is refused in a freeze window, and once the budget is used up", async () => {
    const window = { name: "Year end", zone: "UTC", when: { from: now, until: deadline }, exceptions: [] };
    const frozen = scene({ ports: { policy: { ...lending, matrix: { ...lending.matrix, freezeWindows: [window] } } } });
    expect(await refused(frozen.post(asked(ida)))).toMatchObject({
      code: "change-freeze",
      sentence: expect.stringMatching(/ Nothing is lent before\.$/),
    });
    const loanBooks = new MemoryLoanBooks();
    await loanBooks.move(manifest.model.name, "2026-Q4", { revision: 1, loans: [digestOf("1")] });
    expect((await scene({ ports: { loanBooks } }).post(asked(ida))).status).toBe(201);
    await loanBooks.move(manifest.model.name, "2026-Q4", { revision: 2, loans: [digestOf("1"), digestOf("2")] });
    const usedUp = scene({ ports: { loanBooks } });
    expect(await refused(usedUp.post(asked(ida)))).toMatchObject({
      code: "loan-refused",
      sentence: "The budget of 'credit-scoring' is used up: 2 loans each quarter.",
    });
    expect(await usedUp.recorded()).toEqual([]);
  });

  it("is taken ten times of one person, under whatever account, and of others all the same", async () => {
    const { post, recorded, request } = await requested();
    for (let at = 0; at < 10; at += 1)
      expect((await post(asked(at % 2 === 0 ? olaf : olafsOther, { reason: `${at}` }))).status).toBe(201);
    const refusal = await refused(post(asked(olaf, { reason: "once more" })));
    expect([refusal.code, refusal.sentence]).toEqual([
      "conflict",
      "You have signed 10 requests for a loan in this review; no more of yours are taken. You may still confirm another's.",
    ]);
    expect((await post(asked(ida, { reason: "Another." }))).status).toBe(201);
    // As it says.
    expect((await post(asked(olaf, { confirms: request.id }))).status).toBe(201);
    expect(await recorded()).toHaveLength(13);
  });

  it("is taken ten times also where they come at once", async () => {
    const { promotions } = scene();
    const { post } = scene({ ports: { promotions: { ...promotions, loans: async () => [] } } });
    for (let at = 0; at < 10; at += 1) expect((await post(asked(ida, { reason: `${at}` }))).status).toBe(201);
    expect((await refused(post(asked(ida, { reason: "once more" })))).sentence).toContain("signed 10 requests");
    expect((await post(asked(olaf))).status).toBe(201);
  });

  it("of an earlier review counts for nothing in this one", async () => {
    const { promotions, post } = scene();
    for (let at = 0; at < 10; at += 1) await post(asked(ida, { reason: `${at}` }));
    const again = { ...inReview, review: 2 };
    promotions.put(again);
    expect((await post(asked(ida, { promotion: again, reason: "anew" }))).status).toBe(201);
  });
});

describe("the confirmation of a loan", () => {
  it("is kept, and names what it confirms", async () => {
    const { post, recorded, request } = await requested();
    expect((await post(asked(olaf, { confirms: request.id }))).status).toBe(201);
    expect((await recorded()).map(({ signature }) => signature.confirms)).toEqual([undefined, request.id]);
  });

  it("is somebody else's than whoever asked", async () => {
    const { post, request } = await requested();
    expect(await refused(post(asked(ida, { confirms: request.id })))).toMatchObject({
      code: "not-entitled",
      sentence: "A loan takes two people: somebody else must confirm it.",
    });
  });

  it("is of a request of this review", async () => {
    const { promotions, post, request } = await requested();
    const again = { ...inReview, review: 2 };
    promotions.put(again);
    expect(await refused(post(asked(olaf, { promotion: again, confirms: request.id })))).toMatchObject({
      code: "loan-refused",
      sentence: "The request for a loan is of an earlier review: ask again.",
    });
  });

  it("is given once by one person, under whatever account, also where both come at once", async () => {
    const { promotions, post, request, ports } = await requested();
    const [asking] = await promotions.loans(id);
    expect((await post(asked(olaf, { confirms: request.id }))).status).toBe(201);
    const twice = post(asked(olafsOther, { confirms: request.id, reason: "Again." }));
    expect(await refused(twice)).toMatchObject({
      code: "conflict",
      sentence: "You have confirmed this request already.",
    });
    const behind = { ...promotions, loans: async () => (asking === undefined ? [] : [asking]) };
    const racing = recordLoan({ ...ports, promotions: behind });
    const atOnce = racing(
      apiRequest({ json: asked(olafsOther, { confirms: request.id, reason: "Again." }), parameters: { id } }),
    );
    expect(await refused(atOnce)).toMatchObject({
      code: "conflict",
      sentence: "You are confirming this request at this moment: reload in a minute to see it.",
    });
  });

  it("is none of whoever approved it in this review", async () => {
    const { promotions, post, request } = await requested();
    const byOlaf = await givenSignOff(inReview, olaf, { roles: ["commander"] });
    await promotions.recordSignOff(byOlaf);
    expect(await refused(post(asked(olafsOther, { confirms: request.id })))).toMatchObject({
      code: "not-entitled",
      sentence: expect.stringContaining("has approved it in this review"),
    });
  });

  it("is none of whoever asked for it with an account that the directory does not list any more", async () => {
    const before: Member = { ...ida, identity: { ...ida.identity, subject: "ida-before" } };
    const { promotions, post, request } = await requested({ members: [...people, before] });
    const { post: now } = scene({ ports: { promotions } });
    expect((await post(asked(before, { reason: "With the other." }))).status).toBe(201);
    const ofBefore = (await promotions.loans(id)).at(-1)?.signature ?? expect.unreachable();
    expect(ofBefore.reviewer).toEqual(before.identity);
    expect(await refused(now(asked(ida, { confirms: ofBefore.id })))).toMatchObject({
      code: "not-entitled",
      sentence: "A loan takes two people: somebody else must confirm it.",
    });
    expect(request.reviewer).toEqual(ida.identity);
  });
});

const device = authenticator();
const standing = await confirmedPasskey(device, ida, olaf);
const revoked = await passkeyDeed("revoke", device, ida);

describe("a loan with a passkey", () => {
  const answered = (sent: ReturnType<typeof asked>, over: object = {}) => ({
    ...sent,
    passkey: { id: device.id, ...device.assertion(challengeOf(sent.statement), over) },
  });

  it("is kept with its answer", async () => {
    const { post, recorded } = scene({ deeds: standing });
    expect((await post(answered(asked(ida)))).status).toBe(201);
    const [kept = expect.unreachable()] = await recorded();
    expect(kept.signature.passkey).toEqual({ id: device.id, counter: 0 });
    expect(kept.passkey).toBeDefined();
  });

  it.each<[string, readonly RecordedPasskeyDeed[], string]>([
    ["that nobody enrolled", [], "none of yours"],
    ["that was revoked", [...standing, revoked], "was revoked"],
  ])("%s is refused", async (_, deeds, why) => {
    const { post, recorded } = scene({ deeds });
    const refusal = await refused(post(answered(asked(ida))));
    expect([refusal.code, refusal.sentence]).toEqual(["passkey-invalid", expect.stringContaining(why)]);
    expect(await recorded()).toEqual([]);
  });

  it("that answered to another loan is refused", async () => {
    const { passkey } = answered(asked(ida, { reason: "Another." }));
    const refusal = await refused(scene({ deeds: standing }).post({ ...asked(ida), passkey }));
    expect(refusal.code).toBe("passkey-invalid");
  });
});

describe("a loan that is long on its way", () => {
  it("is not recorded as of an instant at which the review was over", async () => {
    let clock = now;
    const { promotions } = scene();
    const loans: typeof promotions.loans = async (of) => {
      if (clock === now) promotions.put({ ...inReview, revision: inReview.revision + 1, status: "withdrawn" });
      clock = addSeconds(now, 6);
      return promotions.loans(of);
    };
    // The first look is for the same request, before which nothing has changed.
    let looks = 0;
    const counted: typeof promotions.loans = async (of) => {
      looks += 1;
      return looks === 1 ? promotions.loans(of) : loans(of);
    };
    const { post } = scene({ ports: { now: () => clock, promotions: { ...promotions, loans: counted } } });
    const refusal = await refused(post(asked(ida)));
    expect([refusal.code, refusal.sentence]).toEqual(["not-in-review", expect.stringContaining("is withdrawn")]);
    expect(await promotions.loans(id)).toEqual([]);
  });
});
