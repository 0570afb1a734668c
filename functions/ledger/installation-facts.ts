import {
  type Installation,
  installationFact,
  readInstallationRecord,
  sameInstallation,
  whyNotTheSameLog,
} from "../../core/attestation/installation-record.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Fact } from "../../core/promotion/fact.ts";

export interface InstallationPorts {
  readonly now: () => Instant;
  /** As it is deployed. */
  readonly installation: Installation;
  /** What the ledger tells of it, the oldest first; only ever added to. */
  readonly told: {
    load(): Promise<readonly Fact[]>;
    /** `lost` where another run has added to what was there before. */
    add(before: readonly Fact[], next: Fact): Promise<"added" | "lost">;
  };
}

/** Far less than what may lie between settings and what was recorded under them (`longestChangeSeconds`). */
const rememberedSeconds = 60;

/**
 * What the ledger tells of the installation: asked by whoever appends to it, before anything else, so that the log begins
 * with it, and nothing that was made under other settings goes before the record that tells of them. A deployment with
 * other settings adds a fact, once. Throws `conflict` where it would make the log another one.
 */
export function installationFacts(ports: InstallationPorts): () => Promise<readonly Fact[]> {
  let known: { readonly facts: readonly Fact[]; readonly at: Instant } | undefined;
  return async () => {
    // A function that a deployment has not come to yet may tell its own settings after these: then they are told again.
    if (known === undefined || ports.now() >= addSeconds(known.at, rememberedSeconds))
      known = { facts: await told(), at: ports.now() };
    return known.facts;
  };

  async function told(): Promise<readonly Fact[]> {
    const { now, installation } = ports;
    const before = await ports.told.load();
    const installations = before.map(readInstallationRecord);
    const last = installations.at(-1);
    if (last !== undefined && sameInstallation(last, installation)) return before;
    const why = whyNotTheSameLog(installations, installation);
    if (why !== undefined) throw new Failure("conflict", why);
    const next = installationFact(installation, before.length + 1, now());
    // Lost to another run: it is told what that one added.
    return (await ports.told.add(before, next)) === "lost" ? told() : [...before, next];
  }
}
