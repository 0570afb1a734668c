import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { shippedPackages, thirdPartyNotices } from "../../scripts/third-party-notices.ts";

it("the notices are those of what is installed: otherwise run `npm run notices`", () => {
  expect(readFileSync("THIRD-PARTY-NOTICES.md", "utf8")).toBe(thirdPartyNotices());
});

it("nothing ships whose licence asks for more than a notice", () => {
  const licences = new Set(shippedPackages().map(({ licence }) => licence));
  expect([...licences].filter((licence) => /AGPL|GPL|MPL|EPL|CC-BY/.test(licence))).toEqual([]);
  expect(shippedPackages().map(({ name }) => name)).not.toContain("@cloud-copilot/iam-simulate");
});
