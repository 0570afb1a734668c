import { describe, expect, it } from "vitest";
import { installations, resource, resourcesOf, statementsOf, synthesize } from "./synthesized.ts";

const { witness: stack, witnessTemplate: witness } = synthesize(installations.witness);
if (stack === undefined || witness === undefined) throw new Error("There is no stack of a witness.");
// Made here like the other: on a busy machine it takes longer than a test may.
const unasked = synthesize().witness;
const ofType = (type: string) => Object.values(resourcesOf(witness)).filter(({ Type }) => Type === type);

describe("the stack of a witness", () => {
  it("is made only where it is asked for", () => {
    expect(unasked).toBeUndefined();
  });

  it("stands alone: it takes nothing from the log's stacks and gives them nothing", () => {
    expect(JSON.stringify(witness.toJSON())).not.toMatch(/Fn::ImportValue|"Export"|CountersignData|CountersignService/);
    expect(stack.dependencies).toEqual([]);
  });

  it("keeps its key and what it has cosigned, whatever becomes of the stack", () => {
    expect(stack.terminationProtection).toBe(true);
    for (const id of ["WitnessKey", "HeadsTable"]) {
      const { DeletionPolicy, UpdateReplacePolicy } = resource(witness, id);
      expect([DeletionPolicy, UpdateReplacePolicy], id).toEqual(["Retain", "Retain"]);
    }
    expect(resource(witness, "WitnessKey").Properties).toMatchObject({ KeySpec: "ECC_NIST_EDWARDS25519" });
    expect(resource(witness, "HeadsTable").Properties).toMatchObject({ DeletionProtectionEnabled: true });
  });

  it("has one call, as c2sp.org/tlog-witness names it", () => {
    expect(ofType("AWS::ApiGateway::Method").map(({ Properties }) => Properties["HttpMethod"])).toEqual(["POST"]);
    expect(ofType("AWS::ApiGateway::Resource").map(({ Properties }) => Properties["PathPart"])).toEqual([
      "add-checkpoint",
    ]);
  });

  it("lets its function sign with its key alone, over the whole message, and neither delete nor scan", () => {
    const statements = statementsOf(witness, "AddCheckpointRole");
    expect(statements.find(({ Action }) => Action === "kms:Sign")).toMatchObject({
      Resource: { "Fn::GetAtt": ["WitnessKey", "Arn"] },
      Condition: { StringEquals: { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" } },
    });
    const onTable = statements.flatMap(({ Action }) => Action).filter((action) => action.startsWith("dynamodb:"));
    expect(onTable).toEqual(["dynamodb:GetItem", "dynamodb:PutItem"]);
  });

  it("tells its operator of a log that forked", () => {
    expect(JSON.stringify(resource(witness, "AlarmsForks").Properties["FilterPattern"])).toContain("ledger-fork");
    witness.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "witness@example.org" });
  });

  it("tells its operator that it answers with server errors, which its function does without an error of its own", () => {
    expect(resource(witness, "AlarmsWitnessFails").Properties).toMatchObject({
      MetricName: "5XXError",
      Namespace: "AWS/ApiGateway",
      Threshold: 0,
      EvaluationPeriods: 2,
      AlarmDescription: expect.stringContaining('docs/runbook.md, "The API answers with server errors"'),
    });
  });

  it("tells its operator where a log could not show for an hour that it goes on, and not of each stranger's proof", () => {
    expect(JSON.stringify(resource(witness, "AlarmsUnproven").Properties["FilterPattern"])).toContain("unproven-head");
    const { EvaluationPeriods, Metrics } = resource(witness, "AlarmsLogUnproven").Properties;
    expect(EvaluationPeriods).toBe(2);
    expect(JSON.stringify(Metrics)).toContain("IF(FILL(unproven, 0) > 0 AND FILL(cosigned, 0) < 1, 1, 0)");
  });
});
