import { expect, it } from "vitest";
import { type KeyChange, keyFactWith, keyGeneration } from "../../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { oncePublished } from "../../../functions/keys/signer-in-use.ts";
import { attestationKey } from "../../core/archive/reviewers.ts";

const at = "2026-11-27T09:00:00.000Z" as Instant;
const digest = new Uint8Array(32);
const { key, sign } = attestationKey();
const told = (change: KeyChange = { change: "published" }, generation = 2): Fact =>
  keyFactWith(keyGeneration("attestation", generation, key.pem), change, at, undefined);

/** The signer of a generation, by the clock so many seconds later, and how often it looked at what is recorded. */
function scene(facts: readonly Fact[] = [], seconds = 60, generation = 2) {
  let looks = 0;
  let clock = seconds;
  const keyFacts = async () => {
    looks += 1;
    return facts;
  };
  const signer = oncePublished({ sign, verifyingKey: async () => key }, generation, {
    now: () => addSeconds(at, clock),
    keyFacts,
  });
  const pass = (more: number) => {
    clock += more;
  };
  return { sign: () => signer.sign(digest), looks: () => looks, pass };
}

const refusal = {
  code: "unavailable",
  message: "The attestation key 2 is in use and was not published a minute ago, or has ended: nothing is signed by it.",
};

it("signs by the first key before anything is recorded of it", async () => {
  const { sign: signs } = scene([], 0, 1);
  expect((await signs()).length).toBeGreaterThan(60);
});

it("signs by a later key once it is recorded that it may, and looks for that once in five minutes", async () => {
  const { sign: signs, looks, pass } = scene([told()]);
  await signs();
  pass(299);
  await signs();
  expect(looks()).toBe(1);
  pass(1);
  await signs();
  expect(looks()).toBe(2);
});

it.each([1, 2])(
  "signs nothing by key %i from minutes before its end on, also where it has signed before",
  async (generation) => {
    const until = addSeconds(at, 7200);
    const facts = [told(undefined, generation), told({ change: "retired", until }, generation)];
    const { sign: signs, pass } = scene(facts, 7200 - 360 - 1, generation);
    await signs();
    pass(299);
    await signs();
    pass(1);
    await expect(signs()).rejects.toMatchObject({
      code: "unavailable",
      message: `The attestation key ${generation} is in use and has ended, or is about to: nothing is signed by it any more.`,
    });
  },
);

it("signs nothing from six minutes before its key's end on, and everything a second before that", async () => {
  const facts = [told(), told({ change: "retired", until: addSeconds(at, 7200) })];
  await scene(facts, 7200 - 361).sign();
  await expect(scene(facts, 7200 - 360).sign()).rejects.toMatchObject({ code: "unavailable" });
});

it.each([
  ["nothing is recorded of it", [], 3600],
  ["it was recorded just now, by a clock that may be behind", [told()], 59],
  ["it was retired", [told(), told({ change: "retired", until: addSeconds(at, 7200) })], 7260],
])("signs nothing where %s", async (_, facts, seconds) => {
  await expect(scene(facts, seconds).sign()).rejects.toMatchObject(refusal);
});
