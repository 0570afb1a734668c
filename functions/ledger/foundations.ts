import { delegationFactId, type RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import { passkeyFactId, type RecordedPasskeyDeed } from "../../core/attestation/recorded-passkey.ts";
import { isSha256, type Sha256 } from "../../core/encoding/sha256.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { factsIn, type Stored } from "./stored-facts.ts";

export interface FoundationsPorts {
  /** The facts of these ids that the ledger has, by id. */
  readonly inLedger: (ids: readonly string[]) => Promise<ReadonlyMap<string, unknown>>;
  /** What was done about one passkey, or one delegation. */
  readonly passkeyDeeds: (id: Sha256) => Promise<readonly RecordedPasskeyDeed[]>;
  readonly delegationDeeds: (id: Sha256) => Promise<readonly RecordedDelegationDeed[]>;
}

/**
 * What facts rest on and the ledger lacks: the passkeys that people signed with, and the delegations under which they did. These
 * are told to the stream by themselves, and may come after what was signed; a log that has that first shows a signature by a
 * passkey of nobody's. They are in the table before anybody can sign with them.
 */
export function foundationsOf({ inLedger, passkeyDeeds, delegationDeeds }: FoundationsPorts) {
  return async (facts: readonly Fact[]): Promise<readonly Stored[]> => {
    const delegations = await lacking(
      facts.flatMap(({ body }) => delegationIn(body)),
      neededOfDelegation,
      async (id) => (await delegationDeeds(id)).map((deed): Stored => ({ kind: "delegation", deed })),
    );
    // Who delegates may have signed that with a passkey.
    const signed = [...facts, ...delegations.flatMap((each) => factsIn(each))];
    const passkeys = await lacking(
      signed.flatMap(({ body }) => passkeyIn(body)),
      neededOfPasskey,
      async (id) => (await passkeyDeeds(id)).map((deed): Stored => ({ kind: "passkey", deed })),
    );
    return [...passkeys, ...delegations];
  };

  /** Of each of these the deeds that somebody must have done before it was used, where the ledger has not all of them. */
  async function lacking(
    ids: readonly Sha256[],
    neededOf: (id: Sha256) => readonly string[],
    read: (id: Sha256) => Promise<readonly Stored[]>,
  ): Promise<readonly Stored[]> {
    const distinct = [...new Set(ids)];
    if (distinct.length === 0) return [];
    const known = await inLedger(distinct.flatMap(neededOf));
    const found: Stored[] = [];
    for (const id of distinct) {
      const needed = neededOf(id).filter((each) => !known.has(each));
      if (needed.length === 0) continue;
      const deeds = await read(id);
      // In the order in which they had to be done.
      for (const factId of needed)
        found.push(...deeds.filter((each) => factsIn(each).some((fact) => fact.id === factId)));
    }
    return found;
  }
}

/** The facts that have to be in the ledger before what was signed with a passkey, or under a delegation. */
export function factIdsBehind({ body }: Pick<Fact, "body">): readonly string[] {
  return [...passkeyIn(body).flatMap(neededOfPasskey), ...delegationIn(body).flatMap(neededOfDelegation)];
}

function neededOfPasskey(id: Sha256): readonly string[] {
  return [passkeyFactId(id, "enrol"), passkeyFactId(id, "confirm")];
}

function neededOfDelegation(id: Sha256): readonly string[] {
  return [delegationFactId(id, "delegate")];
}

function delegationIn({ onBehalfOf }: Fact["body"]): readonly Sha256[] {
  return memberOf(onBehalfOf, "delegation");
}

function passkeyIn({ passkey }: Fact["body"]): readonly Sha256[] {
  return memberOf(passkey, "id");
}

function memberOf(value: unknown, name: string): readonly Sha256[] {
  if (typeof value !== "object" || value === null) return [];
  const member: unknown = Reflect.get(value, name);
  return isSha256(member) ? [member] : [];
}
