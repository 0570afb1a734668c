import * as v from "valibot";
import type { MatrixFacts } from "../approval/conditions.ts";
import type { ApprovalRule, Condition, Requirement, Role, Stage } from "../approval/matrix.ts";
import { type PeopleSnapshot, peopleSnapshotName } from "../approval/people-snapshot.ts";
import type { Requirements } from "../approval/requirements.ts";
import { countWays, maximumSeats, maximumWays, mostSeats } from "../approval/seats.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { canonicalJsonBytes, type Json, parseCanonicalJson } from "../encoding/canonical-json.ts";
import { refuseNewer, versionIn } from "../encoding/generation.ts";
import { isSha256, type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { readStrictJson } from "../gates/strict-json.ts";
import { artifactRoles, evidenceKinds, type FreezeManifest, isInManifestOrder } from "../promotion/freeze-manifest.ts";
import type { Author } from "../promotion/identity.ts";
import { conditionKinds } from "../promotion/release-conditions.ts";
import { remedies } from "../promotion/remedy.ts";
import { workloads } from "../promotion/target.ts";

// Documents of a pack are other people's bytes: nothing is taken from one before its form was checked.

/**
 * What was made of a document, kept by its very bytes and gone with them. In a WeakMap that has grown old, V8 takes every
 * value for alive until it collects the whole heap, so that what each promotion's documents say would be carried there
 * and marked time and again (measured: a twelfth of a verification's time).
 */
function memory<Value>(): {
  of(bytes: Uint8Array): Value | undefined;
  keep(bytes: Uint8Array, value: Value): void;
} {
  const place = Symbol("said");
  const placeIn = (bytes: Uint8Array) => bytes as Uint8Array & Record<typeof place, Value | undefined>;
  return {
    of: (bytes) => placeIn(bytes)[place],
    keep: (bytes, value) => {
      placeIn(bytes)[place] = value;
    },
  };
}

// A promotion's documents are asked for by several rules in turn. Bounded, and small ones alone: whoever made the pack
// chooses how large they are.
const valuesRead = memory<{ readonly value: Json; readonly canonical: boolean }>();
const largestRemembered = 64 * 1024;

/** The value of a document, where it is JSON that can be taken; the same one for the same bytes. */
export function jsonOf(bytes: Uint8Array): ReturnType<typeof readStrictJson> {
  const known = valuesRead.of(bytes);
  if (known !== undefined) return { kind: "value", value: known.value };
  const canonical = parseCanonicalJson(bytes);
  const read = canonical === undefined ? readStrictJson(bytes) : ({ kind: "value", value: canonical.value } as const);
  if (read.kind === "value" && bytes.length <= largestRemembered)
    valuesRead.keep(bytes, { value: read.value, canonical: canonical !== undefined });
  return read;
}

/** Whether a document that has this value is written in canonical JSON. */
function isCanonical(value: Json, bytes: Uint8Array): boolean {
  return valuesRead.of(bytes)?.canonical === true || equalBytes(canonicalJsonBytes(value), bytes);
}

/** The digest of the canonical JSON of a document that has this value and this digest: where it is canonical, its own. */
export function canonicalDigest(bytes: Uint8Array, sha256: Sha256, value: unknown): Sha256 {
  return valuesRead.of(bytes)?.canonical === true ? sha256 : sha256Hex(canonicalJsonBytes(value));
}

/** The JSON of a document; throws `pack-invalid` naming it where it is none. */
export function readJson(name: string, bytes: Uint8Array): Json {
  const read = jsonOf(bytes);
  if (read.kind === "value") return read.value;
  throw new Failure("pack-invalid", `${name} is not JSON that can be taken: ${read.sentence}`);
}

const text = v.pipe(v.string(), v.maxLength(2000));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const digest = v.custom<Sha256>(isSha256);

const number = v.pipe(v.number(), v.finite());
const bounds = { atLeast: v.exactOptional(number), below: v.exactOptional(number) };
const condition: v.GenericSchema<Condition> = v.variant("fact", [
  v.strictObject({ fact: v.picklist(["riskTier", "dataClass", "release"]), oneOf: v.array(text) }),
  v.strictObject({ fact: v.literal("metric"), name: text, ...bounds }),
  v.strictObject({ fact: v.literal("infrastructureChanges"), ...bounds }),
]);
const when = v.exactOptional(v.array(condition));
const because = v.exactOptional(text);
const requirement: v.GenericSchema<Requirement> = v.lazy(() =>
  v.union([
    v.strictObject({ when, because, role: text, count: v.pipe(count, v.minValue(1), v.maxValue(maximumSeats)) }),
    v.strictObject({ when, because, all: v.pipe(v.array(requirement), v.minLength(1)) }),
    v.strictObject({ when, because, any: v.pipe(v.array(requirement), v.minLength(1)) }),
  ]),
);
const stage: v.GenericSchema<Stage> = v.pipe(
  v.strictObject({
    when,
    because,
    name: text,
    requires: requirement,
    minimumReviewSeconds: count,
    deadlineSeconds: v.exactOptional(count),
    rejectionsToStop: v.pipe(count, v.minValue(1)),
  }),
  v.check(({ requires }) => countWays(requires) <= maximumWays && mostSeats(requires) <= maximumSeats),
);
const rule: v.GenericSchema<ApprovalRule> = v.strictObject({
  modelType: text,
  target: text,
  when,
  unlinkableAuthors: v.exactOptional(v.literal("allowed")),
  carryOverSeconds: v.exactOptional(count),
  onDrift: v.exactOptional(v.picklist(remedies)),
  ifNotReapproved: v.exactOptional(v.picklist(["previous", "stop"])),
  onIntruder: v.exactOptional(v.picklist(["report", "take-back"])),
  shadow: v.exactOptional(
    v.strictObject({
      durationSeconds: count,
      requests: count,
      withinSeconds: count,
      agreement: v.exactOptional(v.number()),
      errorPercent: v.exactOptional(v.number()),
      p95Milliseconds: v.exactOptional(v.number()),
      psi: v.exactOptional(v.number()),
      answers: v.exactOptional(
        v.strictObject({
          list: v.exactOptional(text),
          score: v.exactOptional(text),
          decision: v.exactOptional(text),
          threshold: v.exactOptional(v.number()),
        }),
      ),
      required: v.exactOptional(v.literal(true)),
    }),
  ),
  loan: v.exactOptional(
    v.strictObject({
      roles: v.pipe(v.array(text), v.minLength(1)),
      maximumSeconds: v.pipe(count, v.minValue(1)),
      budget: v.strictObject({
        loans: v.pipe(count, v.minValue(1)),
        per: v.picklist(["month", "quarter", "year"]),
      }),
    }),
  ),
  conditions: v.exactOptional(
    v.union([
      v.literal("forbidden"),
      v.strictObject({
        allowed: v.exactOptional(v.array(v.picklist(conditionKinds))),
        maximumSeconds: v.exactOptional(count),
      }),
    ]),
  ),
  escalation: v.exactOptional(v.strictObject({ afterSeconds: count, to: text })),
  expiresAfterSeconds: count,
  excludes: v.array(
    v.picklist([
      "requester",
      "started-the-run",
      "trained-the-model",
      "wrote-the-code",
      "owns-the-data",
      "wrote-the-infrastructure",
    ]),
  ),
  stages: v.pipe(v.array(stage), v.minLength(1), v.maxLength(50)),
});
const role: v.GenericSchema<Role> = v.strictObject({
  title: text,
  groups: v.array(text),
  issuers: v.exactOptional(v.array(text)),
  rejectionsToStop: v.exactOptional(v.pipe(count, v.minValue(1))),
  judges: v.array(v.picklist(["model", "data", "infrastructure"])),
  signIn: v.exactOptional(v.strictObject({ acr: v.exactOptional(v.array(text)), amr: v.exactOptional(v.array(text)) })),
  secondFactor: v.exactOptional(v.literal("passkey")),
});
const facts: v.GenericSchema<MatrixFacts> = v.strictObject({
  riskTier: v.exactOptional(text),
  dataClass: v.exactOptional(text),
  release: v.exactOptional(v.picklist(["first", "update"])),
  evidence: v.exactOptional(
    v.strictObject({
      metrics: v.record(text, v.array(number)),
      infrastructureChanges: v.exactOptional(count),
    }),
  ),
});
const requirements: v.GenericSchema<Requirements> = v.strictObject({
  requirementsVersion: v.literal(1),
  rule,
  decided: v.exactOptional(v.strictObject({ facts, rule, passedOver: v.array(v.array(condition)) })),
  roles: v.record(v.string(), role),
  gates: v.strictObject({ wasm: digest, thresholds: v.custom<Json>((value) => value !== undefined) }),
});

/** Reads `requirements.json`; throws `pack-invalid` or `newer-version`. */
export function readRequirements(bytes: Uint8Array): Requirements {
  return once(requirementsRead, bytes, () =>
    parsed({ name: "requirements.json", member: "requirementsVersion" }, requirements, bytes),
  );
}

const file = { name: text, mediaType: text, size: count, sha256: digest };
const identity = v.strictObject({ issuer: text, subject: text });
/** An author as records and manifests name one. */
export const authorSchema: v.GenericSchema<Author> = v.union([
  v.strictObject({ address: text }),
  v.strictObject({ account: v.strictObject({ provider: v.picklist(["github", "gitlab"]), id: text }) }),
  v.strictObject({ identity }),
]);
const authors = v.array(authorSchema);
const account = v.strictObject({ provider: v.picklist(["github", "gitlab"]), id: text });
const peopleDocument: v.GenericSchema<PeopleSnapshot> = v.strictObject({
  peopleVersion: v.literal(1),
  members: v.array(v.strictObject({ identity, address: text, groups: v.array(text), enabled: v.boolean() })),
  people: v.array(
    v.strictObject({
      addresses: v.array(text),
      accounts: v.array(account),
      identities: v.array(identity),
      outside: v.boolean(),
    }),
  ),
});

/** Reads `people.json`; throws `pack-invalid` or `newer-version`. */
export function readPeopleSnapshot(bytes: Uint8Array): PeopleSnapshot {
  return once(peopleRead, bytes, () =>
    parsed({ name: peopleSnapshotName, member: "peopleVersion" }, peopleDocument, bytes),
  );
}

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

const manifest: v.GenericSchema<FreezeManifest> = v.strictObject({
  manifestVersion: v.literal(1),
  model: v.strictObject({ name: text, type: text, version: text }),
  target: v.variant("kind", [
    v.strictObject({
      ...endpoint,
      instanceType: text,
      instanceCount: count,
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
    v.strictObject({ name: text, kind: v.literal("policy"), endpoint: text }),
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
  ]),
  artifacts: v.array(v.strictObject({ role: v.picklist(artifactRoles), ...file })),
  evidence: v.array(v.strictObject({ kind: v.picklist(evidenceKinds), format: text, ...file })),
  requester: identity,
  lineage: v.strictObject({
    trainedBy: authors,
    codeAuthors: authors,
    dataOwners: authors,
    infrastructureAuthors: authors,
    source: v.exactOptional(v.strictObject({ repository: text, commit: text })),
  }),
  classification: v.exactOptional(
    v.strictObject({ riskTier: v.exactOptional(text), dataClass: v.exactOptional(text) }),
  ),
});

/** Reads `freeze.json`; throws `newer-version`, or `pack-invalid`, also where it is not in the one spelling that has a digest. */
export function readFreezeManifest(bytes: Uint8Array): FreezeManifest {
  return once(manifestsRead, bytes, () => {
    const read = parsed({ name: "freeze.json", member: "manifestVersion" }, manifest, bytes);
    // Its bytes are canonical JSON: only the order of its lists is left.
    if (isInManifestOrder(read)) return read;
    throw new Failure("pack-invalid", "freeze.json is not in canonical form.");
  });
}

// The same bytes, kept for many promotions, are read for the first of them.
const requirementsRead = memory<Requirements>();
const manifestsRead = memory<FreezeManifest>();
const peopleRead = memory<PeopleSnapshot>();
const largestKept = 4 * 1024 * 1024;

function once<Value>(read: ReturnType<typeof memory<Value>>, bytes: Uint8Array, make: () => Value): Value {
  const known = read.of(bytes);
  if (known !== undefined) return known;
  const value = make();
  if (bytes.length <= largestKept) read.keep(bytes, value);
  return value;
}

function parsed<Value>(
  { name, member }: { readonly name: string; readonly member: string },
  schema: v.GenericSchema<Value>,
  bytes: Uint8Array,
): Value {
  const json = readJson(name, bytes);
  refuseNewer(name, versionIn(json, member), 1);
  const result = v.safeParse(schema, json);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Failure(
      "pack-invalid",
      `${name} is not of the form that is known here (${v.getDotPath(issue) ?? "as a whole"}).`,
    );
  }
  if (isCanonical(json, bytes)) return result.output;
  throw new Failure("pack-invalid", `${name} is not written in canonical JSON.`);
}
