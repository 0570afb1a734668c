import { spawnSync } from "node:child_process";
import * as v from "valibot";
import { expect } from "vitest";
import { bodies } from "../../core/archive/documents/fact-bodies.ts";
import { readFreezeManifest } from "../../core/archive/documents/read-freeze-manifest.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import type { Fact, FactType } from "../../core/promotion/fact.ts";
import { freezeManifestBytes } from "../../core/promotion/freeze-manifest.ts";
import { told } from "../core/archive/told.ts";
import { manifest } from "../core/promotion/promotion-in-review.ts";
import { placesIn, withValue } from "./places.ts";
import { withTool } from "./programs.ts";
import { python, secondVerifier } from "./second-verifier.ts";

// What a body says is in its form, or its record is refused: what one verifier takes and the other does not is for whoever writes the
// log to choose. Each member of each kind of record is told in many other ways, and both look at the form of all of them.

const promotion = (attempt: number) => `p-${"0".repeat(32)}-${attempt}`;
const deepest = 4;
/** The first: left out. */
const values: readonly (Json | undefined)[] = [
  ...[undefined, null, true, false, [], {}, [[]], [null], { a: 1 }, ["x", "x"], "", "x", "0", "\u0661"],
  ...[0, 1, -1, 0.5, 1.5, 50, 51, 100, 101, 181 * 86_400, 2 ** 53, 1e300],
  ...[2000, 2001, 4000, 4001].map((length) => "x".repeat(length)),
  ...["a", "A"].map((digit) => digit.repeat(64)),
  ...["2026-11-22T17:03:00.000Z", "2026-11-22T17:03:00Z", "2026-02-30T00:00:00.000Z", "1969-12-31T23:59:59.999Z"],
  ...[0, 1, 999_999, 1_000_000].map(promotion),
];

/** By which forms our rules read a body; none of what is for people. */
function formsOf(type: FactType, body: Readonly<Record<string, unknown>>): readonly (keyof typeof bodies)[] {
  if (type.startsWith("passkey-")) return ["passkey"];
  if (type === "delegated" || type === "delegation-revoked") return ["delegation"];
  if (type === "deployment-started") return [type, "served", "release"];
  const judged = type === "blocked" && (body["step"] === "gates" || body["step"] === "matrix");
  if (judged) return ["blocked", "gates"];
  return Object.hasOwn(bodies, type) ? [type as keyof typeof bodies] : [];
}

/** What is no matter of the form for ours: held against the document that it names, or refused where a deployment begins. */
function isElsewhere(type: FactType, place: string): boolean {
  return (
    (["gates", "blocked"].includes(type) && place === "policy") || `${type} ${place}` === "deployment-started verdict"
  );
}

interface Told {
  readonly type: FactType;
  readonly place: string;
  readonly body: unknown;
  /** Whether our rules take it. */
  readonly taken: boolean;
}

/** What no record says that is kept: how somebody signed in, and that named alarms come with bounds of their own. */
function sayingMore(): readonly Pick<Fact, "type" | "body">[] {
  const [signOff, started] = (["sign-off", "deployment-started"] as const).map(
    (type) => told.house.facts.find((fact) => fact.type === type) ?? expect.unreachable(`There is no ${type}.`),
  );
  if (signOff === undefined || started === undefined) return [];
  const alarms = { kind: "named", names: ["errors"], own: { errorPercent: 1, p95Milliseconds: 300 } };
  const release = { ...Object(started.body["release"]), alarms };
  return [
    { ...signOff, body: { ...signOff.body, signIn: { acr: "two-factors", amr: ["pwd", "otp"] } } },
    { ...started, body: { ...started.body, release } },
  ];
}

