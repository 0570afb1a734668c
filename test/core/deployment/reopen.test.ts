import { describe, expect, it } from "vitest";
import { fallenByBreach, whyNotReopened, withReleaseTakenBack } from "../../../core/deployment/reopen.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { SettledStage } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { cora, digestOf, expiresAt, id, now, openStage, promotionInReview } from "../promotion/promotion-in-review.ts";

function signOff(name: string, over: Partial<SignOff> = {}): SignOff {
  return {
    ...{ id: digestOf(name), promotion: id, review: 1, stage: 0, result: "approve", reason: "Fine." },
    ...{ roles: ["sre"], reviewer: cora.identity, reviewerName: name, groups: cora.groups, recordedAt: now },
    ...over,
  };
}

const roles = {
  lead: { title: "Lead", groups: ["leads"], judges: ["model", "data"] },
  officer: { title: "Officer", groups: ["officers"], judges: [] },
  sre: { title: "SRE", groups: ["sre"], judges: ["infrastructure"] },
} as const;
const judged = "judged the model before its release was taken back";
const conditional = "signed under conditions, and the release under them was taken back";

/** Why each sign-off fell, by its name. */
function fallen(signOffs: readonly SignOff[], over: Partial<ReturnType<typeof promotionInReview>> = {}) {
  const byId = new Map(signOffs.map(({ id: own, reviewerName }) => [own, reviewerName]));
  const found = fallenByBreach(promotionInReview(over), { roles }, signOffs);
  return Object.fromEntries(found.map(({ signOff: own, why }) => [byId.get(own) ?? own, why]));
}

describe("when a release under conditions is taken back", () => {
  it("approvals fall that asked for conditions, or judge the model, or do not say what they judge", () => {
    expect(
      fallen([
        signOff("asking", { conditions: { forSeconds: 600, errorPercent: 1 } }),
        signOff("model", { roles: ["lead"] }),
        signOff("anything", { roles: ["officer"] }),
        signOff("machines", { roles: ["sre"] }),
        signOff("both", { roles: ["sre", "lead"] }),
        signOff("held beside", { roles: ["asked for nowhere", "sre"] }),
        signOff("unknown", { roles: ["asked for nowhere"] }),
        signOff("as the language has it", { roles: ["constructor", "sre"] }),
      ]),
    ).toEqual({ asking: conditional, model: judged, anything: judged, both: judged, unknown: judged });
  });

  it("nothing falls that did not count: another review, no approval, what had fallen before", () => {
    const lead = { roles: ["lead"] };
    const signOffs = [
      signOff("old", { ...lead, review: 2 }),
      signOff("no", { ...lead, result: "reject" }),
      signOff("fell", lead),
      signOff("counts", lead),
    ];
    expect(fallen(signOffs, { invalidated: [{ signOff: digestOf("fell"), why: "drift" }] })).toEqual({
      counts: judged,
    });
  });

  it("what was kept from an earlier candidate falls with the rest, in the roles in which it was kept", () => {
    const carried = [
      { signOff: signOff("kept", { roles: ["sre"], review: 9 }), stage: 0, roles: ["lead"], review: 1 },
      { signOff: signOff("stays", { roles: ["lead"], review: 9 }), stage: 0, roles: ["sre"], review: 1 },
    ];
    expect(fallen([], { carried })).toEqual({ [digestOf("kept")]: judged });
  });

  it("those that fell are told in one order, whatever order they came in", () => {
    const signOffs = ["a", "b", "c", "d"].map((name) => signOff(name, { roles: ["lead"] }));
    const ids = (of: readonly SignOff[]) =>
      fallenByBreach(promotionInReview(), { roles }, of).map(({ signOff: own }) => own);
    expect(ids(signOffs)).toEqual(ids(signOffs).toSorted());
    expect(ids(signOffs.toReversed())).toEqual(ids(signOffs));
  });
});

describe("whether it is reviewed again", () => {
  const reopened = (body: Fact["body"] = { breach: {} }, type: Fact["type"] = "seat-reopened"): Fact => ({
    ...{ id: `${id}/9`, type, at: now, promotion: id, summary: "", body, attachments: [] },
  });
  const why = (history: readonly Fact[], over: { readonly now?: typeof now; readonly newest?: boolean } = {}) =>
    whyNotReopened({ expiresAt, history }, { now, newest: true, ...over });

  it("it is, twice", () => {
    expect(why([])).toBeUndefined();
    expect(why([reopened()])).toBeUndefined();
    expect(why([reopened(), reopened()])).toBe("It was taken back twice before, so nobody is asked again.");
  });

  it("counts only what a breach reopened", () => {
    expect(why([reopened({}), reopened({}), reopened({}), reopened()])).toBeUndefined();
    expect(why([reopened({ breach: {} }, "gates"), reopened({ breach: {} }, "gates")])).toBeUndefined();
  });

  it("it is not once the time is over, or a newer candidate is there", () => {
    expect(why([], { now: addSeconds(expiresAt, -1) })).toBeUndefined();
    expect(why([], { now: expiresAt })).toBe("The time for its approval is over, so nobody is asked again.");
    expect(why([], { newest: false })).toBe("A newer candidate is there, so nobody is asked about this one again.");
  });
});

describe("the promotion whose release was taken back", () => {
  const stageOf = (index: number, name: string) =>
    ({ index, seats: [{ role: "sre", signOff: digestOf(name) }] }) as unknown as SettledStage;
  const approved = promotionInReview({
    status: "deploying",
    settled: [stageOf(0, "falls"), stageOf(1, "stands")],
    stage: openStage(1),
    invalidated: [{ signOff: digestOf("before"), why: "drift" }],
    verdict: { sha256: digestOf("verdict"), result: "PASSED", at: now },
  });
  const fell = [{ signOff: digestOf("falls"), why: judged }];
  const attachments = [{ name: "said.json", mediaType: "application/json", sha256: digestOf("said") }];
  const conditions = { forSeconds: 3600, errorPercent: 1 };
  const back = withReleaseTakenBack(approved, conditions, fell, { at: now, why: "Errors: 4 percent.", attachments });

  it("is back in review without the stages whose seats fell, and without verdict and deployment", () => {
    expect(back).toMatchObject({ status: "in-review", settled: [{ index: 1 }], stage: { index: 1, open: false } });
    expect(back.invalidated).toEqual([...approved.invalidated, ...fell]);
    expect([back.verdict, back.deployment]).toEqual([undefined, undefined]);
  });

  it("says on which condition it was approved, and why it was taken back", () => {
    expect(back.history.at(-1)).toMatchObject({
      type: "seat-reopened",
      at: now,
      summary:
        "The release was taken back, and is in review again: it was approved on condition that for 1 hour at most 1 percent of its answers are errors. Errors: 4 percent.",
      body: { breach: conditions, fallen: fell },
      attachments,
    });
  });

  it("has no stage where it had none", () => {
    const { stage: _, ...without } = approved;
    const told = { at: now, why: "It broke.", attachments: [] };
    expect(withReleaseTakenBack(without, conditions, fell, told).stage).toBeUndefined();
  });
});
