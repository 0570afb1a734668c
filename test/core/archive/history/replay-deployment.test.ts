import { describe, expect, it } from "vitest";
import { type FactType, factTypes, type LedgerRecord } from "../../../../core/promotion/fact.ts";
import { replayedOf, told } from "../told.ts";
import { endOf, lent, type Next, next, replayed, story, upTo, why } from "./replayed-life.ts";

describe("a deployment", () => {
  it("begins with a verdict that allows it", () => {
    const begun = { type: "deployment-started" } as const;
    expect(endOf(story, upTo(story, "deployment-started"), begun).status).toBe("deploying");
    expect(why(story, upTo(story, "verdict"), begun)).toBe("there is no verdict that allows it.");
    expect(endOf(lent, upTo(lent, "deployment-started"), begun).status).toBe("loaned");
    expect(why(lent, upTo(lent, "verdict"), begun)).toBe("there is no verdict that allows it.");
  });

  it("is begun once under a verdict, also where it went back", () => {
    const begun = { type: "deployment-started" } as const;
    const sentence = "its verdict allows one deployment, which was begun before.";
    const running = upTo(story, "deployed");
    expect(why(story, running, begun)).toBe(sentence);
    const back = [...running, next(running, { type: "rollback", body: { state: "started" } })];
    expect(why(story, back, begun)).toBe(sentence);
    expect(why(lent, upTo(lent, "loan-running"), begun)).toBe(sentence);
  });

  it("goes back while it is under way", () => {
    const back = { type: "rollback", body: { state: "started" } } as const;
    expect(endOf(story, upTo(story, "deployed"), back).status).toBe("deploying");
    expect(endOf(lent, upTo(lent, "loan-ended"), back).status).toBe("loaned");
    expect(why(story, upTo(story, "drift"), back)).toBe("the promotion is deployed, so nothing goes back.");
    expect(why(story, upTo(story, "deployment-started"), back)).toBe("nothing was deployed.");
  });

  it("of what is lent is made one that stays by its quorum alone", () => {
    expect(why(lent, upTo(lent, "loan-ended"), { type: "deployed" })).toBe(
      "only its quorum makes a lent candidate deployed.",
    );
  });

  it("is followed by drift, and by what is done about it", () => {
    const running = upTo(story, "drift");
    expect(endOf(story, running, { type: "drift", body: { action: "stop" } })).toMatchObject({
      status: "restricted",
      reason: "Why.",
    });
    const remedy = (state: string, what = "stop") =>
      ({ type: "remedy", body: { remedy: what, because: "drift", state } }) as const;
    expect(why(story, running, remedy("started"))).toBe(
      "the promotion is deployed, so nothing is done about what runs.",
    );
    const drifted = upTo(story, "remedy");
    const reason = replayed(story, drifted).steps.at(-1)?.after.reason;
    expect(reason).not.toBe("Why.");
    for (const state of ["started", "failed"])
      expect(endOf(story, drifted, remedy(state))).toMatchObject({ status: "restricted", reason });
    expect(endOf(story, drifted, remedy("done"))).toMatchObject({ status: "restricted", reason: "Why." });
    expect(endOf(story, drifted, remedy("done", "previous"))).toMatchObject({ status: "rolled-back", reason: "Why." });
  });

  it("is over once: no later record lifts what drift has restricted", () => {
    const again = { type: "deployed" } as const;
    expect(why(story, upTo(story, "drift"), again)).toBe("the promotion is deployed already.");
    expect(why(story, upTo(story, "remedy"), again)).toBe("A promotion that is restricted cannot become deployed.");
  });

  it("lets traffic come over while it is under way", () => {
    const shifted = { type: "traffic-shifted" } as const;
    expect(endOf(story, upTo(story, "deployed"), shifted).status).toBe("deploying");
    expect(why(story, upTo(story, "drift"), shifted)).toBe("the promotion is deployed.");
  });

  it.each(["rolled-back", "failed"] as const)("may end as %s, with why", (type) => {
    expect(endOf(story, upTo(story, "deployed"), { type })).toMatchObject({ status: type, reason: "Why." });
  });
});

