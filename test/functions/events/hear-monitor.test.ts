import { describe, expect, it } from "vitest";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { plainRelease } from "../../../core/deployment/release.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import type { ServingAccount } from "../../../core/promotion/target.ts";
import { hearMonitor, type MonitoredJob } from "../../../functions/events/restrict/hear-monitor.ts";
import { digestOf, everybody, id, now, policy } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { deployedPromotion } from "../api/deployed-promotion.ts";
import { image } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

const job: MonitoredJob = {
  name: "model-monitoring-202611221200-0a1b2c",
  arn: "arn:aws:sagemaker:eu-central-1:111122223333:processing-job/model-monitoring-202611221200-0a1b2c",
  schedule: "arn:aws:sagemaker:eu-central-1:111122223333:monitoring-schedule/hourly",
  exitMessage: "CompletedWithViolations: Job completed successfully with 4 violations.",
  endpoint: "credit-scoring",
  from: "2026-11-22T11:00:00Z",
  until: "2026-11-22T12:00:00Z",
  outputs: ["s3://monitor/reports/1"],
};
const elsewhere: ServingAccount = {
  role: "arn:aws:iam::999999999999:role/countersign",
  externalId: "3141592653",
  servingRole: "arn:aws:iam::999999999999:role/serves",
};
const frozen = [{ name: "model.json", key: "frozen/model", versionId: "v1" }];

function scene(
  over: Partial<MonitoredJob> | "another kind of job" = {},
  given: readonly Promotion[] = [deployedPromotion({ frozen })],
  shared?: readonly string[],
  account?: ServingAccount,
  { serves = {}, endpoint = "{model}" }: { readonly serves?: Running; readonly endpoint?: string } = {},
) {
  const promotions = new MemoryPromotions(given);
  const blobs = new MemoryBlobs();
  const started: PromotionId[] = [];
  const logged: string[] = [];
  const hear = hearMonitor({
    now: () => now,
    log: (_, message) => void logged.push(message),
    policy,
    policies: {
      matrix: policy.matrix,
      machines: [
        { name: "ci", issuer: "ci", provider: "github", match: {}, submits: shared ?? ["credit-scoring"], reports: [] },
      ],
      targets: {
        production: {
          kind: "sagemaker-endpoint",
          endpoint: shared === undefined || shared.length === 0 ? endpoint : job.endpoint,
          instanceType: "ml.m5.large",
          instanceCount: 1,
          ...(account === undefined ? {} : { account }),
        },
      },
    },
    directory: memoryDirectory(everybody),
    promotions,
    blobs,
    start: async (promotion) => void started.push(promotion),
    targets: everyKind(new MemoryTarget(serves)),
    monitoringJob: async () => (over === "another kind of job" ? undefined : { ...job, ...over }),
  });
  return { promotions, blobs, started, logged, hear: () => hear(job.name), hearing: hear };
}

describe("a job of Model Monitor", () => {
  it.each<[string, readonly string[] | undefined, string]>([
    ["the target's file names another endpoint, for the next release", undefined, "{model}-blue"],
    ["no pipeline may submit the model any more", [], "{model}"],
  ])("restricts what serves where it was deployed, though %s", async (_, submits, endpoint) => {
    const given = [deployedPromotion({ frozen })];
    const serving = scene({}, given, submits, undefined, { serves: { revision: id, promotion: id }, endpoint });
    await serving.hear();
    expect([serving.promotions.stored(id).status, serving.logged]).toEqual(["restricted", []]);
    const another = scene({}, given, submits, undefined, { serves: { revision: "quick-fix" }, endpoint });
    await another.hear();
    expect([another.promotions.stored(id).status, another.logged]).toEqual([
      "deployed",
      ["monitored by somebody else"],
    ]);
    // By name it is one of ours, of another endpoint.
    const elsewhere = scene({ endpoint: "theirs" }, given, submits, undefined, { serves: { promotion: id }, endpoint });
    await elsewhere.hear();
    expect(elsewhere.promotions.stored(id).status).toBe("deployed");
  });

  it("that found violations restricts what the endpoint serves, with what it said as evidence, once", async () => {
    const { promotions, blobs, started, hear } = scene();
    await hear();
    // SageMaker tells of the end of a job more than once.
    await hear();
    const { restriction, status, history } = promotions.stored(id);
    expect(status).toBe("restricted");
    expect(history.at(-1)).toMatchObject({
      type: "drift",
      body: {
        by: { issuer: "https://sagemaker.amazonaws.com", subject: job.schedule },
        source: "Model Monitor, hourly",
        window: { from: "2026-11-22T11:00:00.000Z", until: "2026-11-22T12:00:00.000Z" },
      },
    });
    expect(started).toEqual([restriction?.reapproval, restriction?.reapproval]);
    expect(promotions.recordedFacts()).toEqual([]);
    const sha256 = restriction?.evidence.sha256;
    if (sha256 === undefined) return expect.unreachable();
    expect(JSON.parse(fromUtf8(await blobs.get(sha256)))).toMatchObject({ exitMessage: job.exitMessage, arn: job.arn });
  });

  it.each<[string, Parameters<typeof scene>, readonly string[]]>([
    ["is none of its own", ["another kind of job"], []],
    ["found nothing", [{ exitMessage: "Completed: Job completed successfully with no violations." }], []],
    ["looked at an endpoint of somebody else", [{ endpoint: "fraud" }], ["monitored by somebody else"]],
    [
      "looked at an endpoint here, where the model's is of the same name in another account",
      [{}, undefined, undefined, elsewhere],
      ["monitored by somebody else"],
    ],
    ["looked at what was never approved", [{}, []], ["drift of nothing that was approved"]],
  ])("that %s changes nothing", async (_, given, lines) => {
    const { promotions, logged, started, hear } = scene(...given);
    await hear();
    expect([promotions.moves, started, logged]).toEqual([[], [], lines]);
  });

  it("restricts what was deployed last where models share an endpoint", async () => {
    const since = (startedAt: Instant) => ({
      startedAt,
      serves: { image, model: { uri: "s3://artifacts/frozen/model.json", versionId: "v1", sha256: digestOf("model") } },
      release: plainRelease("something"),
    });
    const own = deployedPromotion({ frozen, deployment: since("2026-11-22T09:00:00.000Z" as Instant) });
    const fraud = deployedPromotion({
      id: promotionId(digestOf("fraud"), 1),
      manifest: { ...own.manifest, model: { ...own.manifest.model, name: "fraud" } },
      deployment: since("2026-11-22T09:01:00.000Z" as Instant),
    });
    const { promotions, hear } = scene({}, [own, fraud], ["credit-scoring", "fraud"]);
    await hear();
    expect([promotions.stored(id).status, promotions.stored(fraud.id).status]).toEqual(["deployed", "restricted"]);
  });

  it("is named by its event, or the event is refused", async () => {
    expect((await refused(scene().hearing(undefined))).code).toBe("invalid-request");
  });
});
