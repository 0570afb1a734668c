import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { type Json, resource, synthesize, whoMay } from "./synthesized.ts";

const { dataTemplate: data, serviceTemplate: service } = synthesize();
const account = "111122223333";
const everything = { Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };
const ofOurs = (name: string) => `CountersignService-${name}Role-A1B2`;
const others = ["Administrator", "ArchiveRole-A1", "TheirService-ArchiveRole-A1", "countersign-deploys"];
const underAFreeKey = { "s3:if-none-match": "*", "s3:ObjectCreationOperation": "true" };

/** A policy as it stands on the bucket of this name, once its references are filled in. */
function filledIn(value: Json, bucket: string): Json {
  if (Array.isArray(value)) return value.map((each: Json) => filledIn(each, bucket));
  if (typeof value !== "object" || value === null) return value;
  const { Ref: ref, "Fn::GetAtt": attribute, "Fn::Join": join } = value as Readonly<Record<string, Json>>;
  if (ref !== undefined) return ref === "AWS::AccountId" ? account : ref === "AWS::Partition" ? "aws" : bucket;
  if (attribute !== undefined) return `arn:aws:s3:::${bucket}`;
  if (Array.isArray(join)) return (filledIn(join[1] ?? [], bucket) as readonly Json[]).join(String(join[0]));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filledIn(each, bucket)]));
}

/** What a role of this name may do to an object, which may do everything with every bucket by its own policies. */
async function outcome(
  policy: readonly [template: Template, id: string],
  { role, action, key }: { readonly role: string; readonly action: string; readonly key: string },
  context: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [template, id] = policy;
  const name = id.toLowerCase();
  const result = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${account}:assumed-role/${role}/somebody`,
        action,
        resource: { resource: `arn:aws:s3:::${name}/${key}`, accountId: account },
        contextVariables: {
          "aws:PrincipalArn": `arn:aws:iam::${account}:role/${role}`,
          "aws:SecureTransport": "true",
          "s3:TlsVersion": "1.3",
          ...context,
        },
      },
      identityPolicies: [{ name: "everything", policy: everything }],
      resourcePolicy: filledIn(resource(template, `${id}Policy`).Properties["PolicyDocument"] ?? {}, name),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return result.resultType === "error" ? JSON.stringify(result.errors) : result.overallResult;
}

describe.each([
  ["LedgerBucket", "tile/0/000"],
  ["LedgerBucket", "checkpoint"],
  ["LedgerBucket", "blobs/sha256/00"],
  ["ArtifactsBucket", "frozen/00/model.onnx"],
] as const)("%s, at %s,", (id, key) => {
  const put = (role: string) =>
    outcome([data, id], { role, action: "s3:PutObject", key }, key === "checkpoint" ? {} : underAFreeKey);

  // What lies where the log goes on, or where a candidate will be frozen, can be removed by nobody, and ends either.
  it("is written by Countersign's functions and by who repairs it, and by nobody else, whatever they may do with any bucket", async () => {
    const writers = whoMay(service, "s3:PutObject", `${id}Arn`).map(ofOurs);
    expect(writers.length).toBeGreaterThan(0);
    for (const role of [...writers, "countersign-repairs"]) expect(await put(role), role).toBe("Allowed");
    for (const role of others) expect(await put(role), role).toBe("ExplicitlyDenied");
  });

  // Replication asks for no free key, and for rights of its own.
  it.each(["s3:ReplicateObject", "s3:ReplicateDelete"])(
    "is nobody's to write over or to hide by %s",
    async (action) => {
      for (const role of [...others, ofOurs("Archive"), "countersign-repairs"])
        expect(await outcome([data, id], { role, action, key }), role).toBe("ExplicitlyDenied");
    },
  );
});

describe("the page's files", () => {
  const page = (role: string, action: string) => outcome([service, "PortalFiles"], { role, action, key: "index.html" });

  // Who serves the page chooses what people sign.
  it("are brought by a deployment, and by nobody else", async () => {
    const deployment = "CountersignService-CustomCDKBucketDeployment8693BB64-A1B2";
    expect(await page(deployment, "s3:PutObject")).toBe("Allowed");
    for (const role of [...others, ofOurs("Archive"), "countersign-repairs"])
      for (const action of ["s3:PutObject", "s3:ReplicateObject"])
        expect(await page(role, action), `${role}, ${action}`).toBe("ExplicitlyDenied");
  });
});

describe("what is exported", () => {
  it("is written by who exports, and what is handed in by whoever may", async () => {
    const put = (role: string, key: string) => outcome([data, "ExchangeBucket"], { role, action: "s3:PutObject", key });
    expect(await put(ofOurs("WriteExport"), "exports/audit-1.zip")).toBe("Allowed");
    for (const role of [...others, ofOurs("Archive"), "countersign-repairs"])
      expect(await put(role, "exports/audit-1.zip"), role).toBe("ExplicitlyDenied");
    expect(await put("Pipeline", "incoming/1/model.onnx")).toBe("Allowed");
  });
});
