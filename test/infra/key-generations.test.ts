import { describe, expect, it } from "vitest";
import { resource, resourcesOf, synthesize, whoMay } from "./synthesized.ts";

/** The second step of a rotation: the new keys are in use; the old ones verify. */
const { dataTemplate: data, serviceTemplate: service } = synthesize({
  attestationKeys: "2",
  checkpointKeys: "2",
  linkKeys: "3",
});
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
