import { CloudFormationClient, ExecuteChangeSetCommand } from "@aws-sdk/client-cloudformation";
import { describe, expect, it, onTestFinished } from "vitest";
import { changeSets } from "../../../adapters/cloudformation/change-sets.ts";
import { changeSetState } from "../../../core/deployment/change-set.ts";
import { type HeldChangeSet, startCloudFormation } from "../../../local/cloudformation/cloudformation.ts";
import { changedStack, changeSetId, executed, signedChangeSet } from "../../core/deployment/signed-change-set.ts";
import { refused } from "../../core/refusal.ts";
import { credentials, RecordedCalls } from "../../local/recorded-calls.ts";

async function scene(...held: readonly HeldChangeSet[]) {
  const log = new RecordedCalls();
  const service = await startCloudFormation({ changeSets: () => held, log });
  onTestFinished(() => service.close());
  const client = new CloudFormationClient({ endpoint: service.url, region: "us-east-1", credentials, maxAttempts: 1 });
  return { log, client, describe: changeSets(client) };
}

describe("a change set of CloudFormation", () => {
  it("is found again as it was signed, page by page, and its stack with it", async () => {
    const { describe, log } = await scene({ description: executed, stack: changedStack });
    const seen = await describe(changeSetId, true);
    expect(changeSetState("plan.json", signedChangeSet, seen)).toEqual({ kind: "applied", by: "change-set" });
    expect(log.take()).toEqual([
      `cloudformation:DescribeChangeSet ${signedChangeSet.StackId} 200`,
      `cloudformation:DescribeChangeSet ${signedChangeSet.StackId} 200`,
      `cloudformation:DescribeStacks ${signedChangeSet.StackId} 200`,
    ]);
  });

  it("is described without values where they were not signed", async () => {
    const { describe } = await scene({ description: executed, stack: changedStack });
    const seen = await describe(changeSetId, false);
    expect(changeSetState("plan.json", signedChangeSet, seen).kind).toBe("refused");
    expect(JSON.stringify(seen)).not.toContain("AfterContext");
  });

  it("is not there once another was executed", async () => {
    expect(await (await scene()).describe(changeSetId, true)).toBeUndefined();
  });

  it("has no stack where that is gone", async () => {
    const { describe } = await scene({ description: executed });
    expect(await describe(changeSetId, true)).not.toHaveProperty("stack");
  });

  it("that nobody here may look at is refused", async () => {
    const denied = Object.assign(new Error("not authorized"), { name: "AccessDenied" });
    const client = { send: () => Promise.reject(denied) } as unknown as CloudFormationClient;
    expect(await refused(changeSets(client)(changeSetId, true))).toEqual({
      code: "deployment-refused",
      sentence: "Countersign may not look at the change set that was signed, so nobody knows whether it is applied.",
    });
  });

  it("is executed by nobody here: the stand-in refuses what it does not carry", async () => {
    const { client } = await scene({ description: signedChangeSet });
    await expect(client.send(new ExecuteChangeSetCommand({ ChangeSetName: changeSetId }))).rejects.toThrow(
      "ExecuteChangeSet is not carried by the local stand-in.",
    );
  });
});
