import { describe, expect, it } from "vitest";
import { loadInForce, type Policies } from "../../../core/policy/load-policies.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import { policyInForce, underPolicy } from "../../../functions/policies/policy-in-force.ts";
import { shipped, shippedWith } from "../../core/archive/house.ts";
import { takenBefore } from "../../core/policy/taken-before.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";

const matrix = shipped.bundle.texts["matrix.yaml"];
const signedOff = shippedWith(`${matrix}\n# Signed off by three.\n`);
/** Of a matrix that says nothing of who signs for a change. */
const withoutChange = shippedWith(matrix.replace(/^policyChange:\n(?:[ #].*\n|\n)*/m, ""));

/** A table with one pin, and how often a bundle was fetched from the archive. */
function table(pin: Policies | undefined) {
  const state = { pin, fetched: 0 };
  return {
    state,
    ports: {
      deployed: shipped,
      policies: {
        inForce: async (): Promise<PolicyInForce | undefined> =>
          state.pin === undefined ? undefined : { digest: state.pin.digest, documents: [], since: now, number: 2 },
        get: async () => {
          state.fetched += 1;
          return (state.pin ?? shipped).bundle;
        },
      },
    },
  };
}

describe("the policies in force", () => {
  it("are the deployment's before any were put in force, and while theirs are", async () => {
    for (const pin of [undefined, shipped]) {
      const { ports, state } = table(pin);
      expect(await policyInForce(ports)()).toBe(shipped);
      expect(state.fetched).toBe(0);
    }
  });

  it("are those that were signed off, whatever has been deployed since, and are fetched once", async () => {
    const { ports, state } = table(signedOff);
    const inForce = policyInForce(ports);
    const first = await inForce();
    expect(first.digest).toBe(signedOff.digest);
    expect(await inForce()).toBe(first);
    expect(state.fetched).toBe(1);
  });

  it("are asked for each time, so that a change counts at once", async () => {
    const { ports, state } = table(undefined);
    const inForce = policyInForce(ports);
    expect((await inForce()).digest).toBe(shipped.digest);
    state.pin = signedOff;
    expect((await inForce()).digest).toBe(signedOff.digest);
  });

  it("are those that a record tells of, where a deployment may bring others", async () => {
    expect(withoutChange.matrix.policyChange).toBeUndefined();
    const { ports, state } = table(withoutChange);
    const inForce = policyInForce(ports);
    expect((await inForce()).digest).toBe(withoutChange.digest);
    state.pin = shipped;
    expect(await inForce()).toBe(shipped);
  });

  it("answer where a rule that came later would refuse them", async () => {
    const { ports } = table(loadInForce(takenBefore));
    expect((await policyInForce(ports)()).bundle).toEqual(takenBefore);
  });

  it("are never guessed: where they cannot be fetched, nothing is judged", async () => {
    const { ports } = table(signedOff);
    const gone = { ...ports, policies: { ...ports.policies, get: () => Promise.reject(new Error("gone")) } };
    await expect(policyInForce(gone)()).rejects.toThrow("gone");
  });
});

describe("work under the policies in force", () => {
  it("is made once for a version, and anew for the next", async () => {
    const versions = [shipped, shipped, signedOff, shipped];
    const made: string[] = [];
    let at = 0;
    const work = underPolicy(
      async () => versions[at++] ?? shipped,
      (policy) => {
        made.push(policy.digest);
        return async (input: number) => [policy.digest, input] as const;
      },
    );
    const answers = [await work(1), await work(2), await work(3), await work(4)];
    expect(answers).toEqual(versions.map(({ digest }, index) => [digest, index + 1]));
    expect(made).toEqual([shipped.digest, signedOff.digest, shipped.digest]);
  });
});
