import { beforeEach, describe, expect, it, vi } from "vitest";
import { answeringRevisions } from "../../../adapters/kubernetes/canary-share.ts";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { stateIn } from "../../../adapters/kubernetes/state-in.ts";
import { memberOf, pods, revisions, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { judged } from "../../../adapters/kubernetes/workload-standing.ts";
import type { Deployment, Progress } from "../../../core/deployment/deployment-target.ts";
import { plainRelease, releaseFor } from "../../../core/deployment/release.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { localCluster } from "../../local/kubernetes/setup.ts";
import { deployment, service as direct, order, release, servedBy, settledIn } from "./releases.ts";

const cluster = localCluster();
const target: KubernetesTarget = {
  ...direct,
  traffic: { kind: "all-at-once", waitSeconds: 0 },
};
const kubernetes = kubernetesTarget(() => cluster.as());
const part = releaseFor(target, "something", { share: { percent: 10, forSeconds: 3600 } });

beforeEach(() => {
  cluster.kubernetes.remove(workloadKinds["inference-service"].resource, "models", "credit-scoring");
});

describe("an InferenceService that holds a part of the requests", () => {
  it("gives it to the new revision, then the next part, then all of them", async () => {
    const next = await begun();
    expect(await shared(next)).toMatchObject({
      kind: "sharing",
      percent: 10,
      why: "The InferenceService 'models/credit-scoring' answers 10 percent of the requests with the approved model.",
    });
    expect(await servedBy(cluster.kubernetes)).toBe("champion");
    const [candidate, champion] = [next.promotion, order("champion").promotion];
    expect(await kubernetes.describeRunning(target)).toMatchObject({
      ...{ promotion: candidate, changingTo: candidate, beside: champion },
    });
    await kubernetes.shift?.(next, 50);
    await vi.waitFor(
      async () => expect(await kubernetes.check(next)).toMatchObject({ kind: "sharing", percent: 50 }),
      15_000,
    );
    await kubernetes.shift?.(next, "all");
    await vi.waitFor(async () => expect((await kubernetes.check(next)).kind).toBe("serving"), 15_000);
    expect(await servedBy(cluster.kubernetes)).toBe("candidate");
    expect(predictor()).not.toHaveProperty("canaryTrafficPercent");
    const alone = await kubernetes.describeRunning(target);
    expect([alone.promotion, alone.changingTo, alone.beside]).toEqual([candidate, undefined, undefined]);
    // Whoever comes late changes nothing.
    await kubernetes.shift?.(next, 50);
    expect((await kubernetes.check(next)).kind).toBe("serving");
  });

  it("gives all requests back to the revision that had the others, and keeps what ran before by itself again", async () => {
    const next = await begun();
    await shared(next);
    await kubernetes.rollBack(next);
    expect(predictor()["canaryTrafficPercent"]).toBe(0);
    await vi.waitFor(
      async () => expect(await kubernetes.check(next)).toMatchObject({ kind: "sharing", percent: 0 }),
      15_000,
    );
    await kubernetes.rollBack(next);
    expect((await settledIn(kubernetes, next)).kind).toBe("returned");
    expect(predictor()).not.toHaveProperty("canaryTrafficPercent");
    expect(await servedBy(cluster.kubernetes)).toBe("champion");
  });

  it("is seen beside a revision that has no pods at the moment, and beside one that nobody approved", async () => {
    const next = await begun();
    await shared(next);
    for (const pod of await (await cluster.as()).list(pods, "models", "countersign.example/model=true"))
      cluster.kubernetes.remove(pods, "models", String(memberOf(pod, "metadata")["name"]));
    const champion = order("champion").promotion;
    expect(await kubernetes.describeRunning(target)).toMatchObject({ beside: champion });
    expect(await kubernetes.whyAlteredBeside?.(deployment("champion", target))).toBeUndefined();
    const [{ name: own } = { name: "" }] = answeringRevisions(service() ?? {});
    const was = cluster.kubernetes.read("serving.knative.dev/v1", "Revision", "models", own) ?? {};
    const { annotations, labels } = memberOf(was, "metadata");
    const forged = (over: KubernetesObject, as = labels) => {
      cluster.kubernetes.remove(revisions, "models", own);
      const metadata = { name: own, namespace: "models", annotations: annotations ?? {}, labels: as ?? {} };
      const spec = { ...memberOf(was, "spec"), ...over };
      const known = { apiVersion: "serving.knative.dev/v1", kind: "Revision" };
      cluster.kubernetes.apply(JSON.stringify({ ...known, metadata, spec }));
    };
    forged({ containers: [{ name: "kserve-container", image: "legacy.example/scorer:1" }] });
    expect(await kubernetes.whyAlteredBeside?.(deployment("champion", target))).toBe(
      `The Revision models/${own} answers beside what is asked for, and is not what was approved any more: somebody changed it.`,
    );
    forged({}, {});
    const unknown = await kubernetes.describeRunning(target);
    expect([unknown.beside, unknown.unknownBeside]).toEqual([undefined, `Revision models/${own}`]);
  });

  it("goes back where KServe gives the other requests to something else than what ran before", async () => {
    const next = await begun();
    expect((await shared(next)).kind).toBe("sharing");
    const [{ name: own } = { name: "" }] = answeringRevisions(service() ?? {});
    const was = cluster.kubernetes.read("serving.knative.dev/v1", "Revision", "models", own) ?? {};
    const { annotations = {}, labels = {} } = memberOf(was, "metadata");
    const metadata = { name: own, namespace: "models", annotations, labels };
    const known = { apiVersion: "serving.knative.dev/v1", kind: "Revision" };
    const asked = JSON.stringify({ ...known, metadata, spec: memberOf(was, "spec") });
    cluster.kubernetes.remove(revisions, "models", own);
    cluster.kubernetes.apply(asked.replaceAll(order("champion").model.sha256, order("broken").model.sha256));
    expect(await kubernetes.check(next)).toMatchObject({
      kind: "unhealthy",
      why: `The Revision models/${own} answers the other requests, and is not what ran before.`,
    });
  });

  it("is seen with the part that somebody else gave it", async () => {
    const next = await begun();
    await shared(next);
    byHand({ predictor: { canaryTrafficPercent: 90 } });
    await vi.waitFor(
      async () => expect(await kubernetes.check(next)).toMatchObject({ kind: "sharing", percent: 90 }),
      15_000,
    );
  });

  it("is on its way to its part for as long as Knative gives another", async () => {
    const next = await begun();
    await shared(next);
    const asked = service();
    const state = await stateIn(await cluster.as(), target, asked);
    expect(judged(next, target, asked, state, undefined)).toMatchObject({ kind: "sharing", percent: 10 });
    const given = JSON.parse(JSON.stringify(asked).replace(/"percent":10\b/, '"percent":60'));
    expect(judged(next, target, given, state, undefined)).toEqual({
      kind: "under-way",
      why: "The InferenceService 'models/credit-scoring' is on its way to 10 percent of the requests.",
    });
  });

  it.each([
    ["where its part is ours to write", target],
    ["where it is its own", direct],
  ])(
    "is altered, and put right, where somebody sends the requests back to an earlier revision: %s",
    async (_, where) => {
      const plain = plainRelease("something");
      const alone = deployment("candidate", where, plain);
      await kubernetes.start(order("champion", where), release);
      await settledIn(kubernetes, deployment("champion", where));
      await kubernetes.start(order("candidate", where), plain);
      expect((await settledIn(kubernetes, alone)).kind).toBe("serving");
      byHand({ predictor: { canaryTrafficPercent: 0 } });
      expect(await settledIn(kubernetes, alone)).toMatchObject({
        kind: "unhealthy",
        why: "The InferenceService 'models/credit-scoring' leaves requests with an earlier revision: somebody changed it.",
      });
      await kubernetes.start(order("candidate", where), plain);
      expect(predictor()).not.toHaveProperty("canaryTrafficPercent");
      expect((await settledIn(kubernetes, alone)).kind).toBe("serving");
    },
  );

  it("is refused where KServe splits no requests", async () => {
    byHand({ predictor: { containers: [{ name: "kserve-container", image: "legacy.example/scorer:1" }] } });
    expect(await kubernetes.preflight(order("candidate", target), () => part)).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("without Knative, KServe splits no requests"),
    });
  });
});

