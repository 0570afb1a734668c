import { expect, it } from "vitest";
import { goodCandidate, reportOf } from "../core/gates/candidate.ts";

// `noWildcards`: every action, every action of a service, any action on everything, a role that anybody may assume, and
// permissions that the plan does not show (docs/gates.md).

const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const allow = (Action: string, Resource: string) => ({ policy: policy({ Effect: "Allow", Action, Resource }) });

function withResource(type: string, after: object, after_unknown: object = {}) {
  const plan = goodCandidate.documents["iac-plan.json"] ?? expect.unreachable();
  const content = {
    ...(plan.content as object),
    resource_changes: [
      { address: `${type}.x`, type, name: "x", change: { actions: ["create"], after, after_unknown } },
    ],
  };
  return { ...goodCandidate, documents: { ...goodCandidate.documents, "iac-plan.json": { ...plan, content } } };
}

it.each<[string, string, object, object?]>([
  ["a known one: every action of a service", "aws_iam_role_policy", allow("iam:*", "arn:aws:iam::111122223333:role/x")],
  [
    "every action of a service, written with a question mark",
    "aws_iam_role_policy",
    allow("iam:?*", "arn:aws:iam::111122223333:role/x"),
  ],
  [
    "every action of a service, written with two stars",
    "aws_iam_role_policy",
    allow("iam:**", "arn:aws:iam::111122223333:role/x"),
  ],
  ["any action on everything, as an ARN", "aws_iam_role_policy", allow("iam:CreateAccessKey", "arn:aws:*:*:*:*")],
  ...[
    "AmazonS3FullAccess",
    "AWSLambda_FullAccess",
    "IAMFullAccess",
    "job-function/SystemAdministrator",
    "team/AdminOfAll",
  ].map((name): [string, string, object] => [
    `what a managed policy's name says that it allows: ${name}`,
    "aws_iam_role_policy_attachment",
    { role: "x", policy_arn: `arn:aws:iam::aws:policy/${name}` },
  ]),
  [
    "a managed policy of which the plan does not say which",
    "aws_iam_role_policy_attachment",
    { role: "x" },
    { policy_arn: true },
  ],
  [
    "managed policies, all in one list",
    "aws_iam_role_policy_attachments_exclusive",
    { role_name: "x", policy_arns: ["arn:aws:iam::aws:policy/AdministratorAccess"] },
  ],
  [
    "managed policies of which the plan does not say which",
    "aws_iam_role",
    {
      name: "x",
      assume_role_policy: policy({
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: "ecs.amazonaws.com" },
      }),
    },
    { managed_policy_arns: true },
  ],
])("is found: %s", (_, type, after, unknown) => {
  const finding = reportOf(withResource(type, after, unknown)).findings.find(({ rule }) => rule === "iac.permissions");
  expect(`${finding?.status}: ${finding?.sentence}`).toMatch(/^failed/);
});

it.each(["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::111122223333:policy/admin/models-read"])(
  "is none in a managed policy by its name: %s",
  (policy_arn) => {
    const report = reportOf(withResource("aws_iam_role_policy_attachment", { role: "x", policy_arn }));
    expect(report.findings.find(({ rule }) => rule === "iac.permissions")?.status).toBe("passed");
  },
);

it("is none that the plan makes itself: that one says what it allows", () => {
  const attachment = withResource("aws_iam_role_policy_attachment", { role: "x" }, { policy_arn: true });
  const plan = attachment.documents["iac-plan.json"] ?? expect.unreachable();
  const content = plan.content as { resource_changes: object[] };
  const made = {
    ...{ address: "aws_iam_policy.own", type: "aws_iam_policy", name: "own" },
    change: { actions: ["create"], after: allow("s3:GetObject", "arn:aws:s3:::a/*"), after_unknown: { arn: true } },
  };
  const expressions = { policy_arn: { references: ["aws_iam_policy.own.arn", "aws_iam_policy.own"] } };
  const resources = [{ address: "aws_iam_role_policy_attachment.x", expressions }];
  const configuration = { root_module: { resources } };
  const own = {
    ...plan,
    content: { ...content, configuration, resource_changes: [...content.resource_changes, made] },
  };
  const report = reportOf({ ...attachment, documents: { ...attachment.documents, "iac-plan.json": own } });
  expect(report.findings.find(({ rule }) => rule === "iac.permissions")?.status).toBe("passed");
});
