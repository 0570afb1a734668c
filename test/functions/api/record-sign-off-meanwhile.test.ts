import { describe, expect, it } from "vitest";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { type RecordedSignOff, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { challengeOf, signOffId } from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { RecordSignOffPorts } from "../../../functions/api/record-sign-off/handler.ts";
import { authenticator, type Said } from "../../core/attestation/authenticator.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  bo,
  cora,
  dana,
  digestOf,
  expiresAt,
  id,
  now,
  openStage,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { type Asked, first, request, scene, strict, strictPolicy } from "./signing-scene.ts";

const device = authenticator();
const passkey = await confirmedPasskey(device, cora, sam);
const ofSam = await confirmedPasskey(device, sam, cora);
const revoked = await passkeyDeed("revoke", device, cora);
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

  const alteredToBeTheirs = ofSam.map((deed) => ({ ...deed, passkey: { ...deed.passkey, owner: cora.identity } }));
  const enrolledOnly = passkey.slice(0, 1);
  const unfit: readonly [string, readonly RecordedPasskeyDeed[], Said, string][] = [
    ["that nobody enrolled", [], {}, "none of yours"],
    ["that is somebody else's", ofSam, {}, "none of yours"],
    ["that the table alone says is theirs", alteredToBeTheirs, {}, "is not stored as it was signed for"],
    ["that nobody confirmed", enrolledOnly, {}, "was not confirmed by a second person"],
    ["that was revoked", [...passkey, revoked], {}, "was revoked"],
    ["that answered on another page", passkey, { origin: "https://evil.example" }, "another page than the portal"],
    ["that did not verify the person", passkey, { flags: 0x01 }, "did not verify the person"],
  ];
  it.each(unfit)("%s is refused", async (_, deeds, said, why) => {
    const { promotions, post } = scene({ deeds });
    const refusal = await refused(post(answered(request(cora), said)));
    expect([refusal.code, refusal.sentence]).toEqual(["passkey-invalid", expect.stringContaining(why)]);
    expect(promotions.recordedSignOffs()).toEqual([]);
  });

  it.each(unfit)("%s keeps nobody from rejecting, and is not told of", async (_, deeds, said) => {
    const { promotions, post } = scene({ deeds, promotion: strict, ports: { policy: strictPolicy } });
    const sent = request(cora, { promotion: strict, result: "reject", reason: "Not at all." });
    expect((await post(answered(sent, said))).status).toBe(201);
    const [recorded = expect.unreachable()] = promotions.recordedSignOffs();
    expect(signOffFact(recorded).summary).toBe("Cora rejected as compliance-officer.");
    expect(signOffFact(recorded).attachments.map(({ name }) => name)).not.toContain("passkey.json");
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

  it("whose counter began again is taken with that warning too; one that keeps none has none to fall", async () => {
    const { promotions, passkeys, post } = scene({ deeds: passkey });
    await post(answered(request(cora), { counter: 9 }));
    await post(answered(request(cora, { reason: "Withdrawn.", result: "withdraw" }), { counter: 0 }));
    expect(promotions.recordedSignOffs().at(-1)?.signOff.passkey).toEqual({
      ...{ id: device.id, counter: 0, counterWentBack: true },
    });
    // What it had before is not forgotten for it.
    expect(await passkeys.counterBefore(device.id, digestOf("another"))).toBe(9);
    const none = scene({ deeds: passkey });
    await none.post(answered(request(cora), { counter: 0 }));
    await none.post(answered(request(cora, { reason: "Withdrawn.", result: "withdraw" }), { counter: 0 }));
    expect(none.promotions.recordedSignOffs().at(-1)?.signOff.passkey).toEqual({ id: device.id, counter: 0 });
  });

  it("sent twice is one, and its own counter is no warning", async () => {
    const { promotions, post } = scene({ deeds: passkey });
    const sent = answered(request(cora), { counter: 9 });
    expect([(await post(sent)).status, (await post(sent)).status]).toEqual([201, 200]);
    expect(promotions.recordedSignOffs()[0]?.signOff.passkey).toEqual({ id: device.id, counter: 9 });
  });
});

describe("a sign-off", () => {
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

    it("is not recorded as of an instant at which it was over, where what was read is long in coming", async () => {
      const { promotions } = scene();
      let clock = now;
      const signOffs: RecordSignOffPorts["promotions"]["signOffs"] = async (of) => {
        if (clock === now) promotions.put({ ...first, revision: first.revision + 1, status: "withdrawn" });
        clock = addSeconds(now, 6);
        return promotions.signOffs(of);
      };
      const { post } = scene({ ports: { now: () => clock, promotions: { ...promotions, signOffs } } });
      expect(await refused(post(request(cora)))).toMatchObject({
        code: "already-decided",
        sentence: "The promotion is withdrawn already.",
      });
      expect(promotions.recordedSignOffs()).toEqual([]);
    });

    it("is told that nothing rests on it where it approves and others made the quorum", async () => {
      const { sent, promotions } = await raced(inSecond, { ...quorum, verdict }, sam, { roles: ["sre"] });
      const { status, json } = await sent;
      const [recorded] = promotions.recordedSignOffs();
      expect([status, json]).toEqual([
        201,
        {
          id: recorded?.signOff.id,
          recordedAt: recorded?.signOff.recordedAt,
          envelope: recorded?.envelope,
          late: "The verdict was signed before it arrived, and does not rest on it.",
        },
      ]);
    });

    it("is told so also where the verdict rests on others in the same stage", async () => {
      const seats = [bo, dana].map(({ identity }, at) => ({
        role: "sre",
        person: identity,
        signOff: digestOf(`another's ${at}`),
      }));
      const { sent } = await raced(inSecond, { ...quorum, verdict, settled: [{ index: 1, seats }] }, sam, {
        roles: ["sre"],
      });
      expect((await sent).json).toMatchObject({ late: expect.stringContaining("does not rest on it") });
    });

    it("is answered with its first recording where the same was recorded meanwhile", async () => {
      const { promotions } = scene();
      let already: RecordedSignOff | undefined;
      const recordSignOff: RecordSignOffPorts["promotions"]["recordSignOff"] = async (recorded, next) => {
        const other = await givenSignOff(first, sam, { roles: ["sre"] });
        already = { ...recorded, signOff: { ...recorded.signOff, recordedAt: addSeconds(now, -1) } };
        await promotions.recordSignOff(other);
        await promotions.recordSignOff(already);
        return promotions.recordSignOff(recorded, next);
      };
      const { post } = scene({ ports: { promotions: { ...promotions, recordSignOff } } });
      const { status, json } = await post(request(cora));
      expect([status, json]).toEqual([
        200,
        { id: already?.signOff.id, recordedAt: addSeconds(now, -1), envelope: already?.envelope },
      ]);
      const elsewhere: typeof recordSignOff = async () => "exists";
      const racing = scene({ ports: { promotions: { ...scene().promotions, recordSignOff: elsewhere } } });
      expect(await refused(racing.post(request(cora)))).toMatchObject({
        code: "conflict",
        sentence: "The sign-off is recorded, but not for this promotion.",
      });
    });

    it("is not taken where so many of its signer's are on their way", async () => {
      const { promotions } = scene();
      // What is recorded is not read yet by those that are on their way with it.
      const signOffs: RecordSignOffPorts["promotions"]["signOffs"] = async () => [];
      const { post } = scene({ ports: { promotions: { ...promotions, signOffs } } });
      for (let at = 0; at < 20; at += 1) expect((await post(request(cora, { reason: `${at}` }))).status).toBe(201);
      const refusal = await refused(post(request(cora, { reason: "once more" })));
      expect([refusal.code, refusal.sentence]).toEqual([
        "conflict",
        expect.stringContaining("You have decided 20 times in this stage"),
      ]);
      expect((await post(request(cora, { result: "reject", reason: "Stop." }))).status).toBe(201);
      expect((await post(request(bo, { result: "reject", reason: "Stop.", roles: ["sre"] }))).status).toBe(201);
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
      const { status, json } = await racing.post(sent);
      expect([status, json]).toEqual([201, expect.not.objectContaining({ late: expect.anything() })]);
    });
  });

  it("is not taken where its signer rejected twenty times, and for that alone", async () => {
    const rejecting = { result: "reject", roles: ["compliance-officer"] } as const;
    const given = (who: Member) =>
      Promise.all(Array.from({ length: 20 }, (_, at) => givenSignOff(first, who, { ...rejecting, reason: `${at}` })));
    const { promotions, post } = scene({ signOffs: await given(cora) });
    const sent = request(cora, { ...rejecting, reason: "Once more." });
    const refusal = await refused(post(sent));
    expect([refusal.code, refusal.sentence]).toEqual([
      "conflict",
      "You have decided 20 times in this stage, and 20 times is what it takes of one person.",
    ]);
    expect(promotions.recordedSignOffs()).toHaveLength(20);
    expect((await scene({ signOffs: await given(sam) }).post(sent)).status).toBe(201);
  });

  it("whose sign-in has ended is refused for that, where it was not recorded before", async () => {
    const { promotions, post } = scene({ ports: { now: () => addSeconds(now, 1000) } });
    expect((await refused(post(request(cora, { issuedAt: addSeconds(now, 500), at: now })))).code).toBe(
      "token-expired",
    );
    expect(promotions.recordedSignOffs()).toEqual([]);
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

  it.each(["p-1", "../promotions", ""])("to %j is refused before anything is asked", async (promotionId) => {
    const { promotions } = scene();
    const load = async () => expect.unreachable();
    const { post } = scene({ ports: { promotions: { ...promotions, load } } });
    expect(await refused(post(request(cora), promotionId))).toMatchObject({
      code: "not-found",
      sentence: "There is no such promotion.",
    });
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
