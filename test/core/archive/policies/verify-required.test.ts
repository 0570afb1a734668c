import { expect, it } from "vitest";
import { noPoliciesKnown } from "../../../../core/archive/policies/verify-policies.ts";
import { recheckPinned } from "../../../../core/archive/policies/verify-required.ts";
import { replayedOf, told } from "../told.ts";
import { sayingIn, stepOf } from "../told-steps.ts";

const { steps } = await replayedOf(told.deployed);
const recheck = (step: ReturnType<typeof stepOf>) =>
  recheckPinned(step, async (sha256) => told.house.blobs.get(sha256), noPoliciesKnown());
const verdict = stepOf(steps, "verdict");

it("a verdict is signed by policies that come to what people signed for", async () => {
  expect(await recheck(verdict)).toBeUndefined();
  const { after } = verdict;
  const signedFor = { ...after, requirements: { ...after.requirements, sha256: after.freezeDigest } };
  expect(await recheck({ ...verdict, after: signedFor })).toBe(
    "The verdict was signed by policies that come to other requirements than people signed for.",
  );
});

it("of a verdict that says FAILED, or brings no policies, nothing is asked here", async () => {
  const { after } = verdict;
  const signedFor = { ...after, requirements: { ...after.requirements, sha256: after.freezeDigest } };
  const failed = stepOf(sayingIn(steps, "verdict", { result: "FAILED" }), "verdict");
  expect(await recheck({ ...failed, after: signedFor })).toBeUndefined();
  const bare = { ...verdict.record, attachments: [] };
  expect(await recheck({ ...verdict, record: bare, after: signedFor })).toBeUndefined();
});
