import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadTargets, resolveTarget } from "../../../../core/approval/loading/load-targets.ts";
import { requireLoaded } from "../../../../core/encoding/policy-file.ts";
import { isCaptured } from "../../../../core/promotion/shadow.ts";

const digest = "a".repeat(64);
const fields = {
  kind: "kubernetes",
  cluster: "ml-platform",
  namespace: "models",
  workload: "deployment",
  endpoint: '"{model}"',
  container: "scorer",
  fetcher: `registry.example:5000/aws-cli@sha256:${digest}`,
};
const metrics = '{ prometheus: "monitoring/prometheus:80", requests: "x$pods[$window]", errors: "y$pods[$window]" }';
const schema = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(new URL("../../../../policies/schema/targets.schema.json", import.meta.url), "utf8")),
);

/** The file with some fields changed; without those that are `undefined`. */
function file(change: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries({ ...fields, ...change }).filter(([, value]) => value !== undefined);
  return `targets:\n  cluster:\n${given.map(([name, value]) => `    ${name}: ${value}\n`).join("")}`;
}

describe("a target on Kubernetes", () => {
  it("is the workload of the model's name, with a probe where nothing else is said", () => {
    expect(schema(parse(file()))).toBe(true);
    const rule = requireLoaded("targets.yaml", loadTargets(file()))["cluster"] ?? expect.unreachable();
    expect(resolveTarget("cluster", rule, { name: "scoring", type: "scoring", version: "1" })).toEqual({
      name: "cluster",
      kind: "kubernetes",
      cluster: "ml-platform",
      namespace: "models",
      workload: "deployment",
      endpoint: "scoring",
      container: "scorer",
      fetcher: fields.fetcher,
      port: 8080,
      readinessPath: "/ping",
    });
  });

  it("may be asked at a port and a path of its own, and run as an account of the cluster", () => {
    const own = { port: "65535", readinessPath: "/v2/health-check/ready.json", serviceAccount: "server" };
    const text = file(own);
    expect(schema(parse(text))).toBe(true);
    expect(requireLoaded("targets.yaml", loadTargets(text))["cluster"]).toMatchObject({ ...own, port: 65_535 });
  });

  it("is a Rollout whose steps are written, and watched by what Prometheus measures", () => {
    const traffic = "{ canary: { percent: 10, wait: 5m } }";
    const timed = metrics.replace(":80", ":65535").replace(" }", ', p95Seconds: "z$pods[$window]" }');
    const alarms = "{ errorPercent: 1, p95Milliseconds: 100 }";
    const text = file({ workload: "rollout", metrics: timed, traffic, alarms });
    expect(schema(parse(text))).toBe(true);
    expect(requireLoaded("targets.yaml", loadTargets(text))["cluster"]).toMatchObject({
      metrics: {
        namespace: "monitoring",
        service: "prometheus",
        port: 65_535,
        requests: "x$pods[$window]",
        errors: "y$pods[$window]",
        p95Seconds: "z$pods[$window]",
      },
      traffic: { kind: "canary", percent: 10, waitSeconds: 300 },
      alarms: { kind: "own", errorPercent: 1, p95Milliseconds: 100 },
    });
  });

  it("is an InferenceService that may hold a part of the traffic", () => {
    const text = file({ workload: "inference-service", traffic: "all-at-once" });
    expect(schema(parse(text))).toBe(true);
    expect(requireLoaded("targets.yaml", loadTargets(text))["cluster"]).toMatchObject({
      traffic: { kind: "all-at-once", waitSeconds: 0 },
    });
  });

  it("may have its requests mirrored to a candidate", () => {
    const text = file({ metrics, mirror: '{ route: "{model}", service: "{model}-svc" }' });
    expect(schema(parse(text))).toBe(true);
    const rule = requireLoaded("targets.yaml", loadTargets(text))["cluster"] ?? expect.unreachable();
    expect(resolveTarget("cluster", rule, { name: "scoring", type: "scoring", version: "1" })).toMatchObject({
      mirror: { route: "scoring", service: "scoring-svc" },
    });
  });

  it("may have both models' answers kept by whoever runs the cluster", () => {
    const text = file({ metrics, mirror: "{ route: a, service: b, captures: data-capture }" });
    expect(schema(parse(text))).toBe(true);
    const { cluster } = requireLoaded("targets.yaml", loadTargets(text));
    expect(cluster).toMatchObject({ mirror: { captures: "data-capture" } });
    expect([isCaptured(cluster ?? expect.unreachable()), isCaptured({ kind: "kubernetes" })]).toEqual([true, false]);
  });

  it("may be in a cluster of another account, which is entered by a role and an external id", () => {
    const account = { role: "arn:aws:iam::222233334444:role/countersign-deploys", externalId: "of-the-bank-7" };
    const text = file({ account: JSON.stringify(account) });
    expect(schema(parse(text))).toBe(true);
    expect(requireLoaded("targets.yaml", loadTargets(text))["cluster"]).toMatchObject({ account });
  });

  it("is brought by an Application of Argo CD, in its usual namespace where nothing else is said", () => {
    const elsewhere = file({ application: "{ name: scoring, namespace: delivery }" });
    expect(requireLoaded("targets.yaml", loadTargets(elsewhere))["cluster"]).toMatchObject({
      application: { name: "scoring", namespace: "delivery" },
    });
    const text = file({ application: '{ name: "{model}", source: models }', preSync: "countersign-check" });
    expect(schema(parse(text))).toBe(true);
    const rule = requireLoaded("targets.yaml", loadTargets(text))["cluster"] ?? expect.unreachable();
    expect(resolveTarget("cluster", rule, { name: "scoring", type: "scoring", version: "1" })).toMatchObject({
      endpoint: "scoring",
      application: { name: "scoring", namespace: "argocd", source: "models" },
      preSync: "countersign-check",
    });
  });

  it("may have a model that is an archive unpacked", () => {
    const text = file({ unpack: "true" });
    expect(schema(parse(text))).toBe(true);
    expect(requireLoaded("targets.yaml", loadTargets(text))["cluster"]).toMatchObject({ unpack: true });
  });

  it("names what its containers are told by a digest", () => {
    const text = file({ told: "a".repeat(64) });
    expect(schema(parse(text))).toBe(true);
    expect(requireLoaded("targets.yaml", loadTargets(text))["cluster"]).toMatchObject({ told: "a".repeat(64) });
  });

  it.each([
    ["what its containers are told, in other words", { told: "serve" }, "10: This must be a SHA-256"],
    [
      "a Rollout by Argo CD",
      { workload: "rollout", application: "{ name: scoring }" },
      "10: By Argo CD a Deployment can be released",
    ],
    [
      "a service account beside the one in Git",
      { application: "{ name: scoring }", serviceAccount: "server" },
      "11: Argo CD takes the workload from Git, and its service account with it.",
    ],
    [
      "a hook without an Application",
      { preSync: "check" },
      "10: 'preSync' is a Job that an Application of Argo CD runs",
    ],
    ["an Application without a name", { application: "{ namespace: argocd }" }, "10: The field 'name' is missing."],
    [
      "a fetcher by a tag",
      { fetcher: "registry.example/aws-cli:2" },
      "9: This must be an image by its digest: repository@sha256:…; a tag may mean another tomorrow.",
    ],
    [
      "a workload of another kind",
      { workload: "daemon-set" },
      "6: This must be one of deployment, inference-service, rollout.",
    ],
    [
      "a namespace with a slash",
      { namespace: "a/b" },
      "5: A name on Kubernetes holds lower-case letters, digits and dashes.",
    ],
    [
      "a model's name in the namespace",
      { namespace: '"{model}"' },
      "5: A name on Kubernetes holds lower-case letters, digits and dashes.",
    ],
    [
      "an endpoint in capitals",
      { endpoint: "Scoring" },
      "7: A name on Kubernetes holds lower-case letters, digits and dashes, and may hold {model}.",
    ],
    ["a cluster that is an address", { cluster: "https://x" }, "4: This must be the name of an EKS cluster."],
    [
      "a role that SageMaker takes on",
      {
        account:
          "{ role: arn:aws:iam::222233334444:role/a, externalId: ab, servingRole: arn:aws:iam::222233334444:role/b }",
      },
      "10: 'servingRole' is not a field here; known are",
    ],
    [
      "an account that is entered without an external id",
      { account: "{ role: arn:aws:iam::222233334444:role/a }" },
      "10: The field 'externalId' is missing.",
    ],
    [
      "an account by its number",
      { account: '{ role: "222233334444", externalId: ab }' },
      "10: This must be the ARN of a role.",
    ],
    ["an archive that is unpacked or not", { unpack: "false" }, "10: This must be true, or nothing at all."],
    ["a path that begins nowhere", { readinessPath: "ping" }, "10: This must be a path such as /ping."],
    ["a path with a question", { readinessPath: '"/ping?x"' }, "10: This must be a path such as /ping."],
    ["no container", { container: undefined }, "2: The field 'container' is missing."],
    ["SageMaker's machine", { instanceType: "ml.m5.large" }, "10: 'instanceType' is not a field here; known are"],
    [
      "traffic steps of a Deployment, which are its own",
      { traffic: "all-at-once" },
      "10: How traffic comes over is the workload's own",
    ],
    [
      "steps of an InferenceService",
      {
        workload: "inference-service",
        metrics,
        alarms: "{ errorPercent: 1 }",
        traffic: "{ canary: { percent: 10, wait: 5m } }",
      },
      "12: Of an InferenceService stands 'all-at-once' here",
    ],
    [
      "steps that nothing would take back",
      { workload: "rollout", traffic: "{ canary: { percent: 10, wait: 5m } }" },
      "10: Nothing would ever take this release back: give bounds for 'alarms'.",
    ],
    [
      "bounds that nothing measures",
      { alarms: "{ errorPercent: 1 }" },
      "10: Nothing here measures what the bounds are about",
    ],
    [
      "a bound for latency that is not measured",
      { metrics, alarms: "{ p95Milliseconds: 100 }" },
      "11: 'metrics' does not say how fast answers are",
    ],
    [
      "a mirror of which nothing would be known",
      { mirror: "{ route: a, service: b }" },
      "10: Nothing would be known of a run in shadow: give 'metrics'.",
    ],
    [
      "a mirror before KServe",
      { workload: "inference-service", metrics, mirror: "{ route: a, service: b }" },
      "11: Requests are mirrored for a Deployment or a Rollout",
    ],
    [
      "captures in another form",
      { metrics, mirror: "{ route: a, service: b, captures: csv }" },
      "11: This must be data-capture",
    ],
    [
      "captures in another account",
      {
        account: "{ role: arn:aws:iam::222233334444:role/a, externalId: ab }",
        metrics,
        mirror: "{ route: a, service: b, captures: data-capture }",
      },
      "12: Both models would have to leave what they answer in this account",
    ],
    ["a mirror without its service", { metrics, mirror: "{ route: a }" }, "11: The field 'service' is missing."],
    ["alarms of CloudWatch", { metrics, alarms: "[a]" }, "11: Alarms of CloudWatch watch no cluster"],
    [
      "Prometheus by an address",
      { metrics: metrics.replace("monitoring/", "http://") },
      "10: This must be a service of the cluster",
    ],
    ...[":0", ":65536", ""].map((port): [string, Record<string, string>, string] => [
      `Prometheus at the port '${port}'`,
      { metrics: metrics.replace(":80", port) },
      "10: This must be a service of the cluster",
    ]),
    [
      "a query about all time",
      { metrics: metrics.replace("y$pods[$window]", "y$pods") },
      "10: The query has to hold $window, or it measures something else",
    ],
    ["bounds of nothing", { metrics, alarms: "{}" }, "11: This must have one at least of errorPercent and p95Millis"],
    [
      "an external id with a blank",
      { account: '{ role: arn:aws:iam::222233334444:role/a, externalId: "a b" }' },
      "10: This must be an external id",
    ],
    [
      "more after the role",
      { account: '{ role: "arn:aws:iam::222233334444:role/a b", externalId: ab }' },
      "10: This must be the ARN of a role.",
    ],
    [
      "a query about every pod",
      { metrics: metrics.replace("x$pods", "x") },
      "10: The query has to hold $pods, or it measures something else",
    ],
  ])("cannot have %s", (_, change, complaint) => {
    const loaded = loadTargets(file(change));
    const told = loaded.kind === "refused" ? loaded.problems.map(({ line, sentence }) => `${line}: ${sentence}`) : [];
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(complaint);
    expect(schema(parse(file(change)))).toBe(false);
  });
});
