import { describe, expect, it } from "vitest";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { Failure } from "../../../core/failure.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { KubernetesTarget, Target } from "../../../core/promotion/target.ts";
import {
  accountOf,
  inItsAccount,
  shadowedInItsAccount,
  stagedInItsAccount,
} from "../../../functions/targets/target-accounts.ts";
import { digestOf, id, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryShadow } from "../memory-shadow.ts";
import { MemoryTarget } from "../memory-target.ts";

const here = requireKind(manifest.target, "sagemaker-endpoint");
const account = {
  role: "arn:aws:iam::222233334444:role/in",
  externalId: "x-7",
  servingRole: "arn:aws:iam::222233334444:role/s",
};
const there = { ...here, account };
const inCluster: KubernetesTarget = {
  name: "cluster",
  kind: "kubernetes",
  endpoint: "credit-scoring",
  cluster: "ml-platform",
  namespace: "models",
  workload: "deployment",
  container: "scorer",
  fetcher: "registry.example/aws-cli",
  port: 8080,
  readinessPath: "/ping",
};
const model = { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") };
const release = releaseFor(there, "something");
const order = { promotion: id, target: there, image: "image", model, verdict: digestOf("verdict") } as ApprovedOrder;
const deployment: Deployment = { ...order, release };

/** Opens one target for ours and one for the other account, and notes for whom. */
function opening() {
  const targets = { ours: new MemoryTarget(), theirs: new MemoryTarget() };
  const opened: (readonly [string, PromotionId | undefined])[] = [];
  const open = async (target: Target, promotion?: PromotionId) => {
    const which = accountOf(target) === undefined ? "ours" : "theirs";
    opened.push([which, promotion]);
    return targets[which];
  };
  return { ...targets, opened, target: inItsAccount(open), staging: stagedInItsAccount(open) };
}

describe("a target in another account", () => {
  it("is spoken to there, in the name of the promotion wherever there is one", async () => {
    const { target, staging, theirs, ours, opened } = opening();
    await staging.stage(order);
    await staging.preflight(order, () => release);
    await target.preflight(order, () => release);
    await target.start(order, release);
    await target.check(deployment);
    await target.rollBack(deployment);
    await target.settle(deployment);
    await target.cleanUp(id, there);
    expect(opened).toEqual(Array.from({ length: 8 }, () => ["theirs", id]));
    await target.describeRunning(there);
    expect(opened.at(-1)).toEqual(["theirs", undefined]);
    expect([theirs.staged.length, theirs.started.length, theirs.rolledBack.length, theirs.cleaned.length]).toEqual([
      1, 1, 1, 1,
    ]);
    expect([ours.staged, ours.started, ours.rolledBack, ours.cleaned]).toEqual([[], [], [], []]);
  });

  it("is run in shadow of there too, where it is a cluster", async () => {
    const cluster = { ...inCluster, account: { role: account.role, externalId: account.externalId } };
    expect(accountOf(cluster)).toEqual(cluster.account);
    expect(accountOf(inCluster)).toBeUndefined();
    const [there, opened] = [new MemoryShadow(), [] as unknown[]];
    const shadow = shadowedInItsAccount(async (target, promotion) => {
      opened.push([target, promotion]);
      return there;
    });
    const shadowing = { promotion: id, target: cluster, run: { plan: digestOf("plan"), askedAt: now } };
    expect(await shadow.footing({ ...order, target: cluster })).toBe(there.possible);
    await shadow.start({ ...order, target: cluster }, "p-before");
    expect(there.started).toHaveLength(1);
    expect(await shadow.check({ ...order, ...shadowing })).toEqual({ kind: "running" });
    there.errors5xx = 2;
    expect(await shadow.measure(shadowing, now)).toMatchObject({ candidate: { errors5xx: 2 } });
    there.answered = [[0.1, 0.2]];
    for await (const answers of shadow.captured?.(shadowing, "candidate") ?? expect.unreachable())
      expect(fromUtf8(answers)).toContain('"0.2"');
    expect([await shadow.end(shadowing), there.ended]).toEqual(["gone", 1]);
    expect(opened).toEqual(Array.from({ length: 6 }, () => [cluster, id]));
  });

  it("leaves one in ours alone", async () => {
    const { target, ours, theirs } = opening();
    await target.start({ ...order, target: here } as ApprovedOrder, release);
    expect([ours.started.length, theirs.started.length]).toEqual([1, 0]);
  });

  it("that lets nobody in is changed by nothing", async () => {
    const denied = new Failure("deployment-refused", "The role does not let Countersign in.");
    const closed = inItsAccount(() => Promise.reject(denied));
    for (const call of [closed.start(order, release), closed.rollBack(deployment), closed.cleanUp(id, there)])
      expect(await refused(call)).toEqual({ code: "deployment-refused", sentence: denied.message });
  });
});
