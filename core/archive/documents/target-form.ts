import * as v from "valibot";
import { policyTarget } from "../../approval/matrix.ts";
import { noList } from "../../encoding/no-list.ts";
import type { FreezeManifest } from "../../promotion/freeze-manifest.ts";
import { answerTopics, workloads } from "../../promotion/target.ts";
import { count, digest, text } from "./document-forms.ts";

const step = { percent: count, waitSeconds: count };
const traffic = v.variant("kind", [
  v.strictObject({ kind: v.literal("all-at-once"), waitSeconds: count }),
  v.strictObject({ kind: v.literal("canary"), ...step }),
  v.strictObject({ kind: v.literal("linear"), ...step }),
]);
const ownAlarms = v.strictObject({
  kind: v.literal("own"),
  errorPercent: v.exactOptional(v.pipe(v.number(), v.finite())),
  p95Milliseconds: v.exactOptional(count),
});
const alarms = v.variant("kind", [v.strictObject({ kind: v.literal("named"), names: v.array(text) }), ownAlarms]);

const demands = { infrastructure: v.exactOptional(v.literal("applied")) };

/** Of another account than ours. */
const accountEntry = { role: text, externalId: text };

/** Of an endpoint that queues what it is asked. */
const asynchronous = v.strictObject({
  output: text,
  failures: v.exactOptional(text),
  key: v.exactOptional(text),
  topics: v.exactOptional(
    v.strictObject({
      ...noList,
      success: v.exactOptional(text),
      error: v.exactOptional(text),
      withAnswer: v.exactOptional(v.array(v.picklist(answerTopics))),
    }),
  ),
  concurrency: v.exactOptional(count),
});

/** Of a model that SageMaker hosts, however it does. */
const hosted = {
  name: text,
  endpoint: text,
  ...demands,
  alarms: v.exactOptional(alarms),
  registry: v.exactOptional(text),
  account: v.exactOptional(v.strictObject({ ...accountEntry, servingRole: text })),
};
const endpoint = { ...hosted, kind: v.literal("sagemaker-endpoint") };
const allAtOnce = v.strictObject({ kind: v.literal("all-at-once"), waitSeconds: v.literal(0) });
const cores = v.pipe(v.number(), v.finite());

/** Where a candidate is to run, as a freeze manifest says it. */
export const targetForm: v.GenericSchema<FreezeManifest["target"]> = v.variant("kind", [
  v.strictObject({
    ...endpoint,
    instanceType: text,
    instanceCount: count,
    asynchronous: v.exactOptional(asynchronous),
    traffic: v.exactOptional(traffic),
    network: v.exactOptional(v.literal("open")),
  }),
  v.strictObject({
    ...endpoint,
    serverless: v.strictObject({ memoryMegabytes: count, maxConcurrency: count }),
    traffic: allAtOnce,
    watchSeconds: v.exactOptional(count),
    network: v.literal("open"),
  }),
  v.strictObject({
    ...hosted,
    kind: v.literal("sagemaker-inference-component"),
    host: text,
    copies: count,
    resources: v.strictObject({
      memoryMegabytes: count,
      mostMemoryMegabytes: v.exactOptional(count),
      cpuCores: v.exactOptional(cores),
      accelerators: v.exactOptional(count),
    }),
    handling: v.exactOptional(
      v.strictObject({
        ...noList,
        downloadSeconds: v.exactOptional(count),
        startSeconds: v.exactOptional(count),
        caching: v.exactOptional(v.literal(true)),
        placement: v.exactOptional(v.picklist(["spread", "pack"])),
        zoneImbalance: v.exactOptional(count),
      }),
    ),
    traffic: v.variant("kind", [
      allAtOnce,
      v.strictObject({ kind: v.literal("rolling"), copies: count, of: count, waitSeconds: count }),
    ]),
    watchSeconds: v.exactOptional(count),
    network: v.exactOptional(v.literal("open")),
  }),
  v.strictObject({
    name: text,
    kind: v.literal("kubernetes"),
    endpoint: text,
    ...demands,
    cluster: text,
    account: v.exactOptional(v.strictObject(accountEntry)),
    namespace: text,
    workload: v.picklist(workloads),
    container: text,
    fetcher: text,
    unpack: v.exactOptional(v.literal(true)),
    port: count,
    readinessPath: text,
    serviceAccount: v.exactOptional(text),
    application: v.exactOptional(v.strictObject({ name: text, namespace: text, source: v.exactOptional(text) })),
    preSync: v.exactOptional(text),
    told: v.exactOptional(digest),
    metrics: v.exactOptional(
      v.strictObject({
        namespace: text,
        service: text,
        port: count,
        requests: text,
        errors: text,
        p95Seconds: v.exactOptional(text),
      }),
    ),
    mirror: v.exactOptional(
      v.strictObject({ route: text, service: text, captures: v.exactOptional(v.literal("data-capture")) }),
    ),
    traffic: v.exactOptional(traffic),
    alarms: v.exactOptional(ownAlarms),
  }),
  v.strictObject({ name: v.literal(policyTarget), kind: v.literal("policy"), endpoint: v.literal("in-force") }),
  v.strictObject({
    name: text,
    kind: v.literal("pipeline"),
    endpoint: text,
    ...demands,
    audiences: v.array(text),
    withinSeconds: count,
  }),
  v.strictObject({
    name: text,
    kind: v.literal("webhook"),
    endpoint: text,
    ...demands,
    url: text,
    secret: text,
    withinSeconds: count,
  }),
]);
