import { describe, expect, it } from "vitest";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { FreezeManifest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { Target } from "../../../core/promotion/target.ts";
import { manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion, restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { approved, former, id, machines, own, scene, strict, targets } from "./audit-scene.ts";

const model = { ...manifest.model, name: "fraud" };
const elsewhere: Target = { ...manifest.target, endpoint: "fraud" };
const renamed: Target = { ...manifest.target, name: "staging" };
const startedAt = approved.promotion.deployment?.startedAt ?? expect.unreachable();

/** Of another model, approved for a place. */
const of = (target: Target = manifest.target, over: Partial<Promotion> = {}) =>
  approvedPromotion("2.0.0", {
    candidate: { model, target } as Partial<FreezeManifest>,
    over: { submittedAt: startedAt, ...over },
  });
const runs = ({ id: promotion }: Promotion): Running => ({ revision: promotion, promotion });

/** What is found where the two models may come, in one place or each in its own. */
async function found(
  given: readonly Awaited<ReturnType<typeof of>>[],
  running: Running,
  { endpoint = "credit-scoring", submits = ["credit-scoring", "fraud"] as readonly string[], later = 0 } = {},
) {
  const { audit, told, pass } = scene(
    given.map(({ promotion }) => promotion),
    running,
    {
      blobs: new MemoryBlobs(given.map(({ bytes }) => bytes)),
      policies: {
        ...strict,
        machines: machines.map((each) => ({ ...each, submits })),
        targets: { production: { ...targets.production, endpoint } },
      },
    },
  );
  pass(later);
  await audit();
  return told("intruder-found").map(({ promotion, body }) => [promotion, body["kind"]]);
}

describe("what another model's pipeline deployed", () => {
  it("is held against its own approvals where the two share a place", async () => {
    const fraud = await of();
    expect(await found([approved, fraud], runs(fraud.promotion), { submits: ["credit-scoring"] })).toEqual([]);
  });

  it.each([
    ["for another endpoint", elsewhere],
    ["for another target that leads there", renamed],
  ])("is found where it was approved %s", async (_, target) => {
    const fraud = await of(target);
    const unapproved = [[id, "unapproved"]];
    expect(await found([approved, fraud], runs(fraud.promotion), { submits: ["credit-scoring"] })).toEqual(unapproved);
  });

  it.each([
    ["for another endpoint", elsewhere],
    ["for another target that leads there", renamed],
  ])("is found beside a candidate where it was approved %s", async (_, target) => {
    const fraud = await of(target);
    const candidate = await approvedPromotion("1.5.0", { over: { status: "deploying", submittedAt: now } });
    const sharing = { ...runs(candidate.promotion), changingTo: candidate.promotion.id, beside: fraud.promotion.id };
    const submits = ["credit-scoring"];
    expect(await found([approved, candidate, fraud], sharing, { submits })).toEqual([[id, "unapproved"]]);
  });

  it("may serve where what was deployed there later is out of service", async () => {
    const taken = { remedy: "stop", because: "drift", startedAt: now, doneAt: now } as const;
    const stopped = { status: "restricted", restriction: restriction({ remedy: "stop", taken }) } as const;
    const began = approved.promotion.deployment ?? expect.unreachable();
    const deployment = { ...began, startedAt: addSeconds(startedAt, 60) };
    const last = { ...approved, promotion: { ...approved.promotion, ...stopped, deployment } };
    const fraud = await of();
    expect(await found([last, fraud], runs(fraud.promotion))).toEqual([]);
  });

  it("takes no place of what is missing in another one", async () => {
    const began = approved.promotion.deployment ?? expect.unreachable();
    const fraud = await of(elsewhere, { deployment: { ...began, startedAt: addSeconds(startedAt, 60) } });
    const missing = await found([approved, fraud], {}, { endpoint: "{model}", later: 900 });
    expect(missing).toContainEqual([id, "missing"]);
    const shared = await of(manifest.target, { deployment: { ...began, startedAt: addSeconds(startedAt, 60) } });
    expect(await found([approved, shared], {}, { later: 900 })).not.toContainEqual([id, "missing"]);
  });
});

describe("what gives way to what was approved", () => {
  const name = "credit-scoring-7c4f";
  const { deployment: _, ...never } = former.promotion;
  const away: Promotion = { ...former.promotion, manifest: { ...manifest, target: elsewhere } };

  async function givingWay(before: readonly Promotion[], why?: string) {
    const running = { ...own, givingWay: { name, promotion: former.promotion.id } };
    const { target, audit, told } = scene([...before, approved.promotion], running);
    const whyAlteredBeside = async ({ promotion }: { readonly promotion: string }) =>
      promotion === former.promotion.id ? why : undefined;
    Object.assign(target, { whyAlteredBeside });
    await audit();
    return told("intruder-found").map(({ body }) => [body["kind"], body["running"]]);
  }

  it("is nobody's concern where it ran there as it was approved", async () => {
    expect(await givingWay([former.promotion])).toEqual([]);
  });

  it.each<[string, Parameters<typeof givingWay>]>([
    ["calls itself what never was", [[]]],
    ["was never deployed", [[never]]],
    ["was approved for another place", [[away]]],
    ["is not what was approved", [[former.promotion], "Somebody changed its ReplicaSet."]],
  ])("is found where it %s", async (_, given) => {
    expect(await givingWay(...given)).toEqual([["unapproved", name]]);
  });
});

it("what ran before the first release is nobody's while that is on its way on loan, and found once it runs", async () => {
  const until = addSeconds(now, 7200);
  const terms = { seconds: 7200, incident: "https://incidents.example/1" };
  const lent = await approvedPromotion("1.4.0", { verdict: { lenders: [], at: now } });
  const { verdict = expect.unreachable(), ...promotion } = lent.promotion;
  const beside = async (more: object) => {
    const loan = { terms, lenders: [], at: now, until, verdict: { sha256: verdict.sha256, at: now }, ...more };
    const running = { ...runs(promotion), unknownBeside: "Revision models/scorer-1" };
    return found([{ ...lent, promotion: { ...promotion, status: "loaned", expiresAt: until, loan } }], running);
  };
  expect(await beside({})).toEqual([]);
  expect(await beside({ runningSince: now })).toEqual([[promotion.id, "unapproved"]]);
});
