import { writeFileSync } from "node:fs";
import { JwtVerifier } from "aws-jwt-verify";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import type { HeldChangeSet } from "../../../local/cloudformation/cloudformation.ts";
import { approval, ended, expect, promote, type Submitted, taken } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { patientFetch } from "./patient-fetch.ts";
import type { ApiAnswer } from "./pipeline.ts";
import { result, type StoryResult } from "./stories.ts";

const target = "edge";
const audience = "fleet";

/**
 * A pipeline that deploys by itself: it has nothing to deploy with until people have signed and the infrastructure that
 * they signed is there. Then it gets a passport, which opens the fleet once, and says what came of it.
 */
export async function passport(cast: Cast): Promise<StoryResult> {
  const { pipeline, say } = cast;
  const { id, plan } = await planned(cast, "4.0.0");
  const early = await askForPassport(cast, id);
  expect(early.body["code"] === "deployment-refused", `there is no passport before: ${JSON.stringify(early.body)}`);
  say(String(early.body["detail"]));

  hold(cast, executed(plan));
  say("the change set that was signed is executed");
  await pipeline.until(id, "the deployment", ({ status }) => status === "deploying");
  const given = await askForPassport(cast, id);
  expect(given.status === 201, `the pipeline gets its passport, not ${given.status}: ${JSON.stringify(given.body)}`);
  const token = String(given.body["passport"]);
  const claims = await shownToFleet(cast, token);
  expect(claims["promotion"] === id, "the passport is of this promotion");
  say(`the fleet takes the passport '${claims["jti"]}', which names the bytes ${claims["freeze_sha256"]}`);
  const again = await redeemed(cast, token);
  expect(again.body["code"] === "token-replayed", `nobody uses it a second time: ${JSON.stringify(again.body)}`);

  const detail = "Rolled out to 40 devices.";
  const report = { outcome: "deployed", detail };
  const reported = await pipeline.post(`/v1/promotions/${id}/deployment`, report, () => pipeline.token());
  expect(reported.status < 300, `the report is taken: ${JSON.stringify(reported.body)}`);
  const promotion = await ended(cast, id, "deployed");
  return { ...result("passport", promotion), explanation: `The pipeline says: ${detail}` };
}

/** What is executed is not what was signed: the deployment is refused, and the pipeline never gets a passport. */
export async function changedPlan(cast: Cast): Promise<StoryResult> {
  const { id, plan } = await planned(cast, "4.0.1");
  hold(cast, executed({ ...plan, Changes: [change("InspectionRole", "AWS::IAM::Role")] }));
  cast.say("what somebody executed under the name of the change set is something else");
  const promotion = await ended(cast, id, "blocked");
  const refused = await askForPassport(cast, id);
  expect(refused.body["code"] === "deployment-refused", `there is no passport: ${JSON.stringify(refused.body)}`);
  return result("changed-plan", promotion);
}

/** A candidate with the description of a change set, which people have signed and nobody has executed yet. */
export async function planned(cast: Cast, version: string): Promise<{ id: string; plan: Plan }> {
  const plan = changeSet(version);
  hold(cast, { description: plan });
  const withPlan = (files: Submitted["files"]) => {
    const { "evidence/iac-plan.json": _terraform, ...rest } = Object.fromEntries(files);
    return new Map(Object.entries({ ...rest, "evidence/change-set.json": JSON.stringify(plan) }));
  };
  const { id } = await promote(cast, "champion", version, withPlan, target);
  await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
  const held = ({ timeline }: PromotionView) => timeline.find(({ type }) => type === "held");
  const waiting = await cast.pipeline.until(id, "the plan", (promotion) => held(promotion) !== undefined);
  cast.say(held(waiting)?.summary ?? "");
  return { id, plan };
}

type Plan = HeldChangeSet["description"];

/** As `aws cloudformation describe-change-set` prints one that was just made. */
function changeSet(version: string): Plan {
  const name = `release-${version.replaceAll(".", "-")}`;
  return {
    ChangeSetName: name,
    ChangeSetId: `arn:aws:cloudformation:us-east-1:000000000000:changeSet/${name}/9a8b7c6d`,
    StackId: "arn:aws:cloudformation:us-east-1:000000000000:stack/fleet/0f1e2d3c",
    StackName: "fleet",
    ExecutionStatus: "AVAILABLE",
    Status: "CREATE_COMPLETE",
    Changes: [change("RolloutWindow", "AWS::SSM::Parameter")],
  };
}

function change(id: string, type: string) {
  return {
    Type: "Resource",
    ResourceChange: { Action: "Modify", LogicalResourceId: id, ResourceType: type, Replacement: "False" },
  };
}

export function executed(plan: Plan): HeldChangeSet {
  return {
    description: { ...plan, ExecutionStatus: "EXECUTE_COMPLETE" },
    stack: { StackStatus: "UPDATE_COMPLETE", ChangeSetId: String(plan["ChangeSetId"]) },
  };
}

/** Executing a change set deletes every other one of its stack, so there is one at a time. */
export function hold({ stack }: Cast, held: HeldChangeSet): void {
  writeFileSync(stack.changeSetsFile, JSON.stringify([held]));
}

async function askForPassport({ pipeline }: Cast, id: string): Promise<ApiAnswer> {
  return pipeline.post(`/v1/promotions/${id}/passport`, { audience }, await pipeline.token(), "once");
}

/** Whoever holds the credentials of the fleet: believes the discovery document of the issuer, and asks that nobody used it before. */
async function shownToFleet(cast: Cast, token: string): Promise<Readonly<Record<string, unknown>>> {
  const issuer = `${cast.stack.addresses.portal}/v1/passports`;
  const discovery = (await fetched(`${issuer}/.well-known/openid-configuration`)) as { readonly jwks_uri: string };
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri: discovery.jwks_uri });
  // It fetches over TLS alone, which there is none of on this machine.
  verifier.cacheJwks((await fetched(discovery.jwks_uri)) as Parameters<typeof verifier.cacheJwks>[0]);
  const claims = await verifier.verify(token);
  const first = await redeemed(cast, token);
  expect(first.status === 200, `the passport is taken, not answered ${first.status}: ${JSON.stringify(first.body)}`);
  return claims;
}

function redeemed({ pipeline }: Cast, token: string): Promise<ApiAnswer> {
  return pipeline.post("/v1/passports/redemption", {}, token, "once");
}

async function fetched(address: string): Promise<unknown> {
  const answer = await patientFetch(address);
  expect(answer.ok, `${address} is there, and does not answer ${answer.status}`);
  return answer.json();
}
