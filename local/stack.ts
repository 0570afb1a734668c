import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../core/failure.ts";
import { type RestApi, serveRestApi } from "./api-gateway/api-gateway.ts";
import type { LocalService } from "./aws/aws-call.ts";
import { type CallLogFile, openCallLog } from "./call-log.ts";
import { channelSecretArn, channelSecrets } from "./channels/channel-secrets.ts";
import type { Mail } from "./channels/mailbox.ts";
import { startOwnChannels } from "./channels/own-channels.ts";
import type { CiJob } from "./ci-issuer.ts";
import { changeSetsIn, startCloudFormation } from "./cloudformation/cloudformation.ts";
import { createStacks, type Outputs, type ParameterValues } from "./cloudformation/create-resources.ts";
import { allCreators } from "./cloudformation/creators.ts";
import { readAssembly } from "./cloudformation/template.ts";
import { type Distribution, serveDistribution } from "./cloudfront/cloudfront.ts";
import { startCloudWatch } from "./cloudwatch/cloudwatch.ts";
import { startCognito } from "./cognito/cognito.ts";
import { asyncInvocations, startEventRules } from "./eventbridge/rules.ts";
import { startSchedules } from "./eventbridge/schedules.ts";
import { type ClusterOptions, startCluster } from "./kubernetes/cluster.ts";
import { startEks } from "./kubernetes/eks.ts";
import type { LocalKubernetes } from "./kubernetes/kubernetes.ts";
import { forgetOlderCode, shareCompiledCode } from "./lambda/compiled-code.ts";
import { newWorld } from "./new-world.ts";
import { News } from "./news.ts";
import { pacedClock } from "./paced-clock.ts";
import { firstPort, portsFor } from "./ports.ts";
import { putObject, readObject } from "./s3/objects.ts";
import type { LocalImage } from "./sagemaker/container.ts";
import { startSageMaker } from "./sagemaker/sagemaker.ts";
import { type Secrets, startSecretsManager } from "./secrets-manager.ts";
import { deadLetterFolder } from "./sqs/dead-letters.ts";
import { startSqs } from "./sqs/sqs.ts";
import { addressesOf, type StackAddresses } from "./stack-addresses.ts";
import { startStandIns, userPoolId } from "./stand-ins.ts";
import { lockState } from "./state-lock.ts";
import { startStepFunctions } from "./stepfunctions/stepfunctions.ts";
import { startSts, type TrustingRole } from "./sts.ts";
import { functionNamed, type MadeResource, type World } from "./world.ts";

export interface StackOptions {
  /** Everything that outlives a stop lies here; one stack a directory. */
  readonly stateDirectory: string;
  /** What `cdk synth` wrote. */
  readonly cdkOut: string;
  /** Values for the templates' parameters, as `cdk deploy --parameters` takes them; see `localParameters` too. */
  readonly parameters?: (addresses: StackAddresses) => ParameterValues;
  /** A row of fixed ports (`"fixed"`: from 4580 on, or from a number on), or free ones, kept for the directory. */
  readonly ports?: "fixed" | "free" | number;
  /** JSON file of people, copied into a new state directory. */
  readonly people: string;
  /** What stands in the local image registry. */
  readonly images?: readonly LocalImage[];
  /** How many times as fast SageMaker's waits and CloudWatch's periods pass here; 60 where nothing is said. */
  readonly pace?: number;
  /** Absolute path of a folder in which several stacks keep what their functions load compiled; in the state directory where none is said. */
  readonly compiled?: string;
  /** A Kubernetes cluster that somebody else runs. */
  readonly cluster?: ClusterOptions;
  /** A file of channels in the place of the deployment's, whose other ends are then on this machine; see own-channels.ts. */
  readonly channels?: string;
  /** What of the world outside the account is on this machine. */
  readonly outside?: OutsideOptions;
}

export interface OutsideOptions {
  /** Secrets beside that of the channels. */
  readonly secrets?: Secrets;
  /** Roles of other accounts. What is done in their sessions is done at the same stand-ins. */
  readonly roles?: readonly TrustingRole[];
  /** Loopback address to which goes what functions send to the internet (outside.ts). */
  readonly receivers?: string;
}

