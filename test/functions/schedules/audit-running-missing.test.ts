import { describe, expect, it } from "vitest";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { restriction } from "../approved-promotion.ts";
import { approved, former, id, intruder, machines, own, scene, strict, targets } from "./audit-scene.ts";

const sentence =
  "The endpoint 'credit-scoring' in production serves nothing: 1.4.0, which is deployed there, is gone, and nothing here took it away.";

const loanOf = ({ loan }: Promotion) => loan ?? expect.unreachable("It is not lent.");
function without(promotion: Promotion) {
  const { runningSince: _, ...loan } = loanOf(promotion);
  return loan;
}

describe("what was approved and runs no more", () => {
  it("is told once, rings an alarm of its own, is put back by nobody, and is told once more when it is there again", async () => {
    const { target, audit, hear, ring, told, logged, pass } = scene(undefined, {});
    pass(900);
    await audit();
    pass(900);
    await audit();
    await hear();
    await ring();
    expect(told("intruder-found")).toMatchObject([
      { promotion: id, summary: sentence, body: { kind: "missing", running: "", action: "report" } },
    ]);
    expect([target.started, told("take-back")]).toEqual([[], []]);
    expect(logged).toEqual(["workload missing", "workload missing"]);
    target.running = own;
    await audit();
    expect(told("intruder-gone").map(({ summary }) => summary)).toEqual([
      "What was approved is no longer missing there.",
    ]);
  });

  it("is another finding than what somebody put in its place before", async () => {
    const { target, audit, told, pass } = scene(undefined, intruder);
    await audit();
    target.running = {};
    pass(900);
    await audit();
    expect(told("intruder-found").map(({ body }) => [body["kind"], body["action"]])).toEqual([
      ["unapproved", "take-back"],
      ["missing", "report"],
    ]);
  });

  const lent: Promotion = {
    ...approved.promotion,
    id: promotionId(digestOf("lent"), 1),
    submittedAt: now,
    status: "loaned",
    loan: {
      terms: { seconds: 7200, incident: "https://incidents.example/1" },
      lenders: [],
      at: now,
      until: addSeconds(now, 7200),
      runningSince: now,
    },
  };

  it("is told of what is on loan, with what was approved before it, and once more when that serves again", async () => {
    const { target, audit, told, pass, logged } = scene([former.promotion, approved.promotion, lent], {});
    pass(3600);
    await audit();
    await audit();
    expect(told("intruder-found")).toMatchObject([
      {
        promotion: id,
        summary: `The endpoint 'credit-scoring' in production serves nothing: 1.4.0, which is loaned there until ${addSeconds(now, 7200)}, is gone, and nothing here took it away.`,
        body: { kind: "missing", running: "", action: "report" },
      },
    ]);
    expect(logged).toEqual(["workload missing", "workload missing"]);
    pass(3600);
    target.running = own;
    await audit();
    expect(told("intruder-gone")).toHaveLength(1);
  });

  it("is told with the loan itself where nothing was approved before", async () => {
    const { audit, told, pass } = scene([lent], {});
    pass(3600);
    await audit();
    expect(told("intruder-found").map(({ promotion, body }) => [promotion, body["kind"]])).toEqual([
      [lent.id, "missing"],
    ]);
  });

  const taken = { remedy: "stop", because: "drift", startedAt: now } as const;
  const newer: Promotion = { ...approved.promotion, id: promotionId(digestOf("newer"), 1), submittedAt: now };

  it.each<[string, readonly Promotion[], Running]>([
    ["it was taken back", [{ ...approved.promotion, status: "rolled-back" }], {}],
    ["its loan is over", [{ ...approved.promotion, status: "expired" }], {}],
    [
      "it is being taken out of service",
      [{ ...approved.promotion, status: "restricted", restriction: { ...restriction(), taken } }],
      {},
    ],
    [
      "it was taken out of service",
      [
        {
          ...approved.promotion,
          status: "restricted",
          restriction: { ...restriction(), taken: { ...taken, doneAt: now } },
        },
      ],
      {},
    ],
    ["the next one is being released", [approved.promotion, { ...newer, status: "deploying" }], {}],
    ["the next one runs on loan", [approved.promotion, { ...newer, status: "loaned" }], {}],
    ["the loan is not deployed yet", [approved.promotion, { ...lent, loan: without(lent) }], {}],
    [
      "the loan is over",
      [approved.promotion, { ...lent, loan: { ...loanOf(lent), until: addSeconds(now, 3600) } }],
      {},
    ],
    [
      "what is on loan goes back",
      [
        approved.promotion,
        { ...lent, deployment: { ...(lent.deployment ?? expect.unreachable()), rollBack: { at: now, why: "Ill." } } },
      ],
      {},
    ],
    ["what is on loan is being made again", [approved.promotion, lent], { changingTo: lent.id }],
    ["it is being made", [approved.promotion], { changingTo: id }],
    ["it fails", [approved.promotion], { ...own, broken: "No capacity." }],
  ])("is not told where %s", async (_, given, running) => {
    const { audit, told, pass } = scene(given, running);
    pass(3600);
    await audit();
    expect(told("intruder-found")).toEqual([]);
  });

  it("is told of the model alone that took the place last, where several share it", async () => {
    const fraud: Promotion = {
      ...newer,
      manifest: { ...manifest, model: { ...manifest.model, name: "fraud", version: "2.0.0" } },
      deployment: { ...(approved.promotion.deployment ?? expect.unreachable()), startedAt: addSeconds(now, 60) },
    };
    const shared = {
      ...strict,
      machines: machines.map((each) => ({ ...each, submits: ["credit-scoring", "fraud"] })),
      targets: { production: { ...targets.production, endpoint: "credit-scoring" } },
    };
    const { audit, told, pass } = scene([former.promotion, approved.promotion, fraud], {}, { policies: shared });
    pass(3600);
    await audit();
    expect(told("intruder-found").map(({ promotion }) => promotion)).toEqual([fraud.id]);
  });

  it("is told by nobody once the policies let the model come there no more: that is how whoever removes it says so", async () => {
    const { audit, told, pass } = scene(undefined, {}, { policies: { ...strict, machines, targets: {} } });
    pass(3600);
    await audit();
    expect(told("intruder-found")).toEqual([]);
  });
});
