import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mostCharacters } from "../../infra/permissions/room-in-roles.ts";
import { type Json, resourcesOf, synthesize } from "./synthesized.ts";

const roles = (count: number) =>
  Array.from({ length: count }, (_, at) => `arn:aws:iam::22223333${4000 + at}:role/countersign-deploys`).join(",");

/** The fewest characters that a role's policies can have, whatever the deployment makes of what only it knows. */
function least(policies: Json | undefined): number {
  const known = JSON.stringify(policies ?? [], (_, value) => (isIntrinsic(value) ? "" : value));
  return known.length;
}

const isIntrinsic = (value: unknown) =>
  typeof value === "object" &&
  value !== null &&
  ("Ref" in value || "Fn::GetAtt" in value || "Fn::ImportValue" in value);

describe("roles in other accounts", () => {
  it("are refused with the setting and the number where a function's role has no room for them", () => {
    const refusal =
      /^The context setting 'targetRoles' names 120 roles, with which the policy of (\w+) would have about (\d+) characters; IAM takes 10240, so about (\d+) such roles fit\./;
    let said = "";
    try {
      synthesize({ targetRoles: roles(120) });
    } catch (error) {
      said = String((error as Error).message);
    }
    const [, name, characters, fit] = refusal.exec(said) ?? expect.unreachable(said);
    expect(Number(characters)).toBeGreaterThan(mostCharacters);
    // As many as it says do fit, and docs/operations.md says how many.
    const { serviceTemplate } = synthesize({ targetRoles: roles(Number(fit)) });
    const sizes = Object.entries(resourcesOf(serviceTemplate)).flatMap(([id, { Type, Properties }]) =>
      Type === "AWS::IAM::Role" ? [[id, least(Properties["Policies"])] as const] : [],
    );
    expect(sizes.filter(([, size]) => size > mostCharacters)).toEqual([]);
    const row = /\| IAM \| .*?; about (\d+) roles of `targetRoles` called/.exec(
      readFileSync("docs/operations.md", "utf8"),
    );
    expect(sizes.length).toBeGreaterThan(40);
    expect([name, Number(fit)]).toEqual(["Restrict", Number(row?.[1])]);
  });
});
