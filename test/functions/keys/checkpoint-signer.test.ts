import { expect, it } from "vitest";
import { type KeyChange, keyFactWith, keyGeneration } from "../../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { keyEndInLog, untilItEnds } from "../../../functions/keys/checkpoint-signer.ts";
import { attestationKey } from "../../core/archive/reviewers.ts";
import { refused } from "../../core/refusal.ts";

const at = "2026-11-27T09:00:00.000Z" as Instant;
const { pem } = attestationKey().key;
const told = (role: "attestation" | "checkpoint", change: KeyChange, generation = 1) =>
  keyFactWith(keyGeneration(role, generation, pem), change, at, undefined);
const retired = { change: "retired", until: addSeconds(at, 7200) } as const;

/** The signer of the first generation, by the clock so many seconds later, and how often it looked at what is recorded. */
function scene(facts: readonly ReturnType<typeof told>[], seconds: number) {
  let looks = 0;
  let clock = seconds;
  const ports = {
    now: () => addSeconds(at, clock),
    keyFacts: async () => {
      looks += 1;
      return facts;
    },
  };
  const sign = untilItEnds(async () => new Uint8Array(64), 1, ports);
  const pass = (more: number) => {
    clock += more;
  };
  return { sign: () => sign(new Uint8Array(1)), looks: () => looks, pass };
}

it("signs no head by a checkpoint key from minutes before its end on, also where a deployment put it back in use", async () => {
  const { sign, pass, looks } = scene([told("checkpoint", retired)], 7200 - 360 - 1);
  await sign();
  pass(299);
  await sign();
  expect(looks()).toBe(1);
  pass(1);
  expect(await refused(sign())).toEqual({
    code: "unavailable",
    sentence: "The checkpoint key 1 is in use and has ended, or is about to: no head is signed by it any more.",
  });
});

it("looks for its end at the first head: six minutes before it, and not a second later", async () => {
  expect((await refused(scene([told("checkpoint", retired)], 7200 - 360).sign())).code).toBe("unavailable");
  expect((await scene([told("checkpoint", retired)], 7200 - 361).sign()).length).toBe(64);
});

it("signs where nothing is recorded of it, and where others have ended", async () => {
  const others = [
    told("attestation", retired),
    told("checkpoint", retired, 2),
    told("checkpoint", { change: "published" }),
  ];
  for (const facts of [[], others]) expect((await scene(facts, 100_000).sign()).length).toBe(64);
});

it.each([
  ["has ended by the log, where it is not the newest", 1, ["installation/key/checkpoint/1/retired"], true],
  ["has not ended while the log does not say so", 1, ["installation/key/checkpoint/2/retired"], false],
  ["is not looked for where it is the newest", 2, ["installation/key/checkpoint/2/retired"], false],
])("a key in use %s", async (_, inUse, told, expected) => {
  const markers = async (ids: readonly string[]) =>
    new Map(
      ids.filter((id) => told.includes(id)).map((id) => [id, { id, index: 7, leafHash: sha256Hex(new Uint8Array()) }]),
    );
  expect(await keyEndInLog({ ids: ["key-1", "key-2"], inUse }, { markers })()).toBe(expected);
});
