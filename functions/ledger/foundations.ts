import { delegationFactId } from "../../core/attestation/recorded-delegation.ts";
import { passkeyFactId } from "../../core/attestation/recorded-passkey.ts";
import { isSha256, type Sha256 } from "../../core/encoding/sha256.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { factsIn, type Stored } from "./stored-facts.ts";

export interface FoundationsPorts {
  /** The facts of these ids that the ledger has, by id. */
  readonly inLedger: (ids: readonly string[]) => Promise<ReadonlyMap<string, unknown>>;
  /** The item that holds a fact, or the key of one that cannot be read; nothing where there is none. */
  readonly itemOf: (fact: Pick<Fact, "id" | "promotion">) => Promise<Stored | undefined>;
}

export interface Foundations {
  readonly found: readonly Stored[];
  /** Facts whose items cannot be read, or are not what their keys say: the key of each, where it is known. */
  readonly unreadable: ReadonlyMap<string, { readonly item?: string }>;
}

/**
 * What facts rest on and the ledger lacks: the passkeys that people signed with, and the delegations under which they did. These
 * are told to the stream by themselves, and may come after what was signed; a log that has that first shows a signature by a
 * passkey of nobody's. They are in the table before anybody can sign with them.
 */
export function foundationsOf({ inLedger, itemOf }: FoundationsPorts) {
  return async (facts: readonly Fact[]): Promise<Foundations> => {
    const delegations = await lacking(facts.flatMap(({ body }) => delegationIn(body)).flatMap(neededOfDelegation));
    // Who delegates may have signed that with a passkey.
    const signed = [...facts, ...delegations.found.flatMap((each) => factsIn(each))];
    const passkeys = await lacking(signed.flatMap(({ body }) => passkeyIn(body)).flatMap(neededOfPasskey));
    return {
      found: [...passkeys.found, ...delegations.found],
      unreadable: new Map([...passkeys.unreadable, ...delegations.unreadable]),
    };
  };

  /** What somebody must have done before something was used, as far as the ledger has it not, in the order in which that had to be done. */
  async function lacking(ids: readonly string[]): Promise<Foundations> {
    const found: Stored[] = [];
    const unreadable = new Map<string, { readonly item?: string }>();
    const needed = [...new Set(ids)];
    if (needed.length === 0) return { found, unreadable };
    const known = await inLedger(needed);
    for (const id of needed.filter((each) => !known.has(each))) {
      const stored = await itemOf({ id });
      if (stored === undefined) continue;
      if (factsIn(stored).some((fact) => fact.id === id)) found.push(stored);
      else unreadable.set(id, stored.kind === "unreadable" ? { item: stored.item } : {});
    }
    return { found, unreadable };
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
