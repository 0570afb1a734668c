import { describe, expect, it } from "vitest";
import { verifierKeyText } from "../../../core/archive/people/ledger-keys.ts";
import {
  type KeyChange,
  type KeyGeneration,
  type KeyRole,
  keyFact,
  keyGeneration,
  type Voucher,
} from "../../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { orAsRecorded } from "../../../functions/keys/recorded-keys.ts";
import { attestationKey } from "../../core/archive/reviewers.ts";
import { testSigner } from "../../core/ledger/ed25519.ts";

const at = "2026-11-27T09:00:00.000Z" as Instant;
const until = addSeconds(at, 3600);
const attestationBase = "https://countersign.example";

interface Signing {
  readonly key: KeyGeneration;
  readonly sign: Voucher["sign"];
}

const made = {
  attestation: (generation: number, _seed: number): Signing => {
    const { key, sign } = attestationKey();
    return {
      key: keyGeneration("attestation", generation, key.pem),
      sign: (message) => sign(sha256Bytes(message)),
    };
  },
  checkpoint: (generation: number, seed: number): Signing => {
    const { origin, publicKey, sign } = testSigner("ledger.example", seed);
    return {
      key: keyGeneration("checkpoint", generation, verifierKeyText(noteKey(origin, "ed25519", publicKey))),
      sign,
    };
  },
};

const retired: KeyChange = { change: "retired", until };
const told = ({ key }: Signing, change: KeyChange, by?: Signing): Promise<Fact> =>
  keyFact(key, change, at, attestationBase, by === undefined ? undefined : { keyid: by.key.keyid, sign: by.sign });

/** What KMS answers of a key, or how it refuses to. */
const given =
  ({ key }: Signing) =>
  async () =>
    key;
const refusedAs = (name: string) => async (): Promise<KeyGeneration> => {
  throw Object.assign(new Error("No such key."), { name });
};
const disabled = refusedAs("DisabledException");

describe.each(["attestation", "checkpoint"] satisfies KeyRole[])("the keys of the role %s", (role) => {
  const [first, second, third] = [made[role](1, 1), made[role](2, 2), made[role](3, 3)];
  const theirs = made[role](1, 9);
  const all = [first, second, third].map(({ key }) => key);
  const keys = (asked: readonly (() => Promise<KeyGeneration>)[], facts: readonly Fact[] = []) =>
    orAsRecorded(role, asked, { keyFacts: async () => facts, attestationBase });

  it("are those that KMS gives, and nobody looks at what is recorded", async () => {
    const asked = [first, second, third].map(given);
    const never = () => Promise.reject(new Error("The records were asked."));
    expect(await orAsRecorded(role, asked, { keyFacts: never, attestationBase })).toEqual(all);
  });

  it.each(["DisabledException", "KMSInvalidStateException", "NotFoundException"])(
    "are known where KMS says %s of one that has ended, by what its successor signed",
    async (name) => {
      const facts = [await told(first, retired, second)];
      expect(await keys([refusedAs(name), given(second)], facts)).toEqual(all.slice(0, 2));
    },
  );

  it("are known down from the one that KMS gives, each by the one after it", async () => {
    const facts = [await told(first, retired, second), await told(second, retired, third)];
    expect(await keys([disabled, disabled, given(third)], facts)).toEqual(all);
  });

  it.each([
    ["is not recorded to have ended", async () => [await told(first, { change: "published" })]],
    ["was put there by whoever writes to the table", async () => [await told(theirs, retired, theirs)]],
    ["was signed for by nobody", async () => [await told(theirs, retired)]],
    [
      "was exchanged for another under the successor's signature",
      async () => {
        const [honest, other] = [await told(first, retired, second), await told(theirs, retired, second)];
        return [{ ...other, body: { ...other.body, voucher: honest.body["voucher"] ?? null } }];
      },
    ],
  ] as const)("are asked of KMS once more where one %s", async (_, facts) => {
    await expect(keys([disabled, given(second)], await facts())).rejects.toMatchObject({ name: "DisabledException" });
  });

  it("are asked of KMS once more where that does not answer, or gives the one in use no more", async () => {
    const facts = [await told(first, retired, second), await told(second, { change: "published" }, first)];
    await expect(keys([refusedAs("ThrottlingException"), given(second)], facts)).rejects.toThrow("No such key.");
    await expect(keys([given(first), disabled], facts)).rejects.toThrow("No such key.");
  });
});
