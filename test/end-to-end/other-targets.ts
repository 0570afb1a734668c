import { CreateModelPackageCommand, DescribeModelPackageCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { Webhook } from "standardwebhooks";
import { utf8 } from "../../core/encoding/bytes.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import { approval, ended, expect, promote, taken } from "../../examples/credit-scoring/demo/acts.ts";
import type { Cast } from "../../examples/credit-scoring/demo/cast.ts";
import { scoresFromEndpoint } from "../../examples/credit-scoring/demo/endpoint.ts";
import { result, type StoryResult } from "../../examples/credit-scoring/demo/stories.ts";
import { listenOnLoopback, readBody } from "../../local/loopback-server.ts";
import { outsideHeader } from "../../local/outside.ts";
import type { OutsideOptions } from "../../local/stack.ts";
import { archiveOf } from "../local/archive-of.ts";
import { AlteredAssembly } from "./altered-assembly.ts";
import { answersBucket, asynchronousGrants, asynchronousStories, asynchronousTarget } from "./asynchronous-target.ts";
import { clusterTargets, inShadow, type PreparedCluster, preparedCluster } from "./cluster-targets.ts";
import { componentStories, componentTarget } from "./component-target.ts";
import { composedRule } from "./composed-target.ts";

// Targets that a deployment has only with contexts of its own: told by webhooks, in another account, with a Model Registry, serverless, on shared instances, from a queue.

export const targetSecretArn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:targets-a1b2c3";
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const address = "https://partner.example/deployments";
const account = "arn:aws:iam::222233334444";
const externalId = "of-the-bank-7";
/** Who calls in the sessions of that account's role. */
export const inOtherAccount = "OTHERACCOUNT";
export const otherRole = { arn: `${account}:role/countersign-deploys`, externalId, principal: inOtherAccount } as const;
const group = "credit-scoring";

const targets = `
  partner:
    kind: webhook
    endpoint: "partner/{model}"
    url: ${address}
    secret: partner
    within: 1h
  registered:
    kind: sagemaker-endpoint
    endpoint: "{model}-registered"
    instanceType: ml.m5.large
    instanceCount: 1
    registry: arn:aws:sagemaker:us-east-1:000000000000:model-package-group/{model}
  elsewhere:
    kind: sagemaker-endpoint
    endpoint: "{model}-elsewhere"
    instanceType: ml.m5.large
    instanceCount: 1
    account:
      role: ${otherRole.arn}
      externalId: ${externalId}
      servingRole: ${account}:role/countersign-serving
  serverless:
    kind: sagemaker-endpoint
    endpoint: "{model}-serverless"
    serverless: { memoryMegabytes: 2048, maxConcurrency: 5 }
    traffic: all-at-once
    network: open${componentTarget}${asynchronousTarget}
${clusterTargets(`{ role: "${otherRole.arn}", externalId: ${externalId} }`)}`;

const more: Readonly<Record<string, string>> = { gitops: inShadow, composed: composedRule };
const rule = (target: string): string => `
  - modelType: credit-scoring
    target: ${target}
    expiresAfter: 5d${more[target] ?? ""}
    stages: [{ name: operations, requires: { role: sre } }]
`;

/** Nobody knows the machines of clusters, nor of whoever is told by webhooks, so no model is weighed against them. */
const thresholds = (target: string): string => `
  - modelType: credit-scoring
    target: ${target}
    artifacts: [model, environment, training-data, infrastructure]
    evidence: [model-quality]
    quality: { auc: { min: 0.72 } }
`;

/** The deployment as it would be with these targets. */
export function withOtherTargets(folder: string): AlteredAssembly {
  const altered = new AlteredAssembly(folder);
  altered.changePolicy("targets.yaml", "\ntargets:", `\ntargets:${targets}`);
  altered.changePolicy(
    "matrix.yaml",
    "\nrules:\n",
    `\nrules:\n${["partner", "registered", "elsewhere", "serverless", "component", "asynchronous", "gitops", "composed", "theirs"].map(rule).join("")}`,
  );
  altered.changePolicy(
    "thresholds.yaml",
    "\nrules:\n",
    `\nrules:\n${["partner", "gitops", "composed", "theirs"].map(thresholds).join("")}`,
  );
  altered.letReach(targetSecretArn, otherRole.arn);
  altered.letServe(answersBucket, asynchronousGrants);
  return altered;
}

/** The other ends of those targets. */
export interface OtherEnds extends PreparedCluster {
  readonly outside: OutsideOptions;
  /** What the partner was told beside being asked what runs: type and promotion, in order. */
  readonly told: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** A receiver that verifies each message by the library of the standard, deploys at once, and says so to `portal()`. */
export async function startOtherEnds(portal: () => string): Promise<OtherEnds> {
  const told: string[] = [];
  let running: { readonly revision?: string; readonly promotion?: string } = {};
  const webhook = new Webhook(secret);
  const server = await listenOnLoopback(async (request, response) => {
    const body = (await readBody(request, 1_000_000))?.toString("utf8") ?? "";
    if (request.headers[outsideHeader] !== address) return void response.writeHead(404).end();
    const { type, data } = webhook.verify(body, request.headers as Record<string, string>) as {
      readonly type: string;
      readonly data: { readonly promotion: string };
    };
    if (type !== "deployment.describe") told.push(`${type} ${data.promotion}`);
    if (type === "deployment.requested") {
      running = { revision: `of ${data.promotion}`, promotion: data.promotion };
      // Once it is known to have been told.
      response.once("close", () => void reportBack(portal(), data.promotion, webhook));
    }
    response.writeHead(200).end(JSON.stringify(type === "deployment.describe" ? running : {}));
  });
  const secrets = { [targetSecretArn]: { partner: secret } };
  return {
    ...preparedCluster(inOtherAccount),
    outside: { receivers: server.url, secrets, roles: [otherRole] },
    told: () => told,
    close: server.close,
  };
}

/** The receiver's report, signed as what it is told is; answers the status. */
async function reportBack(portal: string, promotion: string, webhook: Webhook): Promise<number> {
  const body = JSON.stringify({ promotion, outcome: "deployed", detail: "The partner runs it." });
  const [id, at] = [`msg_${promotion}_report`, new Date()];
  const answer = await fetch(`${portal}/v1/promotions/${promotion}/deployment`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": webhook.sign(id, at, body),
    },
    body,
  });
  return answer.status;
}

