import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { noPoliciesKnown } from "../../../../core/archive/policies/verify-policies.ts";
import {
  type Request,
  requestOf,
  requestUntold,
  verifyRequests,
} from "../../../../core/archive/policies/verify-requests.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { recordsOf, replayedOf, told } from "../told.ts";
import { sayingIn } from "../told-steps.ts";

// Until when a promotion may be decided, and what it was asked for under, is told again by the policies of that time: by
// those in force at the request where the whole log tells of them, and else by what its own gates brought.

const { blobs, facts } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const known = noPoliciesKnown();
const { steps } = await replayedOf(told.deployed);
const activations = recordsOf(facts).filter(({ record }) => record.type === "policy-activated");
const [first, second] = activations;
if (first === undefined || second === undefined) throw new Error("Policies were put in force twice.");

const request = steps[0]?.record ?? expect.unreachable();
const end = request.body["expiresAt"] as Instant;
const requested = async (of: readonly Step[] = steps, frozen = true, from = read): Promise<Request> =>
  (await requestOf(of, frozen, from, known)) ?? expect.unreachable();
/** With other words in the request, and with what the gates brought unless `bare`. */
const saying = (body: object, bare: "whole" | "bare" = "whole") => {
  const said = sayingIn(steps, "request", { ...request.body, ...body });
  return bare === "whole" ? said : said.filter(({ record }) => record.type === "request");
};
const verify = (requests: readonly Request[], of: readonly PromotionRecord[] = activations, from = read) =>
  verifyRequests(of, requests, from, known);
const wrong = (sentence: string) => ({ problems: [{ promotion: told.deployed, index: steps[0]?.index, sentence }] });

const otherEnd = "The request says another end than its requirements give it.";
const otherRequirements =
  "The request says that it was asked for under other requirements than the policies in force then come to.";

describe("what a promotion was asked for under", () => {
  it("is what the policies in force then come to, of every kind of promotion", async () => {
    for (const id of [told.deployed, told.policies, told.lent, told.blocked, told.kept, told.reopened]) {
      const of = await replayedOf(id);
      const asked = await requested(of.steps, of.manifest !== undefined);
      expect(await verify([asked])).toEqual({ problems: [], untold: [] });
      expect(await verify([asked], [])).toEqual({ problems: [], untold: [] });
    }
  });

  it("is not asked where there is none", async () => {
    expect(await requestOf([], true, read, known)).toBe(undefined);
  });

  it.each(["whole", "bare"] as const)("is no other end, told by the policies of the whole log: %s", async (bare) => {
    const later = await requested(saying({ expiresAt: addSeconds(end, 1) }, bare));
    expect(await verify([later])).toMatchObject(wrong(otherEnd));
  });

  it("is no other end, told by its own requirements where the policies of that time are not there", async () => {
    const later = await requested(saying({ expiresAt: addSeconds(end, -1) }));
    expect(await verify([later], [])).toMatchObject(wrong(otherEnd));
  });

  it("is under no other requirements where the log tells of all policies, and untold where it does not", async () => {
    const other = await requested(saying({ requirements: digestOf("other") }));
    expect(await verify([other])).toMatchObject(wrong(otherRequirements));
    expect(await verify([other], [])).toEqual({ problems: [], untold: [told.deployed] });
    expect(requestUntold).toContain("is told by its request alone");
  });

  it("is by the policies that were in force then, give or take what a function takes to run", async () => {
    const asked = await requested(steps.slice(0, 1));
    const own = first.record.body["policy"] as Sha256;
    const version = (policy: Sha256, seconds: number): PromotionRecord => {
      const at = addSeconds(asked.at, seconds);
      return { ...first, record: { ...first.record, at, body: { ...first.record.body, policy } } };
    };
    // Nobody can read these, so it is untold what they come to.
    const strange = digestOf("strange");
    const untold = async (...of: readonly PromotionRecord[]) => (await verify([asked], of)).untold.length === 1;
    expect(await untold(version(own, -7200), version(strange, 3600))).toBe(false);
    expect(await untold(version(own, -7200), version(strange, -3600))).toBe(true);
    expect(await untold(version(strange, -7200), version(own, 3600))).toBe(true);
    expect(await untold(version(own, -7200), version(strange, -800))).toBe(false);
    expect(await untold(version(strange, -7200), version(own, -800))).toBe(false);
  });

  it("is untold where what the policies ask about is not all there, or they cannot be read", async () => {
    const unfrozen = await requested(saying({ requirements: digestOf("other") }, "bare"), false);
    expect(await verify([unfrozen])).toEqual({ problems: [], untold: [told.deployed] });
    const bare = await requested(saying({}, "bare"), true);
    const strange: ReadDocument = async () => utf8("{}");
    const nothing = { versions: new Map(), required: new WeakMap() };
    expect(await verifyRequests(activations, [bare], strange, nothing)).toEqual({
      problems: [],
      untold: [told.deployed],
    });
  });
});
