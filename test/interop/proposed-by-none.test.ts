import { describe, expect, it } from "vitest";
import type { Fact } from "../../core/promotion/fact.ts";
import { smallFacts, smallPack } from "../core/archive/small-pack.ts";
import { told } from "../core/archive/told.ts";
import { expectOurs } from "./our-verifier.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

const { withdrawn } = told;
const request = smallFacts.find(({ promotion }) => promotion === withdrawn) ?? expect.unreachable();
const { requirements = null } = request.body;
const proposed: Fact = {
  id: `${withdrawn}/1`,
  type: "policy-proposed",
  at: request.at,
  promotion: withdrawn,
  summary: "Policies were proposed.",
  body: { former: requirements, proposed: requirements },
  attachments: [],
};
const others = smallFacts.filter(({ promotion }) => promotion !== withdrawn);
const pack = () => smallPack({ facts: [...others, request, proposed] });

describe("policies that are proposed by a candidate, of which nothing was frozen", () => {
  it("are not taken by our verifier", async () => {
    await expectOurs(await pack(), /it is no change of the policies\.$/);
  });

  withTool(
    python,
    "are not taken by the second verifier",
    async () => await expectVerdict(await pack(), /policies are proposed by what is no change of them/),
    async () => requireOnThePage(await pack()),
  );
});
