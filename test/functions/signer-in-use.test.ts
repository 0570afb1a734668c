import { expect, it } from "vitest";
import { type KeyChange, keyFactWith, keyGeneration } from "../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { oncePublished } from "../../functions/signer-in-use.ts";
import { attestationKey } from "../core/archive/reviewers.ts";

const at = "2026-11-27T09:00:00.000Z" as Instant;
const digest = new Uint8Array(32);
const { key, sign } = attestationKey();
const told = (change: KeyChange = { change: "published" }): Fact =>
  keyFactWith(keyGeneration("attestation", 2, key.pem), change, at, undefined);

/** The signer of a generation, by the clock so many seconds later, and how often it looked at what is recorded. */
function scene(facts: readonly Fact[] = [], seconds = 60, generation = 2) {
  let looks = 0;
  const keyFacts = async () => {
    looks += 1;
    return facts;
  };
  const signer = oncePublished({ sign, verifyingKey: async () => key }, generation, {
    now: () => addSeconds(at, seconds),
    keyFacts,
  });
  return { sign: () => signer.sign(digest), looks: () => looks };
}

const refusal = {
  code: "unavailable",
  message: "The attestation key 2 is in use and was not published a minute ago: nothing is signed by it yet.",
};

it("signs by the first key, whatever is recorded", async () => {
  const { sign: signs, looks } = scene([], 0, 1);
  expect((await signs()).length).toBeGreaterThan(60);
  expect(looks()).toBe(0);
});

it("signs by a later key once it is recorded that it may, and looks for that once", async () => {
  const { sign: signs, looks } = scene([told()]);
  await signs();
  await signs();
  expect(looks()).toBe(1);
});

it.each([
  ["nothing is recorded of it", [], 3600],
  ["it was recorded just now, by a clock that may be behind", [told()], 59],
  ["it was retired", [told(), told({ change: "retired", until: addSeconds(at, 7200) })], 7260],
])("signs nothing where %s", async (_, facts, seconds) => {
  await expect(scene(facts, seconds).sign()).rejects.toMatchObject(refusal);
});