export interface RunningStack {
  readonly addresses: StackAddresses;
  readonly stateDirectory: string;
  /** The people who can sign in; whoever edits the file changes who may do what, at once. */
  readonly peopleFile: string;
  /** JSON list of the change sets that CloudFormation describes (`HeldChangeSet`); whoever edits it makes or executes one. */
  readonly changeSetsFile: string;
  readonly callLog: CallLogFile;
  /** Outputs by stack name. */
  readonly outputs: Readonly<Record<string, Outputs>>;
  /** Every resource with its properties resolved: what the grants test judges by. */
  readonly resources: readonly MadeResource[];
  /** The cluster, where there is one. */
  readonly cluster?: LocalKubernetes;
  /** The CI system's token service, and what it wants of the one who asks. */
  readonly runner: { readonly url: string; readonly requestToken: string };
  /** The ID token of a CI job; its `audience` is the caller's to name. */
  machineToken(job: CiJob): Promise<string>;
  /** What changed in the tables since the stack came up, by the parts of an item's key. */
  readonly news: Pick<News, "changes" | "beyond">;
  /** The clock of SageMaker's waits and CloudWatch's periods stands until what this answers is called. */
  holdTime(): () => void;
  /** Every mail that was sent, oldest first. */
  mails(): Promise<readonly Mail[]>;
  /** Does now what the schedule with this logical id does at its time, and waits for it. */
  ring(schedule: string): Promise<void>;
  /** Stops everything within five seconds; what is under way goes on at the next start. */
  close(): Promise<void>;
}

/** What functions may still take when everything stops; less than the five seconds that a stop may take. */
const graceMilliseconds = 3000;

