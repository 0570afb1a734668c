import type { Absence } from "../../core/approval/absence.ts";
import type { RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { identityKey } from "../../core/promotion/identity.ts";

/** Delegations in memory, with the promises of `delegationStore`. */
export class MemoryDelegations {
  readonly recorded: RecordedDelegationDeed[];

  constructor(...recorded: RecordedDelegationDeed[]) {
    this.recorded = recorded;
  }

  readonly deeds = async (id: Sha256): Promise<readonly RecordedDelegationDeed[]> => {
    return this.recorded.filter((deed) => deed.id === id);
  };

  readonly notOver = async (at: Instant): Promise<readonly RecordedDelegationDeed[]> => {
    return this.recorded.filter(({ delegation }) => delegation.until >= at);
  };

  readonly record = async (deed: RecordedDelegationDeed): Promise<"recorded" | "exists"> => {
    if (this.recorded.some((each) => each.id === deed.id && each.deed === deed.deed)) return "exists";
    this.recorded.push(deed);
    return "recorded";
  };
}

/** Absences in memory, with the promises of `absenceStore`. */
export class MemoryAbsences {
  readonly #absences = new Map<string, Absence>();

  constructor(...absences: Absence[]) {
    for (const absence of absences) this.#absences.set(identityKey(absence.person), absence);
  }

  readonly list = async (): Promise<readonly Absence[]> => {
    return [...this.#absences.values()];
  };

  readonly put = async (absence: Absence): Promise<void> => {
    this.#absences.set(identityKey(absence.person), absence);
  };
}
