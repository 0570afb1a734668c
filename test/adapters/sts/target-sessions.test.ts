import type { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { targetSessions } from "../../../adapters/sts/target-sessions.ts";
import { sessionActions } from "../../../functions/targets/session-actions.ts";
import { orUnavailable } from "../../../functions/unavailable.ts";
import { id } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";

const account = {
  role: "arn:aws:iam::222233334444:role/countersign-deploys",
  externalId: "of-the-bank-7",
  servingRole: "arn:aws:iam::222233334444:role/serving",
};
const given = { AccessKeyId: "ASIA", SecretAccessKey: "secret", SessionToken: "token", Expiration: new Date(0) };

/** STS that answers with this, or throws it, behind the middleware that every client here has. */
function sts(answer: object | Error) {
  const asked: AssumeRoleCommand["input"][] = [];
  const answers = orUnavailable("STS")(async (input: AssumeRoleCommand["input"]) => {
    asked.push(input);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const client = { send: ({ input }: AssumeRoleCommand) => answers(input) } as unknown as STSClient;
  return { asked, client };
}

describe("a session in a target's account", () => {
  it("is named and tagged after the promotion, and may do what its step may do", async () => {
    const { asked, client } = sts({ Credentials: given });
    expect(await targetSessions(client, sessionActions.stage)(account, id)).toEqual({
      accessKeyId: "ASIA",
      secretAccessKey: "secret",
      sessionToken: "token",
    });
    const { Policy = "", ...input } = asked[0] ?? expect.unreachable();
    expect(input).toEqual({
      RoleArn: account.role,
      RoleSessionName: id,
      ExternalId: "of-the-bank-7",
      DurationSeconds: 900,
      Tags: [{ Key: "promotion", Value: id }],
      TransitiveTagKeys: ["promotion"],
    });
    const [may, passes] = JSON.parse(Policy).Statement;
    expect(may.Action).toContain("sagemaker:CreateModel");
    expect(may.Action).not.toContain("sagemaker:CreateEndpoint");
    expect(passes).toEqual({ Effect: "Allow", Action: "iam:PassRole", Resource: account.servingRole });
  });

  it("in which nothing of SageMaker serves passes no role, and may ask where the cluster is", async () => {
    const { asked, client } = sts({ Credentials: given });
    const { servingRole: _, ...cluster } = account;
    await targetSessions(client, sessionActions.stage)(cluster, id);
    await targetSessions(client, sessionActions["run-in-shadow"])(cluster, id);
    for (const { Policy = "" } of asked) {
      const statements = JSON.parse(Policy).Statement;
      expect(statements).toHaveLength(1);
      expect(statements[0].Action).toContain("eks:DescribeCluster");
    }
  });

  it("of a run in shadow may put a candidate beside what answers and take it away, and make no model", async () => {
    const { asked, client } = sts({ Credentials: given });
    await targetSessions(client, sessionActions["run-in-shadow"])(account, id);
    const [may, ...others] = JSON.parse(asked[0]?.Policy ?? "").Statement;
    expect(others).toEqual([]);
    expect(may.Action).toEqual(expect.arrayContaining(["sagemaker:UpdateEndpoint", "sagemaker:DeleteEndpointConfig"]));
    expect(asked[0]?.Policy).not.toMatch(/CreateModel"|PassRole|CreateEndpoint"|DeleteEndpoint"/);
  });

  it("of what deploys may neither create models nor pass a role", async () => {
    const { asked, client } = sts({ Credentials: given });
    await targetSessions(client, sessionActions.deploy)(account);
    expect(asked[0]).toMatchObject({ RoleSessionName: "countersign" });
    expect(asked[0]).not.toHaveProperty("Tags");
    expect(asked[0]?.Policy).not.toMatch(/CreateModel"|PassRole|Delete/);
  });

  it.each(Object.entries(sessionActions))("of %s is asked for with a policy that STS takes", async (_, actions) => {
    const { asked, client } = sts({ Credentials: given });
    await targetSessions(client, actions)(account, id);
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: 2,048 characters of plain text.
    expect(asked[0]?.Policy?.length).toBeLessThan(2048);
  });

  it.each(["watch-deployment", "restrict", "clean-up"] as const)(
    "of %s may remove an endpoint that somebody gave auto scaling",
    async (step) => {
      const { asked, client } = sts({ Credentials: given });
      await targetSessions(client, sessionActions[step])(account, id);
      const [may] = JSON.parse(asked[0]?.Policy ?? "").Statement;
      // https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html
      expect(may.Action).toEqual(
        expect.arrayContaining(["sagemaker:DeleteEndpoint", "application-autoscaling:DeregisterScalableTarget"]),
      );
    },
  );

  it.each<[string, Error | object]>([
    [
      "denies it",
      Object.assign(new Error("not authorized"), { name: "AccessDenied", $metadata: { httpStatusCode: 403 } }),
    ],
    ["gives nothing", {}],
  ])("is refused for good where the role %s", async (_, answer) => {
    const { code, sentence } = await refused(targetSessions(sts(answer).client, sessionActions.deploy)(account, id));
    expect(code).toBe("deployment-refused");
    expect(sentence).toMatch(
      /^The role 'arn:aws:iam::222233334444:role\/countersign-deploys' of the target's account does not let Countersign in/,
    );
  });

  it("is asked for again where STS is away", async () => {
    const away = Object.assign(new Error("Oops"), { name: "InternalFailure", $metadata: { httpStatusCode: 500 } });
    expect((await refused(targetSessions(sts(away).client, sessionActions.deploy)(account, id))).code).toBe(
      "unavailable",
    );
  });
});