function toldOtherwise(): readonly Told[] {
  const found = new Map<string, Told>();
  for (const { type, body } of [...told.house.facts, ...sayingMore()]) {
    // Both have readers of their own (docs/keys.md, what the log begins with).
    if (type === "key" || type === "installation") continue;
    for (const at of placesIn(body, deepest).slice(1))
      for (const [which, value] of values.entries()) {
        const place = at.join(".");
        const name = `${type} ${Object.keys(body).join()} ${place.replaceAll(/\d+/g, "#")} ${which}`;
        if (found.has(name) || isElsewhere(type, place)) continue;
        const next = withValue(body, at, value) as Readonly<Record<string, unknown>>;
        const taken = formsOf(type, next).every((form) => v.safeParse<v.GenericSchema>(bodies[form], next).success);
        found.set(name, { type, place, body: next, taken });
      }
  }
  return [...found.values()];
}

const check = (form: string) => `
import json, sys
sys.path.insert(0, ${JSON.stringify(secondVerifier)})
from encoding import Wrong, canonical_bytes
from forms import check_body
from frozen import read_freeze
from policies import check_of_policies, check_unambiguous
def freeze(each):
    manifest = read_freeze(canonical_bytes(each))
    check_of_policies(manifest)
    check_unambiguous(manifest)
def body(each):
    check_body({"id": "x", **each})
for line in sys.stdin:
    try:
        ${form}(json.loads(line))
        print(1)
    except Wrong:
        print(0)
`;

