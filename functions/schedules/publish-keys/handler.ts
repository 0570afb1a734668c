import {
  type KeyChange,
  type KeyGeneration,
  type KeyRecord,
  type KeyRole,
  keyFact,
  readKeyRecord,
  type Voucher,
} from "../../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { errorFields, type Log } from "../../log.ts";

/** The keys of one role, as this deployment has them. */
export interface DeployedKeys {
  readonly role: KeyRole;
  /** Oldest first: generation 1, 2, … */
  readonly generations: () => Promise<readonly KeyGeneration[]>;
  /** Which generation signs. */
  readonly inUse: number;
  /** Signs by the key in use; no other can. */
  readonly sign: Voucher["sign"];
}

export interface PublishKeysPorts {
  readonly now: () => Instant;
  readonly log: Log;
  readonly attestationBase: string;
  readonly roles: readonly DeployedKeys[];
  readonly facts: {
    keyFacts(): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/** What each key's state is now: published, or retired as well. */
export interface PublishedKeys {
  readonly keys: readonly {
    readonly role: KeyRole;
    readonly generation: number;
    readonly keyid: string;
    readonly inUse: boolean;
    readonly published: Instant;
    readonly retired?: Instant;
  }[];
}

/**
 * A function that runs when the key changes is up to fifteen minutes old, and may still sign by the key it knows; a
 * little more, so that nothing that was signed in good faith falls.
 */
const graceSeconds = 3600;

/**
 * Records each key that verifies signatures as a fact, once: a new one signed by the key before it, while that is
 * still the one in use; a replaced one as retired, signed by its successor. Throws `conflict` where the deployment
 * skipped the step in which the old key could vouch for the new one: nobody can make up for that but a deployment. What one
 * role throws keeps no other from being published; the first is thrown once all were gone through.
 */
export function publishKeys(ports: PublishKeysPorts) {
  return async (): Promise<PublishedKeys> => {
    const states: PublishedKeys["keys"][number][] = [];
    const failures: unknown[] = [];
    for (const deployed of ports.roles) {
      try {
        states.push(...(await publishRole(deployed)));
      } catch (error) {
        ports.log("error", "keys not published", { role: deployed.role, ...errorFields(error) });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return { keys: states };
  };

  async function publishRole(deployed: DeployedKeys): Promise<PublishedKeys["keys"]> {
    const { role, inUse } = deployed;
    const generations = await deployed.generations();
    const facts = (await ports.facts.keyFacts()).map((fact) => ({ at: fact.at, record: readKeyRecord(fact) }));
    const published: { readonly key: KeyGeneration; readonly at: Instant; readonly until: Instant | undefined }[] = [];
    for (const key of generations) {
      const own = facts.filter(({ record }) => record.role === role && record.generation === key.generation);
      requireSame(
        key,
        own.map(({ record }) => record),
      );
      const [until] = own.flatMap(({ record }) => (record.change === "retired" ? [record.until] : []));
      if (key.generation === inUse && until !== undefined) {
        throw new Failure("conflict", `The ${role} key ${inUse} is in use again, and was retired: go on to a new one.`);
      }
      const at = own.find(({ record }) => record.change === "published")?.at ?? (await publish(key));
      published.push({ key, at, until });
    }
    const states: PublishedKeys["keys"][number][] = [];
    // Only now: a key ends when its successor is known to all.
    for (const { key, at, until } of published) {
      const { generation, keyid } = key;
      const state = { role, generation, keyid, inUse: generation === inUse, published: at };
      const retired = until ?? (generation < inUse ? await retire(key) : undefined);
      states.push(retired === undefined ? state : { ...state, retired });
    }
    return states;

    async function publish(key: KeyGeneration): Promise<Instant> {
      const before = generations[key.generation - 2];
      return await record(key, { change: "published" }, before === undefined ? undefined : voucherOf(before, key));
    }

    async function retire(key: KeyGeneration): Promise<Instant> {
      const until = addSeconds(ports.now(), graceSeconds);
      const successor = generations[key.generation];
      if (successor === undefined) throw new Failure("internal", `The ${role} key ${key.generation} has no successor.`);
      await record(key, { change: "retired", until }, voucherOf(successor, key));
      return until;
    }

    function voucherOf(by: KeyGeneration, about: KeyGeneration): Voucher {
      if (by.generation === inUse) return { keyid: by.keyid, sign: deployed.sign };
      const sentence = `The ${role} key ${about.generation} needs the signature of key ${by.generation}, and key ${inUse} is in use: deploy with key ${by.generation} in use first.`;
      throw new Failure("conflict", sentence);
    }
  }

  async function record(key: KeyGeneration, change: KeyChange, voucher: Voucher | undefined): Promise<Instant> {
    const at = ports.now();
    const outcome = await ports.facts.recordFact(await keyFact(key, change, at, ports.attestationBase, voucher));
    const { role, generation, keyid } = key;
    ports.log("info", `key ${change.change}`, { role, generation, keyid, outcome });
    return at;
  }
}

/** A key that was published under this number must be the one that is deployed under it. */
function requireSame({ role, generation, keyid }: KeyGeneration, own: readonly KeyRecord[]): void {
  if (own.every((record) => record.keyid === keyid)) return;
  throw new Failure("conflict", `The ${role} key ${generation} is not the one that was published as such.`);
}