/** Whoever can deploy is told by a signed message, and signs what came of it; what somebody else signs counts for nothing. */
async function webhook(cast: Cast): Promise<StoryResult> {
  const { id } = await promote(cast, "champion", "5.0.0", undefined, "partner");
  await signedByOperations(cast, id);
  const promotion = await ended(cast, id, "deployed");
  const forged = await reportBack(
    cast.stack.addresses.portal,
    id,
    new Webhook(`whsec_${Buffer.alloc(32, 8).toString("base64")}`),
  );
  expect(forged === 401, `a report with another secret is refused, not answered ${forged}`);
  const reported = promotion.timeline.find(({ type }) => type === "deployment-reported");
  return { ...result("webhook", promotion), explanation: reported?.summary ?? "" };
}

/** The version in the Model Registry is approved at quorum with the verdict's digest, and another is rejected with its candidate. */
async function registry(cast: Cast): Promise<StoryResult> {
  const sagemaker = new SageMakerClient({
    endpoint: cast.stack.addresses.sagemaker,
    region: "us-east-1",
    credentials: { accessKeyId: "CIPIPELINE", secretAccessKey: "unused" },
  });
  const registered = async (version: string): Promise<string> => {
    const text = buildCandidate("champion", undefined, version).get("model.json") ?? "";
    const CustomerMetadataProperties = { "countersign-model-sha256": sha256Hex(utf8(text)) };
    const made = await sagemaker.send(
      new CreateModelPackageCommand({ ModelPackageGroupName: group, CustomerMetadataProperties }),
    );
    return made.ModelPackageArn ?? "";
  };
  const stands = async (ModelPackageName: string) => {
    const { ModelApprovalStatus: status, CustomerMetadataProperties: properties = {} } = await sagemaker.send(
      new DescribeModelPackageCommand({ ModelPackageName }),
    );
    return { status, verdict: properties["countersign-verdict"] };
  };
  const first = await registered("1");
  const approved = await promote(cast, "champion", "1", undefined, "registered");
  expect((await stands(first)).status === "PendingManualApproval", "nothing is approved before quorum");
  await signedByOperations(cast, approved.id);
  const promotion = await ended(cast, approved.id, "deployed");
  const after = await stands(first);
  expect(
    after.status === "Approved" && after.verdict === promotion.verdict?.sha256,
    `it is approved with the verdict's digest: ${JSON.stringify(after)}`,
  );
  const second = await registered("2");
  const { id } = await promote(cast, "champion", "2", undefined, "registered");
  await taken(cast.reliabilityEngineer.decide(id, { result: "reject", reason: "Not this week.", roles: ["sre"] }));
  await ended(cast, id, "rejected");
  const rejected = await stands(second);
  expect(rejected.status === "Rejected", `the other is rejected, not ${rejected.status}`);
  return result("registry", promotion);
}

