import { describe, expect, it } from "vitest";
import type { DeploymentTarget, Running } from "../../../core/deployment/deployment-target.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { knownLanes } from "../../../functions/running/known-lanes.ts";
import { looksWhereFound, noTarget } from "../../../functions/schedules/audit-running/look-where-found.ts";
import { manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind } from "../memory-target.ts";
import { mock } from "../mock.ts";
import { approved, id, machines, strict, targets } from "./audit-scene.ts";

const place = { kind: "sagemaker-endpoint", target: "production", endpoint: "credit-scoring" };
const lanes = knownLanes({ ...strict, machines, targets });

/** What was found in a place, of a promotion or of none. */
function finding(over: Partial<typeof place> = {}, promotion?: PromotionId, number = 1): Fact {
  const { target, endpoint } = { ...place, ...over };
  const begins = promotion === undefined ? `installation/intruder/${target}` : `${promotion}/intruder`;
  return {
    ...{ id: `${begins}/${endpoint}/${number}`, type: "intruder-found", at: now, summary: "", attachments: [] },
    ...(promotion === undefined ? {} : { promotion }),
    body: { kind: "unapproved", place: { ...place, ...over } },
  };
}

/** Where it was looked, and what was told to be gone. */
async function looked(
  found: Fact,
  running: Running = {},
  { since = [found] as readonly Fact[], known = [approved.promotion] } = {},
) {
  const promotions = new MemoryPromotions(known);
  for (const fact of since) await promotions.recordFact(fact);
  const asked: string[] = [];
  const describeRunning: DeploymentTarget["describeRunning"] = async ({ name, endpoint }) => {
    asked.push(`${name}/${endpoint}`);
    return running;
  };
  const look = looksWhereFound({
    targets: everyKind(mock<DeploymentTarget>("target", { describeRunning })),
    promotions,
    now: () => addSeconds(now, 900),
  });
  await look(found, lanes);
  const gone = promotions.recordedFacts().filter(({ type }) => type === "intruder-gone");
  return { asked, gone: gone.map(({ id: each }) => each) };
}

describe("what was found", () => {
  it("before anything was approved there is looked at under its target, and told to be gone", async () => {
    const found = finding();
    expect(await looked(found)).toEqual({ asked: ["production/credit-scoring"], gone: [`${found.id}/gone`] });
  });

  it("at an endpoint here of which no target speaks is looked at there", async () => {
    const found = finding({ target: noTarget, endpoint: "theirs" });
    expect(await looked(found)).toEqual({ asked: ["/theirs"], gone: [`${found.id}/gone`] });
  });

  it("of a promotion at an endpoint here is looked at there, though a target in another account has its name", async () => {
    const found = finding({ target: noTarget }, id);
    expect(await looked(found)).toEqual({ asked: ["/credit-scoring"], gone: [`${found.id}/gone`] });
  });

  it.each<[string, Fact]>([
    ["is of a promotion, and a target speaks of the place", finding({}, id)],
    ["was in a target of another kind", finding({ kind: "kubernetes" })],
    ["was in a target that is no more", finding({ target: "retired" })],
    ["was of no target, and at no endpoint of SageMaker", finding({ target: noTarget, kind: "kubernetes" })],
    ["does not say where", { ...finding(), body: { kind: "unapproved" } }],
  ])("is not looked at here where it %s", async (_, found) => {
    expect(await looked(found)).toEqual({ asked: [], gone: [] });
  });

  it("of a promotion is not looked at here either in the place that it was approved for, which its target left", async () => {
    const target = { ...manifest.target, endpoint: "former" };
    const left = { ...approved.promotion, manifest: { ...manifest, target } };
    expect((await looked(finding({ endpoint: "former" }, id), {}, { known: [left] })).asked).toEqual([]);
    expect((await looked(finding({ endpoint: "former" }, id))).asked).toEqual(["production/former"]);
    expect((await looked(finding({ endpoint: "former" }, id), {}, { known: [] })).asked).toEqual(["production/former"]);
  });

  const beside = finding({ endpoint: "theirs" }, id);

  it.each<[string, Running]>([
    ["nothing runs there", {}],
    ["something else does", { revision: "somebody-elses" }],
  ])("of a promotion is gone where %s", async (_, running) => {
    expect((await looked(beside, running)).gone).toEqual([`${beside.id}/gone`]);
  });

  it.each<[string, Running]>([
    ["it runs there", { revision: "r", promotion: id }],
    ["it is on its way there", { revision: "r", changingTo: id }],
    ["it answers beside something else", { revision: "r", beside: id }],
    ["it answers until something else has come", { revision: "r", givingWay: { name: "old", promotion: id } }],
  ])("of a promotion stands while %s", async (_, running) => {
    expect((await looked(beside, running)).gone).toEqual([]);
  });

  it("of no promotion stands while anything runs there, or is on its way", async () => {
    expect((await looked(finding(), { revision: "r" })).gone).toEqual([]);
    expect((await looked(finding(), { changingTo: "somebody-elses" })).gone).toEqual([]);
  });

  it("is told to be gone by its latest finding alone, however far behind the list of all of them is", async () => {
    const later = finding({ endpoint: "theirs" }, id, 2);
    expect((await looked(beside, {}, { since: [beside, later] })).gone).toEqual([]);
    expect((await looked(later, {}, { since: [beside, later] })).gone).toEqual([`${later.id}/gone`]);
  });
});
