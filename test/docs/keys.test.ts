import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { synthesize } from "../infra/synthesized.ts";

const { dataTemplate } = synthesize();
const roles = Object.keys(dataTemplate.findResources("AWS::KMS::Key")).map((id) =>
  id.replace(/Key$/, "").toLowerCase(),
);

describe("the keys of a deployment", () => {
  it("are four, and docs/keys.md says of each what it signs and where it is published", () => {
    const page = readFileSync("docs/keys.md", "utf8");
    expect(roles).toHaveLength(4);
    expect(roles.filter((role) => !page.includes(`\n| ${role} | KMS `))).toEqual([]);
  });

  it("are rotated as the runbook says, each by its setting", () => {
    const [, rotation = ""] = readFileSync("docs/runbook.md", "utf8").split("\n## Rotate a key\n");
    const [section = ""] = rotation.split("\n## ");
    expect(roles.filter((role) => !section.includes(`${role}Keys`))).toEqual([]);
  });
});
