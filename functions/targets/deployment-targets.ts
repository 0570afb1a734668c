import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EKSClient } from "@aws-sdk/client-eks";
import type { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { cloudWatchAlarms } from "../../adapters/cloudwatch/alarms.ts";
import { variantMeasures } from "../../adapters/cloudwatch/variant-measures.ts";
import { httpExchange } from "../../adapters/http/exchange.ts";
import type { ReadCaptures } from "../../adapters/kubernetes/captured-answers.ts";
import { openCluster } from "../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget, type OpenCluster } from "../../adapters/kubernetes/deployment-target.ts";
import { eksAccess } from "../../adapters/kubernetes/eks-access.ts";
import { kubernetesShadow } from "../../adapters/kubernetes/shadow.ts";
import { type PipelineReports, pipelineTarget } from "../../adapters/pipeline/deployment-target.ts";
import { capturedFiles } from "../../adapters/s3/captured-files.ts";
import { componentTarget } from "../../adapters/sagemaker/component.ts";
import { componentStaging } from "../../adapters/sagemaker/component-staged.ts";
import { sagemakerTarget } from "../../adapters/sagemaker/endpoint.ts";
import type { Hosting } from "../../adapters/sagemaker/hosting.ts";
import { listEndpoints } from "../../adapters/sagemaker/list-endpoints.ts";
import { modelPackages } from "../../adapters/sagemaker/model-package.ts";
import { monitoringJob } from "../../adapters/sagemaker/monitoring-job.ts";
import { refusedByQuota } from "../../adapters/sagemaker/quota.ts";
import { registered, registeredStaging } from "../../adapters/sagemaker/registered.ts";
import { sagemakerShadow } from "../../adapters/sagemaker/shadow.ts";
import { endShadow } from "../../adapters/sagemaker/shadow-end.ts";
import { sagemakerStaging } from "../../adapters/sagemaker/staged.ts";
import type { SessionCredentials } from "../../adapters/sts/target-sessions.ts";
import { webhookTarget } from "../../adapters/webhooks/deployment-target.ts";
import type { DeploymentTarget, StagingTarget } from "../../core/deployment/deployment-target.ts";
import type { ShadowTarget } from "../../core/deployment/shadow-target.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import type { Json } from "../../core/encoding/canonical-json.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { accountNumber } from "../../core/promotion/account-number.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { DeployedKind, Target } from "../../core/promotion/target.ts";
import { now } from "../clock.ts";
import { orUnavailable } from "../unavailable.ts";
import { accountSessions, inSession } from "./account-sessions.ts";
import type { DeployingStep } from "./session-actions.ts";
import { accountOf, inItsAccount, shadowedInItsAccount, stagedInItsAccount } from "./target-accounts.ts";
import { targetSecrets } from "./target-secrets.ts";

/** Every kind of target that policies/targets.yaml knows, with what deploys to it. */
export type DeploymentTargets = Readonly<Record<DeployedKind, DeploymentTarget>>;
export type StagingTargets = Readonly<Record<DeployedKind, StagingTarget>>;

/** A receiver has no more time than this to answer. */
const patienceMilliseconds = 10_000;

/** Of the kinds of target that SageMaker hosts. */
const hostedTargets = {
  "sagemaker-endpoint": sagemakerTarget,
  "sagemaker-inference-component": componentTarget,
} as const;
const hostedStaging = {
  "sagemaker-endpoint": sagemakerStaging,
  "sagemaker-inference-component": componentStaging,
} as const;
type HostedKind = keyof typeof hostedTargets;

/** What the targets speak with beside AWS. */
export interface TargetMeans {
  readonly step: DeployingStep;
  readonly reports: PipelineReports;
  readonly hosting: Hosting;
  /** Of the targets' own secrets. */
  readonly secretId: string;
  /** Documents of the ledger; only the function that deploys hands any on. */
  readonly documents?: { get(sha256: Sha256): Promise<Uint8Array> };
}

/** With what a function's environment names. */
export function hostingOf(env: { readonly SERVING_ROLE_ARN: string; readonly EXCHANGE_BUCKET: string }): Hosting {
  return { servingRoleArn: env.SERVING_ROLE_ARN, captures: `s3://${env.EXCHANGE_BUCKET}/shadow` };
}

export function deploymentTargets(means: TargetMeans): DeploymentTargets {
  const hosted = (kind: HostedKind) =>
    inItsAccount(
      ofEachAccount(means.step, (session) => {
        const client = sageMaker(session);
        const target = hostedTargets[kind](client, cloudWatchAlarms(cloudWatch(session)), hostingIn(session, means));
        return registered(target, modelPackages(client));
      }),
    );
  return {
    "sagemaker-endpoint": hosted("sagemaker-endpoint"),
    "sagemaker-inference-component": hosted("sagemaker-inference-component"),
    kubernetes: clusterTarget(means.step),
    pipeline: pipelineTarget(means.reports, now),
    webhook: webhooks(means),
  };
}

export function stagingTargets(means: TargetMeans): StagingTargets {
  const hosted = (kind: HostedKind) =>
    stagedInItsAccount(
      ofEachAccount(means.step, (session) => {
        const client = sageMaker(session);
        return registeredStaging(hostedStaging[kind](client, hostingIn(session, means)), modelPackages(client));
      }),
    );
  return {
    "sagemaker-endpoint": hosted("sagemaker-endpoint"),
    "sagemaker-inference-component": hosted("sagemaker-inference-component"),
    // Nothing of it is made before people are asked: the function that stages may only look.
    kubernetes: { ...clusterTarget(means.step), stage: () => Promise.resolve(undefined) },
    pipeline: { ...pipelineTarget(means.reports, now), stage: () => Promise.resolve(undefined) },
    webhook: { ...webhooks(means), stage: () => Promise.resolve(undefined) },
  };
}

function webhooks({ reports, secretId, documents }: TargetMeans): DeploymentTarget {
  return webhookTarget({
    exchange: httpExchange(patienceMilliseconds),
    secret: targetSecrets(secretId),
    nowMs: () => Date.now(),
    reports,
    verdict: async (sha256) => {
      if (documents === undefined) throw new Failure("internal", "Nothing is deployed by this function.");
      return JSON.parse(fromUtf8(await documents.get(sha256))) as Json;
    },
  });
}

/** Names of all endpoints that there are. */
export function everyEndpoint(): () => Promise<readonly string[]> {
  const client = sageMaker(undefined);
  return () => listEndpoints(client);
}

/** What jobs of Model Monitor come to. */
export function monitoringJobs(): (name: string) => ReturnType<typeof monitoringJob> {
  const client = sageMaker(undefined);
  return (name) => monitoringJob(client, name);
}

/** Where a candidate can run in shadow. */
export function shadowTargets(s3: S3Client, hosting: Hosting): Readonly<Partial<Record<DeployedKind, ShadowTarget>>> {
  const files = capturedFiles(s3);
  return {
    "sagemaker-endpoint": shadowedInItsAccount(
      ofEachAccount("run-in-shadow", (session) =>
        sagemakerShadow(sageMaker(session), hostingIn(session, { hosting }), {
          measures: variantMeasures(cloudWatch(session)),
          files,
        }),
      ),
    ),
    kubernetes: clusterShadow("run-in-shadow", (below, from, until) =>
      files(`${hosting.captures}/clusters/${below}`, [from, until]),
    ),
  };
}

/** What ends a run in shadow that its promotion did not get to the end of. */
export function shadowEnds(): Readonly<Partial<Record<DeployedKind, Pick<ShadowTarget, "end">>>> {
  const clientFor = ofEachAccount("clean-up", sageMaker);
  return {
    "sagemaker-endpoint": {
      end: async (shadowing) => endShadow(await clientFor(shadowing.target, shadowing.promotion), shadowing),
    },
    kubernetes: clusterShadow("clean-up"),
  };
}

function clusterTarget(step: DeployingStep): DeploymentTarget {
  return inItsAccount(ofEachAccount(step, (session) => kubernetesTarget(clusters(session))));
}

function clusterShadow(step: DeployingStep, captures?: ReadCaptures): ShadowTarget {
  return shadowedInItsAccount(ofEachAccount(step, (session) => kubernetesShadow(clusters(session), captures)));
}

/** What is opened once for ours, and for another account whenever something is done there, in the promotion's name. */
function ofEachAccount<Port>(step: DeployingStep, open: (session?: AccountClients) => Port) {
  const [here, sessions] = [open(), accountSessions(step)];
  return async (target: Target, promotion?: PromotionId): Promise<Port> => {
    const account = accountOf(target);
    return account === undefined
      ? here
      : open({ account: accountNumber(account) ?? "", credentials: await sessions(account, promotion) });
  };
}

/** What is captured in another account has a place of its own, which no other account may write to. */
function hostingIn(session: AccountClients | undefined, { hosting }: Pick<TargetMeans, "hosting">): Hosting {
  return session === undefined ? hosting : { ...hosting, captures: `${hosting.captures}/accounts/${session.account}` };
}

function clusters(session: AccountClients | undefined): OpenCluster {
  const client = new EKSClient(clientsOf(session));
  client.middlewareStack.add(orUnavailable("EKS"), { step: "initialize", priority: "high" });
  const access = eksAccess(client, () => new Date());
  return async (cluster) => openCluster(await access(cluster), () => access(cluster));
}

interface AccountClients {
  /** Its number. */
  readonly account: string;
  readonly credentials: SessionCredentials;
}

function clientsOf(session: AccountClients | undefined) {
  return session === undefined ? {} : inSession(session.credentials);
}

function cloudWatch(account: AccountClients | undefined): CloudWatchClient {
  const client = new CloudWatchClient(clientsOf(account));
  client.middlewareStack.add(orUnavailable("CloudWatch"), { step: "initialize", priority: "high" });
  return client;
}

function sageMaker(account: AccountClients | undefined): SageMakerClient {
  const client = new SageMakerClient(clientsOf(account));
  client.middlewareStack.add(orUnavailable("SageMaker"), { step: "initialize", priority: "high" });
  client.middlewareStack.add(refusedByQuota, { step: "initialize", priority: "high" });
  return client;
}