/** The champion serves, and the candidate was asked for with a part of the requests. */
async function begun(): Promise<Deployment> {
  await kubernetes.start(order("champion", target), release);
  await settledIn(kubernetes, deployment("champion", target));
  const { revision: previous = "" } = await kubernetes.describeRunning(target);
  expect(await kubernetes.preflight(order("candidate", target), () => part)).toMatchObject({ kind: "possible" });
  await kubernetes.start(order("candidate", target), part);
  return { ...deployment("candidate", target, part), previous };
}

function shared(of: Deployment): Promise<Progress> {
  return settledIn(kubernetes, of);
}

function byHand(spec: KubernetesObject): void {
  const metadata = { name: "credit-scoring", namespace: "models" };
  const document = { apiVersion: "serving.kserve.io/v1beta1", kind: "InferenceService", metadata, spec };
  cluster.kubernetes.apply(JSON.stringify(document));
}

function predictor(): KubernetesObject {
  const service = cluster.kubernetes.read("serving.kserve.io/v1beta1", "InferenceService", "models", "credit-scoring");
  return memberOf(memberOf(service ?? {}, "spec"), "predictor");
}

function service(): KubernetesObject | undefined {
  return cluster.kubernetes.read("serving.kserve.io/v1beta1", "InferenceService", "models", "credit-scoring");
}