describe("an end", () => {
  const open = upTo(story, "stage-decided");

  it.each(["rejected", "expired", "withdrawn"] as const)("that is %s says why, and closes the stage", (type) => {
    expect(endOf(story, open, { type })).toMatchObject({
      status: type,
      reason: "Why.",
      stage: { index: 0, open: false },
    });
  });

  it("that is superseded names the newer one", () => {
    expect(endOf(story, open, { type: "superseded", body: { by: told.lent } })).toMatchObject({
      status: "superseded",
      reason: "Why.",
      supersededBy: told.lent,
      stage: { open: false },
    });
  });

  it("before any stage was open closes none", () => {
    expect(endOf(story, upTo(story, "gates"), { type: "withdrawn" })).not.toHaveProperty("stage");
  });
});

describe("records that change nothing", () => {
  const supersedes = (body: LedgerRecord["body"]): Next => ({ type: "supersedes", body });

  it.each<Next>([{ type: "held" }, { type: "staged" }, { type: "rollback" }])("$type", (one) => {
    const records = upTo(story, "deployed");
    const was = replayed(story, records).steps.at(-1)?.after;
    const { revision, history, ...is } = endOf(story, records, one);
    expect({ revision: was?.revision, history: was?.history.length }).toEqual({
      revision: revision - 1,
      history: history.length - 1,
    });
    expect(was).toMatchObject(is);
  });

  it("say what they are about all the same: whoever reads what is kept would stumble over it later", () => {
    for (const kept of [undefined, null, [{ signOff: "a sign-off" }]])
      expect(
        why(story, upTo(story, "deployed"), supersedes({ promotions: [], ...(kept === undefined ? {} : { kept }) })),
      ).toMatch(/^The record '[^']+' does not say what a 'supersedes' says \(kept/);
    for (const promotions of [{}, { promotions: "all" }, { promotions: [{ id: told.kept }] }])
      expect(why(story, upTo(story, "deployed"), supersedes({ kept: [], ...promotions }))).toMatch(
        /^The record '[^']+' does not say what a 'supersedes' says \(promotions/,
      );
  });

  it("say that the place of others is taken once, before a stage is opened that what is kept counts in", () => {
    const taken = supersedes({ kept: [], promotions: [] });
    const sentence = "the place of others is taken once, before a stage is opened.";
    const judged = upTo(story, "stage-opened");
    expect(endOf(story, judged, taken).status).toBe("gating");
    expect(why(story, [...judged, next(judged, taken)], taken)).toBe(sentence);
    expect(why(story, upTo(story, "stage-decided"), taken)).toBe(sentence);
    expect(why(story, upTo(story, "deployed"), taken)).toBe(sentence);
    // Somebody else ended it meanwhile.
    const over = [...judged, next(judged, { type: "withdrawn" })];
    expect(endOf(story, over, taken).status).toBe("withdrawn");
  });

  it("say that it was cleaned up once it has ended, and not what runs on, or may be lent yet", () => {
    const judged = upTo(story, "stage-opened");
    const over = [...judged, next(judged, { type: "withdrawn" })];
    expect(endOf(story, over, { type: "clean-up" }).status).toBe("withdrawn");
    expect(why(story, judged, { type: "clean-up" })).toBe("the promotion is gating.");
    expect(why(story, upTo(story, "deployed"), { type: "clean-up" })).toBe("the promotion is deploying.");
  });

  it("say no end twice", () => {
    const judged = upTo(story, "stage-opened");
    const over = [...judged, next(judged, { type: "withdrawn" })];
    expect(why(story, over, { type: "withdrawn" })).toBe("the promotion is withdrawn already.");
  });
});

it("every other kind of record is no change of a promotion", () => {
  const changes: readonly FactType[] = [
    ...["freeze", "gates", "blocked", "stage-opened", "stage-decided", "seat-reopened", "verdict"],
    ...["deployment-started", "deployed", "loan", "loan-running", "loan-ratified", "loan-ended", "loan-taken-back"],
    ...["loan-review-opened", "loan-refused", "shadow-run", "drift", "remedy", "rolled-back", "failed", "rejected"],
    ...["expired", "withdrawn", "superseded", "policy-proposed", "policy-activated", "supersedes", "held", "staged"],
    ...["rollback", "clean-up", "traffic-shifted"],
  ] as readonly FactType[];
  for (const type of factTypes.filter((each) => !changes.includes(each)))
    expect(why(story, upTo(story, "deployed"), { type }), type).toBe("it is no change of a promotion.");
});

it("a life of every kind is told again to its end", async () => {
  for (const promotion of [told.kept, told.lent, told.ratified, told.reopened, told.rejected, told.blocked]) {
    const { steps, stopped } = await replayedOf(promotion);
    expect(stopped).toBeUndefined();
    expect(steps.length).toBeGreaterThan(2);
  }
});
