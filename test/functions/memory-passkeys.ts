import type { RecordedPasskeyDeed } from "../../core/attestation/recorded-passkey.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { type Identity, sameIdentity } from "../../core/promotion/identity.ts";

/** The passkeys of the promotions table in memory: the same conditions as adapters/dynamodb/passkeys.ts, nothing else. */
export class MemoryPasskeys {
  readonly #deeds: RecordedPasskeyDeed[];
  readonly #uses: { readonly id: Sha256; readonly signOff: Sha256; readonly counter: number }[] = [];

  constructor(deeds: readonly RecordedPasskeyDeed[] = []) {
    this.#deeds = [...deeds];
  }

  readonly deeds = async (id?: Sha256): Promise<readonly RecordedPasskeyDeed[]> =>
    this.#deeds.filter((each) => id === undefined || each.id === id);

  readonly page = async ({ owner }: { readonly owner?: Identity }, limit: number, from = "0") => {
    const enrolled = this.#deeds
      .filter(({ deed, passkey }) => deed === "enrol" && (owner === undefined || sameIdentity(passkey.owner, owner)))
      .toSorted((a, b) => (a.recordedAt < b.recordedAt ? 1 : -1));
    const end = Number(from) + limit;
    const passkeys = enrolled.slice(Number(from), end).map(({ id }) => this.#deeds.filter((each) => each.id === id));
    return end < enrolled.length ? { passkeys, next: String(end) } : { passkeys };
  };

  readonly record = async (deed: RecordedPasskeyDeed): Promise<"recorded" | "exists"> => {
    if (this.#deeds.some((each) => each.id === deed.id && each.deed === deed.deed)) return "exists";
    this.#deeds.push(deed);
    return "recorded";
  };

  readonly counterBefore = async (id: Sha256, signOff: Sha256): Promise<number> =>
    Math.max(0, ...this.#uses.filter((use) => use.id === id && use.signOff !== signOff).map(({ counter }) => counter));

  readonly noteCounter = async (id: Sha256, signOff: Sha256, counter: number): Promise<void> => {
    this.#uses.push({ id, signOff, counter });
  };
}
