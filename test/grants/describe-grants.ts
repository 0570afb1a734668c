import { describe, expect, it } from "vitest";
import { outdated, unexplained } from "./explained-grants.ts";
import { deniedCalls, type Evidence, strangers } from "./judge-calls.ts";
import type { Role, Statement } from "./roles.ts";
import { grantsOf, unusedGrants } from "./unused-grants.ts";

/** Who calls from outside the stacks, with rights of their own: nothing that the templates grant. */
const outsiders = [
  "APPLICATION",
  "AUDITOR",
  "BUCKETADMIN",
  "CIPIPELINE",
  "GATEWAY",
  "OPERATOR",
  "OTHERACCOUNT",
  "PLATFORMADMIN",
  "PLATFORMTEAM",
  "WORKLOAD",
];

/** Design 3.11: nothing is called that is not granted, and nothing is granted that is never called. */
export function describeGrants(evidence: () => Evidence): void {
  describe("what the roles may do", () => {
    it("covers every call that was made", async () => {
      expect(evidence().calls.length).toBeGreaterThan(1000);
      expect(await deniedCalls(evidence())).toEqual([]);
    });

    it("knows everybody who called", () => {
      expect(strangers(evidence()).filter((caller) => !outsiders.includes(caller))).toEqual([]);
    });

    it("is all needed, or explained", () => {
      expect(unexplained(unusedGrants(evidence()))).toEqual([]);
    });

    it("has no explanation that is no longer needed", () => {
      expect(outdated(unusedGrants(evidence()), evidence().roles.flatMap(grantsOf))).toEqual([]);
    });
  });

  describe("the test of the roles", () => {
    it("sees each permission that somebody takes away", async () => {
      const needed = neededBy("DecideRole").filter(({ action }) => !/^(logs|xray):/.test(action));
      expect(needed.length).toBeGreaterThan(8);
      for (const { action } of needed) {
        const { calls, ...rest } = withRole("DecideRole", (statement) => without(statement, action));
        const own = calls.filter(({ principal }) => principal === "DecideFunction");
        const denied = await deniedCalls({ ...rest, calls: own });
        expect(new Set(denied.map((denial) => denial.action)), `without ${action}`).toContain(action);
      }
    });

    it("sees a permission that nobody needs", () => {
      const more = { Effect: "Allow", Action: "dynamodb:DeleteTable", Resource: "*" };
      const evidenceWithMore = withStatements("SubmitRole", (statements) => [
        ...statements,
        { effect: "Allow", actions: ["dynamodb:DeleteTable"], resources: ["*"], document: more },
      ]);
      expect(unexplained(unusedGrants(evidenceWithMore))).toEqual([
        { role: "SubmitRole", action: "dynamodb:DeleteTable", resource: "*" },
      ]);
    });

    it("sees a key asked for another algorithm than the role may use", async () => {
      const calls = evidence().calls.map((call) =>
        call.action === "kms:Sign" ? { ...call, context: { ...call.context, "kms:MessageType": "OTHER" } } : call,
      );
      const denied = await deniedCalls({ ...evidence(), calls: calls.filter(({ action }) => action === "kms:Sign") });
      expect(new Set(denied.map(({ principal }) => principal))).toEqual(
        new Set([
          "ArchiveFunction",
          "IssuePassportFunction",
          "RecordDelegationFunction",
          "RecordLoanFunction",
          "RecordSignOffFunction",
          "RepublishCheckpointFunction",
          "VerifySignOffsFunction",
        ]),
      );
    });

    it("sees an object of the ledger written without If-None-Match, whatever the role may", async () => {
      const calls = evidence().calls.map((call) => {
        const { "s3:if-none-match": _condition, ...context } = call.context;
        return { ...call, context };
      });
      const denied = await deniedCalls({ ...evidence(), calls });
      expect(new Set(denied.map(({ action, why }) => `${action} ${why}`))).toEqual(
        new Set(["s3:PutObject ExplicitlyDenied"]),
      );
    });

    it("sees a call that did not come over TLS", async () => {
      const calls = evidence().calls.map((call) => ({
        ...call,
        context: { ...call.context, "aws:SecureTransport": "false" },
      }));
      const denied = await deniedCalls({ ...evidence(), calls });
      const services = new Set(denied.map(({ action }) => action.split(":")[0]));
      // Whether the clock looks into its queue is up to how the stories go on.
      services.delete("sqs");
      expect(services).toEqual(new Set(["s3"]));
    });
  });

  function neededBy(role: string) {
    const unused = new Set(unusedGrants(evidence()).map((grant) => JSON.stringify(grant)));
    return evidence()
      .roles.filter(({ name }) => name === role)
      .flatMap(grantsOf)
      .filter((grant) => !unused.has(JSON.stringify(grant)));
  }

  function withRole(name: string, change: (statement: Statement) => Statement): Evidence {
    return withStatements(name, (statements) => statements.map(change));
  }

  function withStatements(name: string, change: (statements: readonly Statement[]) => readonly Statement[]): Evidence {
    const changed = (role: Role) => (role.name === name ? { ...role, statements: change(role.statements) } : role);
    return { ...evidence(), roles: evidence().roles.map(changed) };
  }
}

function without(statement: Statement, action: string): Statement {
  // An empty list would not be a policy any more; this one grants nothing.
  const rest = statement.actions.filter((each) => each !== action);
  const actions = rest.length === 0 ? ["iam:GetAccountSummary"] : rest;
  return { ...statement, actions, document: { ...statement.document, Action: actions } };
}
