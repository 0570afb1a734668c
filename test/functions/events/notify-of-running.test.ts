import { describe, expect, it } from "vitest";
import { reviewerMark } from "../../../core/attestation/review-link.ts";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { type NotifyPorts, notify } from "../../../functions/events/notify/handler.ts";
import type { OpenChannel } from "../../../functions/telling/open-channels.ts";
import { cora, everybody, id, member, policy, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { addresses, email, fact, plentyOfTime, portalUrl, scene, templates } from "./notify-scene.ts";

describe("what runs and should not", () => {
  const told = (type: FactType, tail: string, body: Fact["body"]): Fact => ({
    ...fact(type, body),
    id: `${id}/intruder/credit-scoring/${tail}`,
    summary: "The endpoint serves 'quick-fix'.",
  });
  const found = told("intruder-found", "1", { kind: "unapproved" });

  it("is told to everybody with a role of the rule, once for each finding", async () => {
    const { promotions, letters, hear } = scene(promotionInReview({ status: "deployed" }));
    const again = { ...found, id: `${id}/intruder/credit-scoring/2` };
    for (const each of [found, again]) await promotions.recordFact(each);
    await hear("intruder-found", id, found.id);
    await hear("intruder-found", id, found.id);
    expect(addresses(letters).toSorted()).toEqual(everybody.map(({ address }) => address).toSorted());
    expect(letters[0]?.subject).toBe("Not as approved: what runs in production");
    expect(letters[0]?.letter).toContain("credit-scoring 1.4.0 should run there, or does and should not.");
    expect(letters[0]?.letter).toContain("The endpoint serves 'quick-fix'.");
    await hear("intruder-found", id, again.id);
    expect(letters).toHaveLength(2 * everybody.length);
  });

  it("is told of each place, though it is the first finding of both", async () => {
    const { promotions, letters, hear } = scene(promotionInReview({ status: "deployed" }), [cora]);
    const elsewhere = { ...found, id: `${id}/intruder/shadow-it/1` };
    for (const each of [found, elsewhere]) {
      await promotions.recordFact(each);
      await hear("intruder-found", id, each.id);
    }
    expect(letters).toHaveLength(2);
    await hear("intruder-found", id, `${id}/intruder/none/1`);
    expect(letters).toHaveLength(2);
  });

  it("is told again where it could not be taken back, and not as that begins", async () => {
    const { promotions, letters, hear } = scene(promotionInReview({ status: "deployed" }));
    const started = told("take-back", "1/take-back", { state: "started" });
    const failed = told("take-back", "1/take-back/failed", { state: "failed" });
    for (const each of [started, failed]) await promotions.recordFact(each);
    await hear("take-back", id, started.id);
    expect(letters).toEqual([]);
    await hear("take-back", id, failed.id);
    expect(letters).toHaveLength(everybody.length);
  });

  describe("where nothing was ever approved", () => {
    const place = { kind: "sagemaker-endpoint", target: "production", endpoint: "credit-scoring-old" };
    const { promotion: _, ...ofNone } = told("intruder-found", "", { kind: "unapproved", place });
    const stray = { ...ofNone, id: "installation/intruder/production/credit-scoring-old/1" };
    const operators = { title: "Operator", groups: ["platform"], judges: [] };
    const withOperators = {
      ...policy,
      matrix: { ...policy.matrix, roles: { ...policy.matrix.roles, operator: operators } },
    };
    const [opal, olga] = [member("Opal", "platform"), { ...member("Olga", "platform"), enabled: false }];
    const room: OpenChannel = { ...email, name: "ops", kind: "slack", form: "Slack message", audience: "room" };
    const only = (roles: readonly string[]) => ({ ...room, name: "others", roles });
    const asOperators = (over: Partial<NotifyPorts> = {}) =>
      scene(promotionInReview(), [...everybody, opal, olga], { policy: withOperators, ...over });
    const hearOf = (ports: NotifyPorts, factId: unknown, type: unknown = "intruder-found") =>
      notify(ports)({ detail: { factId, type } }, plentyOfTime);

    it("is told to operators, once, without a model to speak of", async () => {
      const { promotions, letters, ports } = asOperators({ channels: [email, room, only(["sre"])] });
      await promotions.recordFact(stray);
      await hearOf(ports, stray.id);
      await hearOf(ports, stray.id);
      expect(addresses(letters)).toEqual([opal.address, undefined]);
      expect(letters[0]).toMatchObject({
        subject: "Not as approved: what runs in production",
        letter: `Hello Opal,\n\nWhat runs in production is not what was approved.\n\n${stray.summary}\n\n${portalUrl}`,
        link: portalUrl,
        about: { target: "production", endpoint: "credit-scoring-old", reason: stray.summary },
      });
      expect(letters[0]?.about).not.toHaveProperty("promotion");
      const facts = promotions.recordedFacts().filter(({ type }) => type === "notification-sent");
      expect(facts.map(({ id: fact, promotion }) => [fact, promotion])).toEqual([
        [`${stray.id}/email/${reviewerMark(identityKey(opal.identity))}`, undefined],
        [`${stray.id}/ops/room`, undefined],
      ]);
    });

    it("is told of the very finding, whatever else its id is the beginning of", async () => {
      const { promotions, letters, ports } = asOperators();
      for (const each of [{ ...stray, id: `${stray.id}0`, summary: "The tenth." }, stray])
        await promotions.recordFact(each);
      await hearOf(ports, stray.id);
      expect(letters.map(({ letter }) => letter.includes(stray.summary))).toEqual([true]);
    });

    it("has the finding for a subject where the words are of before", async () => {
      const old = { ...templates, intruder: { ...templates.intruder, subject: "Not approved: {model}" } };
      const { promotions, letters, ports } = asOperators({ templates: old });
      await promotions.recordFact(stray);
      await hearOf(ports, stray.id);
      expect(letters[0]?.subject).toBe(stray.summary);
    });

    it.each([
      ["a finding that is not there", "intruder-found", "installation/intruder/production/other/1"],
      ["another's fact", "intruder-found", "installation/key/1"],
      ["no fact", "intruder-found", 7],
      ["what is gone", "intruder-gone", stray.id],
    ])("nobody is told of %s", async (_case, type, factId) => {
      const { promotions, letters, ports } = asOperators();
      await promotions.recordFact(stray);
      await hearOf(ports, factId, type);
      expect(letters).toEqual([]);
    });
  });
});

describe("what is done about a model that drifted", () => {
  const history = [
    fact("drift", {}),
    { ...fact("remedy", { state: "started" }), id: `${id}/8` },
    { ...fact("remedy", { state: "failed" }), id: `${id}/9`, summary: "It could not be taken out of service." },
  ];
  const ask = async ({ hear }: ReturnType<typeof scene>) => hear("stage-opened");

  it("is told to those who had been asked where it failed, beside that it is restricted", async () => {
    const asked = scene();
    await ask(asked);
    const { promotions, letters, hear } = asked;
    promotions.put(promotionInReview({ status: "restricted", reason: "It drifted.", history }));
    await hear("drift", id, `${id}/7`);
    await hear("remedy", id, `${id}/8`);
    await hear("remedy", id, `${id}/9`);
    expect(
      letters.slice(1).map(({ letter }) => /It drifted\.|It could not be taken out of service\./.exec(letter)?.[0]),
    ).toEqual(["It drifted.", "It could not be taken out of service."]);
    const told = promotions.recordedFacts().filter(({ type }) => type === "notification-sent");
    expect(told.map(({ body }) => body["purpose"])).toEqual(["asked", "restricted", "restricted"]);
    // Once it has ended, that is told and nothing else.
    const gone = { ...fact("remedy", { state: "done" }), id: `${id}/10`, summary: "It was taken out of service." };
    promotions.put(promotionInReview({ status: "rolled-back", reason: "It drifted.", history: [...history, gone] }));
    await hear("remedy", id, gone.id);
    await hear("rolled-back", id, "x");
    expect(letters).toHaveLength(4);
    expect(letters[3]?.subject).toBe("credit-scoring 1.4.0 for production: rolled-back");
  });
});