/**
 * Starts the synthesized stacks on this machine: makes every resource of both templates, serves the API and the
 * portal, and goes on with what an earlier run in the same directory left. Throws a `Failure` with a sentence where
 * the template asks for something that is not carried here; nothing stays up then.
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const { stateDirectory: directory } = options;
  const closers: (() => Promise<void> | void)[] = [lockState(directory)];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: StackOptions,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<RunningStack> {
  const { stateDirectory: directory } = options;
  const assembly = readAssembly(options.cdkOut);
  if (options.compiled === undefined) forgetOlderCode(directory, options.cdkOut);
  else shareCompiledCode(directory, options.compiled);
  const wish = options.ports ?? "free";
  const ports = await portsFor(directory, wish === "fixed" ? firstPort : wish);
  const peopleFile = join(directory, "people.json");
  if (!existsSync(peopleFile)) copyFileSync(options.people, peopleFile);
  const callLog = openCallLog(join(directory, "aws-calls.jsonl"));
  closers.push(() => callLog.close());
  const started = (service: LocalService): LocalService => {
    closers.push(() => service.close());
    return service;
  };
  const standIns = await startStandIns({ directory, peopleFile, ports, log: callLog, started });
  const news = new News();
  standIns.dynamodb.onChange((key) => news.of(key));
  const addresses = addressesOf(ports, standIns);
  const { outside = {} } = options;
  const own = { ...outside, ...(await startOwnChannels(options.channels, { directory, ports, started })) };
  const secrets = {
    ...outside.secrets,
    ...(options.channels === undefined ? {} : { [channelSecretArn]: channelSecrets }),
  };
  started(await startSecretsManager({ secrets, log: callLog, port: ports.secrets }));
  started(await startSts({ roles: outside.roles ?? [], log: callLog, port: ports.sts }));
  const world = newWorld({ assembly, services: standIns, ports, addresses, callLog, directory, ...own });
  const values = options.parameters?.(addresses) ?? localParameters(addresses);
  const outputs = await createStacks(assembly.templates, world, allCreators, values);
  for (const client of world.oidcClients) standIns.identity.setClient(client);

  const { groups } = world;
  started(await startCognito({ peopleFile, userPoolId, groups, log: callLog, port: ports.cognito }));
  // A canary that bakes for ten minutes would only show patience, as `WatchSeconds` below.
  const clock = pacedClock(options.pace ?? 60);
  const cloudWatch = await startCloudWatch({
    directory: join(directory, "cloudwatch"),
    log: callLog,
    port: ports.cloudWatch,
    clock,
  });
  started(cloudWatch);
  started(
    await startSageMaker({
      directory: join(directory, "sagemaker"),
      log: callLog,
      port: ports.sagemaker,
      images: options.images ?? [],
      clock,
      cloudWatch,
      readObject: (s3Uri) => readObject(standIns.s3.url, s3Uri, servingPrincipal(world)),
      async writeObject(s3Uri, body) {
        const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(s3Uri) ?? [];
        await putObject(standIns.s3.url, { bucket, key, body }, servingPrincipal(world));
      },
    }),
  );
  const cluster = await startCluster(options, ports.kubernetes, standIns.s3.url);
  if (cluster !== undefined) started(cluster);
  const changeSetsFile = join(directory, "change-sets.json");
  const cloudFormation = { changeSets: () => changeSetsIn(changeSetsFile), log: callLog, port: ports.cloudFormation };
  started(await startCloudFormation(cloudFormation));
  started(await startEks({ clusters: cluster === undefined ? [] : [cluster], log: callLog, port: ports.eks }));
  started(await startSqs({ directory: deadLetterFolder(world), log: callLog, port: ports.sqs }));
  const invocations = asyncInvocations(world);
  closers.push(() => invocations.close());
  const events = await startEventRules(world, ports.eventBridge, invocations);
  started(events);
  standIns.ses.report(world.configurationSets, (report) => events.emit(report));
  const machines = await startStepFunctions({
    directory: join(directory, "stepfunctions"),
    log: callLog,
    port: ports.stepFunctions,
    machines: world.stateMachines,
    invokeFunction: async (arn, payload) => functionNamed(world, arn).invoke(payload),
  });
  started(machines);
  const fronts: LocalService[] = [];
  // First of all when it stops: nobody comes in any more, and functions get a moment to finish.
  closers.push(async () => {
    const functions = [...world.functions.values()];
    await Promise.all([...fronts, ...functions].map((each) => each.close(graceMilliseconds)));
  });
  const { api, distribution } = frontsOf(world);
  fronts.push(await serveRestApi(api, { port: ports.api, now: world.now }));
  fronts.push(await serveDistribution(distribution, ports.portal));
  for (const wake of world.wakers) wake();
  invocations.resume();
  const schedules = startSchedules(world, invocations);
  closers.push(() => schedules.close());
  return {
    addresses,
    stateDirectory: directory,
    peopleFile,
    changeSetsFile,
    callLog,
    outputs,
    resources: world.made,
    ...(cluster === undefined ? {} : { cluster }),
    runner: { url: standIns.ci.url, requestToken: standIns.ci.requestToken },
    machineToken: (job) => standIns.ci.issueToken(job),
    news,
    holdTime: () => clock.hold(),
    mails: () => standIns.ses.mails(),
    ring: (schedule) => schedules.ring(schedule),
    close,
  };
}

/** The parameters that a deployment on this machine gives: its own addresses. */
export function localParameters({ portal, ciIssuer, ciJwksUri }: StackAddresses): ParameterValues {
  const issuer = { name: "ci", issuer: ciIssuer, audience: portal, jwksUri: ciJwksUri };
  return {
    PortalUrl: portal,
    MachineIssuers: JSON.stringify([issuer]),
    SenderAddress: "countersign@countersign.example",
    // The endpoint of this machine is ready within a second; waiting thirty would only show patience.
    WatchSeconds: "1",
    // Every ring, so once a minute: whoever reads may ask for a young checkpoint.
    CheckpointSeconds: "1",
  };
}

/** Who SageMaker is in the call log when it fetches a model: the role that the template gives it. */
function servingPrincipal({ made }: World): string {
  const role = made.find(
    ({ type, properties }) =>
      type === "AWS::IAM::Role" && JSON.stringify(properties).includes('"Service":"sagemaker.amazonaws.com"'),
  );
  if (role === undefined) throw new Failure("invalid-request", "The template has no role for SageMaker.");
  return role.logicalId;
}

function frontsOf(world: World): { readonly api: RestApi; readonly distribution: Distribution } {
  const [api, ...otherApis] = world.restApis;
  const [distribution, ...otherDistributions] = world.distributions;
  if (api === undefined || distribution === undefined || otherApis.length + otherDistributions.length > 0) {
    throw new Failure("invalid-request", "The template needs exactly one REST API stage and one distribution.");
  }
  return { api, distribution };
}
