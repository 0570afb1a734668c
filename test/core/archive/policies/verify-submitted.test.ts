import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { noPoliciesKnown } from "../../../../core/archive/policies/verify-policies.ts";
import {
  type Submitted,
  submissionUntold,
  submittedElsewhere,
  verifySubmitted,
} from "../../../../core/archive/policies/verify-submitted.ts";
import type { FreezeManifest } from "../../../../core/promotion/freeze-manifest.ts";
import { recordsOf, replayedOf, told } from "../told.ts";
import { sayingIn } from "../told-steps.ts";

const { blobs, facts } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const known = noPoliciesKnown();
const { steps, manifest = expect.unreachable() } = await replayedOf(told.deployed);
const activations = recordsOf(facts).filter(({ record }) => record.type === "policy-activated");

const submitted = (of: FreezeManifest | undefined, from = steps) => submittedElsewhere(from, of, read, known);
const unsettled = async (from = steps, of = manifest): Promise<Submitted> =>
  (await submitted(of, from.slice(0, 1))) ?? expect.unreachable();
const verify = (each: Submitted, of: readonly PromotionRecord[] = activations) =>
  verifySubmitted(of, [each], read, known);
const target = { ...manifest.target, endpoint: "somewhere-else" } as typeof manifest.target;

describe("where a candidate leads, and whose pipeline submits it,", () => {
  it("is settled by its own gates, of every kind of promotion", async () => {
    for (const id of [told.deployed, told.policies, told.lent, told.blocked, told.kept, told.reopened]) {
      const of = await replayedOf(id);
      expect(await submittedElsewhere(of.steps, of.manifest, read, known)).toBe(undefined);
    }
    expect(await submitted(undefined)).toBe(undefined);
  });

  it("is by the policies in force at its request, where the log tells of them, and untold where not", async () => {
    const early = await unsettled();
    expect(await verify(early)).toEqual({ problems: [], untold: [] });
    expect(await verify(early, [])).toEqual({ problems: [], untold: [told.deployed] });
    expect(submissionUntold(told.deployed)).toContain("is told by its freeze.json alone");
  });

  it.each<[string, Partial<FreezeManifest>]>([
    ["target", { target }],
    ["pipeline", { requester: { ...manifest.requester, subject: "machine/nobodys" } }],
    ["model of the pipeline", { model: { ...manifest.model, name: "somebody-elses" } }],
    ["name of a target", { target: { ...manifest.target, name: "nowhere" } as typeof manifest.target }],
  ])("is no other %s", async (_, over) => {
    const other = (await submitted({ ...manifest, ...over })) ?? expect.unreachable();
    expect((await verify(other)).problems).toMatchObject([{ promotion: told.deployed, index: steps[0]?.index }]);
  });

  it("is that of what drifted, where that is asked about again", async () => {
    const { body } = steps[0]?.record ?? expect.unreachable();
    const again = sayingIn(steps, "request", { ...body, reapproves: told.kept });
    expect(await submitted({ ...manifest, target }, again)).toBe(undefined);
    expect(await submitted({ ...manifest, target })).toMatchObject({ promotion: told.deployed });
  });
});
