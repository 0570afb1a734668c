import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { type EvaluateGatesPorts, evaluateGates } from "../../../functions/steps/evaluate-gates/handler.ts";
import {
  digestOf,
  expiresAt,
  id,
  manifest,
  now,
  policiesWithoutRule,
  policy,
  promotionAtTheGates,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const frozen = manifest.artifacts.map(({ name, sha256 }) => ({
  name,
  key: `frozen/${sha256}/${name}`,
  versionId: "v1",
}));

function scene(promotion: Promotion, over: Partial<EvaluateGatesPorts>) {
  const promotions = new MemoryPromotions([promotion]);
  const blobs = new MemoryBlobs();
  const ports: EvaluateGatesPorts = {
    now: () => now,
    policy,
    policyDocuments: [{ name: "policies.json", mediaType: "application/json", bytes: utf8("policies") }],
    thresholds: () => undefined,
    wasm: utf8("gates.wasm"),
    evaluate: () => ({ kind: "evaluated", result: [] }),
    promotions,
    blobs: { get: blobs.get, put: blobs.put },
    directory: memoryDirectory([]),
    earlierReleases: async () => ({ at: now, releases: [] }),
    takeOver: async (taken) => taken,
    keepReview: async (kept) => kept,
    ...over,
  };
  const run = async () => {
    await blobs.put(utf8("quality"));
    return evaluateGates(ports)({ promotionId: id });
  };
  return { promotions, run };
}

describe("the gates of a promotion whose time is over", () => {
  const late = (at: Instant, promotion = promotionAtTheGates({ frozen })) => {
    const taken: Promotion[] = [];
    const takeOver = async (promotion: Promotion) => {
      taken.push(promotion);
      return promotion;
    };
    return { taken, ...scene(promotion, { now: () => at, takeOver }) };
  };

  it("are not evaluated: it ends expired, once, and takes nobody's place", async () => {
    const { promotions, run, taken } = late(expiresAt);
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(await run()).toEqual({ outcome: "blocked" });
    const reason = "The promotion expired before its gates were evaluated.";
    expect(promotions.moves).toMatchObject([
      { status: "expired", reason, history: [{ type: "expired", summary: reason }] },
    ]);
    expect(taken).toEqual([]);
  });

  const gates = { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") } as const;
  const told = { id: `${id}/0`, promotion: id, at: now, summary: "", attachments: [] };
  const ran: Promotion["history"] = [
    { ...told, type: "gates", body: {} },
    { ...told, type: "shadow-run", body: { state: "reported" } },
  ];
  it.each<[string, Partial<Promotion>]>([
    ["its gates were evaluated again, over its run in shadow", { gates, history: ran }],
    ["its review opened", { gates, history: ran.slice(0, 1) }],
    ["its gates were evaluated again, under the requirements that changed", { review: 2 }],
  ])("are said to be what they are: it expired before %s", async (due, over) => {
    const { promotions, run } = late(expiresAt, promotionAtTheGates({ frozen, ...over }));
    await run();
    expect(promotions.stored(id).reason).toBe(`The promotion expired before ${due}.`);
  });

  it("are until then", async () => {
    const { promotions, run } = late(addSeconds(expiresAt, -1));
    await run();
    expect(promotions.moves.map(({ status }) => status)).not.toContain("expired");
  });
});

describe("the gates under policies without a rule for the promotion", () => {
  it.each(policiesWithoutRule)("block it and say so: %s", async (_, inForce) => {
    const { promotions, run } = scene(promotionAtTheGates({ review: 2, frozen }), { policy: inForce });
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id).status).toBe("blocked");
    expect(promotions.stored(id).reason).toMatch(/^The policies changed, and there is no rule for it any more: /);
    expect(promotions.stored(id).history.at(-1)).toMatchObject({ type: "blocked", body: { step: "policy" } });
  });

  it("run twice block it once", async () => {
    const [[, inForce] = expect.unreachable()] = policiesWithoutRule;
    const { promotions, run } = scene(promotionAtTheGates({ frozen }), { policy: inForce });
    await run();
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.moves).toHaveLength(1);
  });
});

describe("gates whose answer was lost, under policies that changed meanwhile", () => {
  const passed = { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") } as const;
  const told: Fact = {
    ...{ id: `${id}/3`, type: "seat-reopened", at: now, promotion: id, summary: "", attachments: [] },
    body: { review: 2, kept: [], fallen: [] },
  };
  const carried = [{ signOff: {} as SignOff, stage: 0, roles: ["sre"], review: 2 }];

  it.each<[string, Partial<Promotion>, number]>([
    ["stand where it was told what of the last review is kept by them", { history: [told] }, 0],
    ["stand where something of an earlier candidate is kept by them", { carried }, 0],
    ["are evaluated again where nothing rests on them", { carried: [{ ...carried[0], review: 1 } as never] }, 1],
  ])("%s", async (_, over, moves) => {
    const before = promotionAtTheGates({
      review: 2,
      frozen,
      gates: passed,
      requirements: { sha256: digestOf("old") },
      ...over,
    });
    const { promotions, run } = scene(before, {});
    await run();
    expect(promotions.moves).toHaveLength(moves);
  });
});