/** Whether the second verifier takes each of them. */
function takenBySecond(form: "body" | "freeze", all: readonly unknown[]): readonly boolean[] {
  const input = all.map((each) => JSON.stringify(each)).join("\n");
  const { stdout, stderr } = spawnSync("python3", ["-c", check(form)], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
  expect(stderr).toBe("");
  const answers = stdout.trimEnd().split("\n");
  expect(answers).toHaveLength(all.length);
  expect(new Set(answers)).toEqual(new Set(["0", "1"]));
  return answers.map((answer) => answer === "1");
}

withTool(
  python,
  "both verifiers take the same for the form of what a record says",
  () => {
    const all = toldOtherwise();
    const theirs = takenBySecond(
      "body",
      all.map(({ type, body }) => ({ type, body })),
    );
    expect(all.filter(({ taken }, at) => theirs[at] !== taken).slice(0, 5)).toEqual([]);
  },
  () => {
    expect(toldOtherwise().length).toBeGreaterThan(10_000);
  },
);

const account = { role: "arn:aws:iam::222233334444:role/a", externalId: "of-the-bank-7" };
const own = { kind: "own", errorPercent: 1.5, p95Milliseconds: 300 };
const hosted = {
  ...{ name: "production", endpoint: "scoring", infrastructure: "applied", registry: "arn:aws:sagemaker:model/1" },
  account: { ...account, servingRole: account.role },
};
/** Where a candidate may run, with all that each kind may say. */
const targets: readonly Record<string, Json>[] = [
  {
    ...{ ...hosted, kind: "sagemaker-endpoint", instanceType: "ml.m5.large", instanceCount: 2, network: "open" },
    ...{ traffic: { kind: "canary", percent: 10, waitSeconds: 300 }, alarms: { kind: "named", names: ["errors"] } },
  },
  {
    ...{ ...hosted, kind: "sagemaker-endpoint", instanceType: "ml.m5.large", instanceCount: 2 },
    asynchronous: {
      ...{ output: "s3://answers/scores", failures: "s3://answers/failed", key: "arn:key", concurrency: 4 },
      topics: { success: "arn:answers", error: "arn:failures", withAnswer: ["success", "error"] },
    },
  },
  {
    ...{ ...hosted, kind: "sagemaker-endpoint", serverless: { memoryMegabytes: 2048, maxConcurrency: 5 } },
    ...{ traffic: { kind: "all-at-once", waitSeconds: 0 }, network: "open", watchSeconds: 60, alarms: own },
  },
  {
    ...{ ...hosted, kind: "sagemaker-inference-component", host: "models", copies: 4, watchSeconds: 60, alarms: own },
    resources: { memoryMegabytes: 2048, mostMemoryMegabytes: 4096, cpuCores: 0.5, accelerators: 1 },
    handling: { downloadSeconds: 60, startSeconds: 60, caching: true, placement: "spread", zoneImbalance: 1 },
    ...{ traffic: { kind: "rolling", copies: 1, of: 4, waitSeconds: 300 }, network: "open" },
  },
  {
    ...{
      name: "cluster",
      kind: "kubernetes",
      endpoint: "scoring",
      infrastructure: "applied",
      cluster: "ml",
      port: 8080,
    },
    ...{ namespace: "models", workload: "rollout", container: "scorer", fetcher: "registry.example/aws-cli", account },
    ...{
      readinessPath: "/ping",
      serviceAccount: "scorer",
      unpack: true,
      preSync: "job",
      told: "0".repeat(64),
      alarms: own,
    },
    application: { name: "scoring", namespace: "argocd", source: "models" },
    metrics: { namespace: "m", service: "prometheus", port: 9090, requests: "r", errors: "e", p95Seconds: "p" },
    mirror: { route: "scoring", service: "shadow", captures: "data-capture" },
    traffic: { kind: "linear", percent: 10, waitSeconds: 300 },
  },
  ...[
    { kind: "pipeline", audiences: ["vault"] },
    { kind: "webhook", url: "https://deploys.example", secret: "deploys" },
  ].map((each) => ({ ...each, name: "theirs", endpoint: "scoring", infrastructure: "applied", withinSeconds: 3600 })),
];

function isTaken(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** What people would sign, with each of its members told in other ways. */
function frozenOtherwise(): readonly { readonly place: string; readonly manifest: unknown; readonly taken: boolean }[] {
  const frozen = JSON.parse(fromUtf8(freezeManifestBytes(manifest)));
  const [file] = frozen.artifacts;
  const [, environment] = frozen.artifacts;
  const lineage = {
    trainedBy: [{ address: "t@example.com" }],
    codeAuthors: [{ account: { provider: "github", id: "7" } }],
    dataOwners: [{ identity: { issuer: "https://id.example", subject: "x" } }],
    infrastructureAuthors: [],
    source: { repository: "models", commit: "abc" },
  };
  const whole = { ...frozen, lineage, classification: { riskTier: "high", dataClass: "personal" } };
  const policies = {
    ...{ ...frozen, model: { name: "policy", type: "policy", version: "a change" } },
    target: { name: "policies", kind: "policy", endpoint: "in-force" },
    artifacts: [{ ...file, role: "policy" }],
  };
  const all: { place: string; manifest: unknown; taken: boolean }[] = [];
  const note = (place: string, next: unknown) => {
    all.push({ place, manifest: next, taken: isTaken(() => readFreezeManifest(canonicalJsonBytes(next as Json))) });
  };
  for (const [at, base] of [whole, policies].entries())
    for (const place of placesIn(base, deepest).slice(1))
      if (at === 0 || place[0] === "target" || place[0] === "model")
        for (const value of values) note(place.join("."), withValue(base, place, value));
  for (const target of targets) {
    note("target", { ...frozen, target });
    for (const place of placesIn(target, deepest).slice(1))
      for (const value of values)
        note(`${target["kind"]} ${place.join(".")}`, { ...frozen, target: withValue(target, place, value) });
  }
  note("artifacts", { ...frozen, artifacts: frozen.artifacts.toReversed() });
  note("evidence", { ...frozen, evidence: frozen.evidence.toReversed() });
  note("artifacts", { ...frozen, artifacts: [...frozen.artifacts, environment] });
  return all;
}

withTool(
  python,
  "both verifiers take the same for the form of what people sign",
  () => {
    const all = frozenOtherwise();
    const theirs = takenBySecond(
      "freeze",
      all.map(({ manifest: each }) => each),
    );
    expect(all.filter(({ place, taken }) => place === "target" && taken)).toHaveLength(targets.length);
    expect(all.filter(({ taken }, at) => theirs[at] !== taken).slice(0, 5)).toEqual([]);
  },
  () => {
    expect(frozenOtherwise().filter(({ place, taken }) => place === "target" && taken)).toHaveLength(targets.length);
  },
);
