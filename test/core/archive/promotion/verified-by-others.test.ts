import { describe, expect, it } from "vitest";
import { verifiedByOthers } from "../../../../core/archive/promotion/verified-by-others.ts";
import type { Decisions } from "../../../../core/archive/promotion/verify-decisions.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { cora, dana } from "../people.ts";
import { linking, told } from "../told.ts";
import { deployed } from "../told-review.ts";
import { sayingIn, stepOf, withStep } from "../told-steps.ts";

const { steps, held, lenders, passkeys, own, kept } = deployed;
const verdict = stepOf(steps, "verdict");
const gates = stepOf(steps, "gates");
const asTold: Decisions = {
  steps,
  held,
  lenders,
  passkeys,
  own,
  authors: [],
  named: [],
  kept: new Map(kept === undefined ? [] : [[verdict.index, kept]]),
};
const promotion = told.deployed;
const said = (over: Partial<Decisions> = {}) => verifiedByOthers(promotion, { ...asTold, ...over });

/** A record of this type names other policies than it did. */
const namingOthers = (type: "verdict" | "gates", all = steps) =>
  withStep(all, type, ({ record }) => ({
    record: {
      ...record,
      attachments: record.attachments.map((each) =>
        each.name === "policies.json" ? { ...each, sha256: digestOf("others") } : each,
      ),
    },
  }));
const sentence = `Whether other policies than those of its gates were in force as '${verdict.record.id}' was signed, which names others, is told by the whole log.`;

describe("a verdict by other policies than its gates'", () => {
  it("is said, whichever of the two names them", () => {
    expect(said({ steps: namingOthers("verdict") })).toEqual({ promotion, sentence });
    expect(said({ steps: namingOthers("gates") })).toEqual({ promotion, sentence });
  });

  it("is none where it names those of its gates, has not passed, or nothing was judged before it", () => {
    expect(said()).toBeUndefined();
    expect(said({ steps: sayingIn(namingOthers("verdict"), "verdict", { result: "FAILED" }) })).toBeUndefined();
    expect(said({ steps: namingOthers("verdict").filter(({ record }) => record.type !== "gates") })).toBeUndefined();
  });

  it("is held against the gates that judged last before it", () => {
    const [others] = namingOthers("gates").filter(({ record }) => record.type === "gates");
    const first = others ?? gates;
    expect(said({ steps: [first, ...steps] })).toBeUndefined();
    expect(said({ steps: [...steps, first] })).toBeUndefined();
    const blocked = { ...first, record: { ...first.record, type: "blocked" as const, body: { step: "matrix" } } };
    const place = steps.indexOf(verdict);
    expect(said({ steps: [...steps.slice(0, place), blocked, ...steps.slice(place)] })).toEqual({
      promotion,
      sentence,
    });
  });

  it("says what its decisions come to by people.yaml of the gates, and by no other", () => {
    const people = [linking(cora.identity, dana.identity)];
    const named = [{ index: gates.index, people }];
    const { sentence: more } = said({ steps: namingOthers("verdict"), named }) ?? expect.unreachable("It is said.");
    const why = more.replace(`${sentence} By people.yaml of those of its gates: `, "");
    expect(why).toMatch(
      /^The stage 'model and operations' was recorded as decided, but its sign-offs do not decide it/,
    );
    for (const elsewhere of [[], [{ index: verdict.index, people }], [{ index: gates.index, people: [] }]])
      expect(said({ steps: namingOthers("verdict"), named: elsewhere })?.sentence).toBe(sentence);
    const lost = [{ index: verdict.index, people: [] }, ...named];
    expect(said({ steps: namingOthers("verdict"), named: lost })?.sentence).toBe(more);
  });
});
