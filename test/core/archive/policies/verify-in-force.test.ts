import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { type DoneUnder, doneUnder, verifyInForce } from "../../../../core/archive/policies/verify-in-force.ts";
import { noPoliciesKnown } from "../../../../core/archive/policies/verify-policies.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { recordsOf, replayedOf, told } from "../told.ts";

// What changed before the deployment sends a promotion back to its gates (design 3.8): whatever asks people, counts them or
// deploys does it under requirements that the policies in force then come to.

const { blobs, facts } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const known = noPoliciesKnown();
const { steps } = await replayedOf(told.deployed);
const activations = recordsOf(facts).filter(({ record }) => record.type === "policy-activated");
const [first, second] = activations;
const [done, ...more] = doneUnder(steps);
if (first === undefined || second === undefined || done === undefined) throw new Error("Nothing was done.");
const last = done.steps.at(-1) ?? expect.unreachable();

const policyOf = ({ record }: PromotionRecord) => record.body["policy"] as Sha256;
/** A version put in force so many seconds after the last thing that was done. */
const version = (policy: Sha256, seconds: number): PromotionRecord => ({
  ...first,
  record: { ...first.record, at: addSeconds(last.at, seconds), body: { ...first.record.body, policy } },
});
const verify = async (of: readonly PromotionRecord[], under: readonly DoneUnder[] = [done], from = read) =>
  (await verifyInForce(of, under, from, known)).map(({ index }) => index);
const long = -90_000;

describe("what is done under requirements", () => {
  it("is done under those in force, of every kind of promotion", async () => {
    for (const id of [told.deployed, told.policies, told.lent, told.ratified, told.kept, told.reopened])
      expect(await verify(activations, doneUnder((await replayedOf(id)).steps))).toEqual([]);
  });

  it("is to ask people, to decide, to sign that they did, and to deploy", () => {
    const types = done.steps.map(({ index }) => steps.find((step) => step.index === index)?.record.type);
    expect(new Set(types)).toEqual(new Set(["stage-opened", "stage-decided", "verdict", "deployment-started"]));
    expect(more).toEqual([]);
  });

  it("is found where others came in force before, and come to something else", async () => {
    const of = { ...done, requirements: digestOf("other"), policy: policyOf(first) };
    const changed = [version(policyOf(first), long), version(policyOf(second), -901)];
    expect(await verify(changed, [of])).toEqual([last.index]);
    expect(await verify([version(policyOf(first), long), version(policyOf(second), -900)], [of])).toEqual([]);
    expect(await verifyInForce(changed, [of], read, known)).toMatchObject([
      { promotion: told.deployed, sentence: expect.stringContaining("the policies in force then do not come to") },
    ]);
  });

  it("may go on where the others come to the same", async () => {
    const { policy: _, ...silent } = done;
    expect(await verify([version(policyOf(first), long)], [silent])).toEqual([]);
    expect(await verify([version(policyOf(first), long)], [{ ...silent, requirements: digestOf("other") }])).toEqual(
      done.steps.map(({ index }) => index),
    );
  });

  it("is held against nothing where the log tells of no policies, or of some that nobody can read", async () => {
    const other = { ...done, requirements: digestOf("other"), policy: digestOf("other") };
    expect(await verify([], [other])).toEqual([]);
    const nothing = noPoliciesKnown();
    expect(await verifyInForce([version(digestOf("strange"), long)], [other], async () => utf8("{}"), nothing)).toEqual(
      [],
    );
  });
});