/** Into another account by its role: the session is named and tagged after the promotion. */
async function otherAccount(cast: Cast): Promise<StoryResult> {
  const { id } = await promote(cast, "champion", "6.0.0", undefined, "elsewhere");
  await signedByOperations(cast, id);
  const promotion = await ended(cast, id, "deployed");
  const { version } = await scoresFromEndpoint(cast.stack, "credit-scoring-elsewhere");
  expect(version === "6.0.0", `the endpoint there serves 6.0.0, not ${version}`);
  return result("other-account", promotion);
}

/** An endpoint without machines, whose all-at-once is said by name, and whose model is a gzipped tar. */
async function serverless(cast: Cast): Promise<StoryResult> {
  const bare = await cast.pipeline.submit(
    buildCandidate("champion", undefined, "9.0.0"),
    "9.0.0",
    undefined,
    "serverless",
  );
  const blocked = await ended(cast, String(bare.body["id"]), "blocked");
  expect(blocked.reason?.includes("as a gzipped tar alone") === true, `it is blocked for its name: ${blocked.reason}`);
  const { id } = await packed(cast, "9.0.0");
  await cast.pipeline.until(id, "the review", ({ stage }) => stage?.open === true);
  await signedByOperations(cast, id);
  const promotion = await ended(cast, id, "deployed");
  const { version } = await scoresFromEndpoint(cast.stack, "credit-scoring-serverless");
  expect(version === "9.0.0", `the endpoint serves 9.0.0, not ${version}`);
  return result("serverless", promotion);
}

/** Submits a version whose model is in an archive, as a training job leaves it. */
async function packed({ pipeline }: Cast, version: string): Promise<{ readonly id: string }> {
  const files = buildCandidate("champion", undefined, version);
  const archive = await archiveOf({ "model.json": files.get("model.json") ?? "" });
  const name = "model.tar.gz";
  const run = pipeline.nextRun();
  const versions = await pipeline.upload(new Map<string, string | Uint8Array>([...files, [name, archive]]), run);
  const request = pipeline.requestFor(files, version, run, versions);
  const artifacts = request.artifacts.map((each) =>
    each.role !== "model"
      ? each
      : {
          role: each.role,
          name,
          mediaType: "application/gzip",
          uri: each.uri.replace(each.name, name),
          versionId: versions.get(name) ?? "",
          size: archive.length,
          sha256: sha256Hex(archive),
        },
  );
  const { body } = await pipeline.post("/v1/promotions", { ...request, artifacts, target: "serverless" }, () =>
    pipeline.token(run),
  );
  return { id: String(body["id"]) };
}

async function signedByOperations(cast: Cast, id: string): Promise<void> {
  await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
}

/** Each of a target of its own, so that they run beside each other. */
export const storiesOfOtherTargets = [
  { webhook },
  { registry },
  { "other-account": otherAccount },
  { serverless },
  componentStories,
  asynchronousStories,
] as const;
