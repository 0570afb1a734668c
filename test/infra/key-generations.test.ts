import { runSimulation } from "@cloud-copilot/iam-simulate";
import { describe, expect, it } from "vitest";
import { constructId } from "../../infra/functions.ts";
import { keyUses } from "../../infra/permissions/key-users.ts";
import { installations, type Json, resource, resourcesOf, synthesize, whoMay } from "./synthesized.ts";

/** The second step of a rotation: the new keys are in use; the old ones verify. */
const { dataTemplate: data, serviceTemplate: service } = synthesize(installations.newKeys);
const imported = (name: string) => ({ "Fn::ImportValue": `CountersignData:${name}Arn` });
const variablesOf = (id: string) =>
  (resource(service, `${id}Function`).Properties["Environment"] as { readonly Variables: object }).Variables;

describe("after a rotation", () => {
  it("the keys of before are there as they were, and stay", () => {
    expect(resource(data, "AttestationKey2").DeletionPolicy).toBe("Retain");
    const keys = Object.entries(resourcesOf(data)).filter(([, { Type }]) => Type === "AWS::KMS::Key");
    expect(keys.map(([id]) => id).toSorted()).toEqual([
      ...["AttestationKey", "AttestationKey2", "CheckpointKey", "CheckpointKey2"],
      ...["LinkKey", "LinkKey2", "LinkKey3", "PassportKey"],
    ]);
  });

  it("nobody can sign with the old ones, and whoever signs may tell the ledger so with the new ones", () => {
    expect(whoMay(service, "kms:Sign", "AttestationKeyArn")).toEqual([]);
    expect(whoMay(service, "kms:Sign", "CheckpointKeyArn")).toEqual([]);
    expect(whoMay(service, "kms:Sign", "AttestationKey2Arn")).toEqual([
      "PublishKeys",
      "RecordDelegation",
      "RecordLoan",
      "RecordPasskey",
      "RecordSignOff",
      "VerifySignOffs",
    ]);
    expect(whoMay(service, "kms:Sign", "CheckpointKey2Arn")).toEqual(
      expect.arrayContaining(["Archive", "PublishKeys"]),
    );
    expect(whoMay(service, "kms:GenerateMac", "LinkKey2Arn")).toEqual([]);
  });

  it("whoever verifies reads all of them", () => {
    for (const id of ["VerifySignOffs", "Deploy", "DescribeService", "WriteExport"]) {
      expect(whoMay(service, "kms:GetPublicKey", "AttestationKeyArn"), id).toContain(id);
      expect(variablesOf(id), id).toMatchObject({
        ATTESTATION_KEY_ID: imported("AttestationKey2"),
        ATTESTATION_KEY_IDS: { "Fn::Join": [",", [imported("AttestationKey"), imported("AttestationKey2")]] },
      });
    }
  });

  it("a link of the key before is followed, and none of an older one", () => {
    expect(variablesOf("FollowLink")).toMatchObject({
      LINK_KEY_IDS: { "Fn::Join": [",", [imported("LinkKey3"), imported("LinkKey2")]] },
    });
    expect(whoMay(service, "kms:VerifyMac", "LinkKeyArn")).toEqual([]);
    expect(whoMay(service, "kms:VerifyMac", "LinkKey2Arn")).toEqual(["FollowLink"]);
  });
});

it("as many keys as there may be have room in the variables of every function", () => {
  const most = { attestationKeys: "16", checkpointKeys: "16", linkKeys: "16", passportKeys: "16" };
  const { serviceTemplate: full } = synthesize(most);
  for (const [id, { Type, Properties }] of Object.entries(resourcesOf(full))) {
    if (Type !== "AWS::Lambda::Function") continue;
    const { Variables = {} } = (Properties["Environment"] ?? {}) as { readonly Variables?: Record<string, Json> };
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 4 KB, of names and values.
    const length = Object.entries(Variables).reduce((sum, [name, value]) => sum + name.length + lengthOf(value), 0);
    expect(length, id).toBeLessThanOrEqual(4096);
  }
});

/** Of a value as it is deployed, in the region and partition with the longest names. */
function lengthOf(value: Json): number {
  if (typeof value === "string") return value.length;
  const [[kind = "", of] = []] = Object.entries(value ?? {});
  if (kind === "Fn::Join" && Array.isArray(of) && Array.isArray(of[1]))
    return of[1].reduce((sum: number, each: Json) => sum + lengthOf(each) + String(of[0]).length, 0);
  // `arn:aws-us-gov:kms:ap-southeast-1:111122223333:key/<uuid>`; a table's or a bucket's name is shorter.
  return 90;
}

describe("a key, by its own policy", () => {
  const account = "111122223333";
  const everyKey = { Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }] };

  /** What somebody in the account may do with the key who may do anything with any key by their own policies. */
  async function outcome(key: string, action: string, role: string): Promise<string> {
    // A reference to the partition or the account is the only thing in it that is no text.
    const policy = JSON.stringify(resource(data, key).Properties["KeyPolicy"])
      .replaceAll('"Ref":"AWS::Partition"', '"Ref":"aws"')
      .replaceAll('"Ref":"AWS::AccountId"', `"Ref":"${account}"`)
      .replaceAll(/\{"Fn::Join":\["",\[(.*?)\]\]\}/g, (_, parts: string) =>
        JSON.stringify(
          [...parts.matchAll(/"Ref":"([^"]+)"|(?<!:)"([^"]+)"(?!:)/g)].map(([, ref, text]) => ref ?? text).join(""),
        ),
      );
    const principal = `arn:aws:sts::${account}:assumed-role/${role}/somebody`;
    const result = await runSimulation(
      {
        request: {
          principal,
          action,
          resource: { resource: `arn:aws:kms:eu-central-1:${account}:key/1`, accountId: account },
          contextVariables: { "aws:PrincipalArn": `arn:aws:iam::${account}:role/${role}` },
        },
        identityPolicies: [{ name: "every-key", policy: everyKey }],
        resourcePolicy: JSON.parse(policy),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    return result.resultType === "error" ? JSON.stringify(result.errors) : result.overallResult;
  }

  it.each([
    ["AttestationKey2", "attestation"],
    ["CheckpointKey2", "checkpoint"],
    ["LinkKey3", "link"],
    ["PassportKey", "passport"],
  ] as const)(
    "%s signs for the functions that are granted it, whatever others may do with any key",
    async (key, name) => {
      const { action, by } = keyUses[name];
      expect(by.map(constructId).toSorted()).toEqual(whoMay(service, action, `${key}Arn`));
      for (const each of by)
        expect(await outcome(key, action, `CountersignService-${constructId(each)}Role-A1B2`), each).toBe("Allowed");
      for (const other of [
        "PowerUserAccess",
        "CountersignService-SubmitRole-A1B2",
        `${constructId(by[0] ?? "api/submit")}Role-A1`,
      ])
        expect(await outcome(key, action, other), other).toBe("ExplicitlyDenied");
      // Its public half is nobody's secret, and whoever looks after keys may look.
      expect(await outcome(key, "kms:DescribeKey", "PowerUserAccess")).toBe("Allowed");
    },
  );
});
