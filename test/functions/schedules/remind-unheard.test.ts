import { describe, expect, it } from "vitest";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { haveDecided } from "../../../functions/schedules/remind/ring-decide.ts";
import { ida, olaf, olafsOther, people, signed, withLoans } from "../../core/approval/lenders.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { provider } from "../../core/attestation/signing-keys.ts";
import {
  dana,
  digestOf,
  manifest,
  openedAt,
  openStage,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { hoursOn, reminders, scene, second } from "./remind-scene.ts";

/** What a deployment brings: the rule of the promotion gives people less time. */
const next: ApprovalPolicy = {
  ...policy,
  matrix: {
    ...policy.matrix,
    reminders,
    rules: policy.matrix.rules.map((rule) => ({ ...rule, expiresAfterSeconds: rule.expiresAfterSeconds - 1 })),
  },
};
const inReview = (over: Partial<Promotion> = {}) => promotionInReview({ stage: openStage(1), ...over });

describe("a review whose requirements changed, and which nobody has sent back", () => {
  it("is what decide hears of, by a revision that tells of nothing, and nobody is reminded of it", async () => {
    const promotion = inReview();
    const { promotions, runAt } = scene({ promotion, over: { policy: next }, asksFirst: false });
    expect(await runAt(hoursOn(4))).toEqual([]);
    expect(promotions.moves).toEqual([{ ...promotion, revision: promotion.revision + 1 }]);
  });

  it("is so at once, also where nothing else is due", async () => {
    const { promotions, runAt } = scene({ promotion: inReview(), over: { policy: next }, asksFirst: false });
    await runAt(addSeconds(openedAt, 60));
    expect(promotions.moves).toHaveLength(1);
  });

  it.each<[string, Promotion]>([
    ["has no stage open, which is asked before one is", inReview({ stage: { ...openStage(1), open: false } })],
    ["runs on loan, and does not go back", inReview({ status: "loaned" })],
    ["is decided since it was listed", inReview({ status: "approved" })],
  ])("is left alone where it %s", async (_, promotion) => {
    const { promotions, runAt } = scene({ promotion, over: { policy: next }, asksFirst: false });
    await runAt(hoursOn(4));
    expect(promotions.moves).toEqual([]);
  });
});

describe("what was decided, and of which its execution has not heard", () => {
  const closed = { ...openStage(1), open: false };
  const loan = {
    terms: { seconds: 7200, incident: "https://incidents.example/1" },
    lenders: [],
    at: openedAt,
    until: hoursOn(2),
  };
  const told = { id: `${second.id}/1`, type: "stage-decided", at: openedAt, body: {}, attachments: [] } as const;
  const decided = (over: Partial<Promotion>) =>
    inReview({
      stage: closed,
      history: [{ ...told, promotion: second.id, summary: "The stage is decided." }],
      ...over,
    });
  const sentBack = ({ gates: _, ...promotion }: Promotion, status: Promotion["status"] = "gating"): Promotion => ({
    ...promotion,
    status,
    review: 2,
  });
  const fact = (type: Fact["type"]): Fact => ({ ...told, type, promotion: second.id, summary: "It is told." });
  const ended = (status: Promotion["status"], over: Partial<Promotion> = {}) =>
    decided({ status, history: [fact("stage-opened"), fact("rejected")], ...over });
  const withoutStage = ({ stage: _, ...promotion }: Promotion): Promotion => promotion;
  const verdict = { sha256: digestOf("verdict"), at: openedAt, result: "PASSED" } as const;
  const unheard = [
    ["a stage after which another one comes", decided({})],
    ["its last stage", decided({ status: "approved" })],
    ["that it goes back to its gates", sentBack(decided({}))],
    ["that its seats were lent", decided({ status: "loaned", loan })],
    ["that it was rejected", ended("rejected")],
    ["that it was withdrawn", ended("withdrawn")],
    ["that a newer one took its place", ended("superseded")],
    [
      "that what serves on loan was rejected",
      ended("rejected", { loan: { ...loan, runningSince: openedAt }, verdict }),
    ],
    [
      "that it was withdrawn when it had gone back to its gates",
      withoutStage(sentBack(ended("withdrawn"), "withdrawn")),
    ],
  ] as const;

  it.each(unheard)("of %s: decide rings once more, an hour later", async (_, promotion) => {
    const { promotions, runAt } = scene({ promotion, asksFirst: false });
    await runAt(addSeconds(openedAt, 3599));
    expect(promotions.moves).toEqual([]);
    expect(await runAt(hoursOn(1))).toEqual([]);
    expect(promotions.moves).toEqual([{ ...promotion, revision: promotion.revision + 1, toldAgainAt: hoursOn(1) }]);
  });

  it("is told again after twice as long each time, and not every quarter of an hour: one that failed in its clean-up never goes on", async () => {
    const { promotions, runAt } = scene({ promotion: ended("rejected", { expiresAt: hoursOn(30) }), asksFirst: false });
    for (let quarter = 0; quarter < 160; quarter++) await runAt(addSeconds(openedAt, quarter * 900));
    expect(promotions.moves.map(({ toldAgainAt }) => toldAgainAt)).toEqual([1, 2, 4, 8, 16].map(hoursOn));
  });

  it("is told an hour later of what was decided since it was told again of something else", async () => {
    const decidedAnew = ended("rejected", { toldAgainAt: addSeconds(openedAt, -60) });
    const { promotions, runAt } = scene({ promotion: decidedAnew, asksFirst: false });
    await runAt(hoursOn(1));
    expect(promotions.moves).toHaveLength(1);
  });

  const gates = { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") } as const;
  const window = { name: "Year end", zone: "UTC", when: { from: openedAt, until: hoursOn(9) }, exceptions: [] };
  const frozen = { freezeWindows: [window] };
  it.each<[string, Promotion, Partial<ApprovalPolicy["matrix"]>?]>([
    ["has a verdict, on which it is being deployed", decided({ status: "approved", verdict })],
    ["is judged for the first time", { ...sentBack(decided({})), review: 1 }],
    ["was judged anew, and runs in shadow or opens its stage", { ...sentBack(decided({})), gates }],
    ["has no time left, for which alone anybody waits", decided({ expiresAt: hoursOn(4) })],
    ["is lent, and being deployed", decided({ status: "loaned", loan, verdict })],
    ["has ended and was cleaned up", ended("rejected", { history: [fact("rejected"), fact("clean-up")] })],
    ["ended by a step of its execution", ended("expired")],
    ["ended before its stage was opened", withoutStage(ended("withdrawn"))],
    ["ended with its verdict, and waited for a plan", ended("superseded", { verdict })],
    ["waits for the end of a freeze window", decided({ status: "approved" }), frozen],
    ["waited for that, and goes back to its gates once it is over", sentBack(decided({})), frozen],
    ["waited for that, and ended meanwhile", decided({ status: "withdrawn" }), frozen],
  ])("is rung for no more where it %s", async (_, promotion, over = {}) => {
    const { promotions, runAt } = scene({
      promotion,
      over: { policy: { ...policy, matrix: { ...policy.matrix, reminders, ...over } } },
      asksFirst: false,
    });
    await runAt(hoursOn(4));
    expect(promotions.moves).toEqual([]);
  });

  it.each<[string, Promotion]>([
    ["it goes back to its gates", sentBack(ended("gating"))],
    ["it was rejected", ended("rejected")],
  ])("is rung for in a freeze window where its stage was open and %s", async (_, promotion) => {
    const { promotions, runAt } = scene({
      promotion,
      over: { policy: { ...policy, matrix: { ...policy.matrix, reminders, ...frozen } } },
      asksFirst: false,
    });
    await runAt(hoursOn(4));
    expect(promotions.moves).toEqual([{ ...promotion, revision: promotion.revision + 1, toldAgainAt: hoursOn(4) }]);
  });

  it("is not looked for among what ended long before the rules in force let anything wait", async () => {
    const promotion = ended("rejected", { submittedAt: addSeconds(openedAt, -3 * 86_400), expiresAt: hoursOn(100) });
    const { promotions, runAt } = scene({ promotion, asksFirst: false });
    await runAt(hoursOn(4));
    expect(promotions.moves).toEqual([]);
  });
});

describe("seats that two people lent, of which nothing was decided", () => {
  const lending: ApprovalPolicy = { ...policy, matrix: { ...withLoans(), reminders } };
  const second = inReview({ requirements: { sha256: requirementsNow(lending, { manifest }).sha256 } });
  const confirmedAt = addSeconds(openedAt, 1000);
  const ask = signed(ida, { promotion: second.id, recordedAt: openedAt });
  const confirmed = signed(olaf, {
    promotion: second.id,
    confirms: ask.id,
    id: digestOf("confirmed"),
    recordedAt: confirmedAt,
  });
  const refusal: Fact = {
    id: `${second.id}/1`,
    type: "loan-refused",
    at: confirmedAt,
    promotion: second.id,
    summary: "It is used up.",
    body: { signature: confirmed.id },
    attachments: [],
  };
  const lentBy = async (promotion: Promotion, ...signatures: readonly LenderSignature[]) => {
    const { promotions, runAt } = scene({
      promotion,
      over: { policy: lending, directory: memoryDirectory(people) },
      asksFirst: false,
    });
    for (const signature of signatures)
      await promotions.recordLoan({ signature, idToken: provider.token({}) } as RecordedLoan);
    const rungAt = async (seconds: number) => {
      await runAt(addSeconds(confirmedAt, seconds));
      return promotions.moves;
    };
    return { promotions, rungAt, runAt };
  };

  it("are what decide hears of once more, after some minutes", async () => {
    const { rungAt } = await lentBy(second, ask, confirmed);
    expect(await rungAt(299)).toEqual([]);
    expect(await rungAt(300)).toEqual([{ ...second, revision: second.revision + 1 }]);
  });

  const onePerson = signed(olafsOther, { ...confirmed, reviewer: olafsOther.identity });
  it.each<[string, Promotion, ...LenderSignature[]]>([
    ["nobody confirmed them", second, ask],
    ["they were refused", { ...second, history: [refusal] }, ask, confirmed],
    ["they were lent in a review before", second, { ...ask, review: 2 }, { ...confirmed, review: 2 }],
    ["the stage was decided since", { ...second, stage: openStage(1, { open: false }) }, ask, confirmed],
    ["the two are known as one person since", second, { ...ask, reviewer: olaf.identity }, onePerson],
  ])("are rung for by nobody where %s", async (_, promotion, ...signatures) => {
    const { rungAt } = await lentBy(promotion, ...signatures);
    expect(await rungAt(600)).toEqual([]);
  });

  it("are rung for by nobody where the sign-ins alone tell that the two are one person", async () => {
    const before = { ...olaf, identity: { ...olaf.identity, issuer: "https://before.example" } };
    const known = { ...ask, reviewer: olaf.identity };
    const unknown = signed(before, { ...confirmed, reviewer: before.identity });
    const rung = async (email: string) => {
      const { promotions, rungAt } = await lentBy(second);
      for (const [signature, address] of [
        [known, olaf.address],
        [unknown, email],
      ] as const)
        await promotions.recordLoan({ signature, idToken: provider.token({ email: address }) } as RecordedLoan);
      return rungAt(600);
    };
    expect(await rung("somebody@example.org")).toHaveLength(1);
    expect(await rung(olaf.address)).toEqual([]);
  });

  it("keep nobody from being reminded where decide lends nothing by them", async () => {
    const { runAt } = await lentBy(second, { ...ask, reviewer: olaf.identity }, onePerson);
    expect(await runAt(hoursOn(4))).not.toEqual([]);
  });
});

describe("a stage that is complete, which nobody has written down", () => {
  it("is what decide hears of once more, and nobody is reminded of it", async () => {
    const { promotions, runAt } = scene();
    await promotions.recordSignOff(await givenSignOff(second, dana, { roles: ["lead-data-scientist"] }));
    await promotions.recordSignOff(await givenSignOff(second, sam, { roles: ["sre"] }));
    expect(await runAt(hoursOn(4))).toEqual([]);
    expect(promotions.moves).toEqual([{ ...second, revision: second.revision + 1 }]);
  });

  it("is not complete by one person's two accounts, of which the directory knows one: whoever is needed is reminded", async () => {
    const { promotions, runAt } = scene();
    const before = { ...dana, identity: { ...dana.identity, issuer: "https://before.example" } };
    const since = { ...dana, groups: [...dana.groups, ...sam.groups] };
    await promotions.recordSignOff(await givenSignOff(second, before, { roles: ["lead-data-scientist"] }));
    await promotions.recordSignOff(await givenSignOff(second, since, { roles: ["sre"] }));
    expect((await runAt(hoursOn(4))).length).toBeGreaterThan(0);
    expect(promotions.moves).toEqual([]);
  });

  it.each<[string, Partial<Promotion>]>([
    ["somebody has moved it since it was read", { revision: second.revision + 1 }],
    ["it is decided", { stage: openStage(1, { open: false }) }],
  ])("is left alone where %s", async (_, over) => {
    const promotions = new MemoryPromotions([{ ...second, ...over }]);
    await haveDecided(promotions, second);
    expect(promotions.moves).toEqual([]);
  });
});

it("a review under the requirements in force is moved by nobody who reminds", async () => {
  const { promotions, runAt } = scene();
  expect(await runAt(hoursOn(4))).toHaveLength(3);
  expect(promotions.moves).toEqual([]);
});
