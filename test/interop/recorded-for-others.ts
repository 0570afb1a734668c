import type { PackScope } from "../../core/archive/pack/pack-manifest.ts";
import type { DelegationDocument } from "../../core/attestation/delegation-statement.ts";
import { hex } from "../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { leafHash, merkleRoot } from "../../core/ledger/merkle.ts";
import { ledgerEntry } from "../../core/promotion/ledger-record.ts";
import { cora, dana, House, sam } from "../core/archive/house.ts";
import type { Recorded } from "../core/archive/pack-fixture.ts";
import { authenticator } from "../core/attestation/authenticator.ts";
import { member } from "../core/promotion/promotion-in-review.ts";

const emil = member("Emil", "visitors");
export const morning = "2026-11-23T08:00:00.000Z" as Instant;
const delegated: DelegationDocument = {
  delegator: sam.identity,
  delegate: emil.identity,
  role: "sre",
  scope: { modelType: "credit-scoring" },
  from: morning,
  until: addSeconds(morning, 86_400),
  reason: "",
  salt: "AAAAAAAAAAAAAAAAAAAAAA",
};

/** What both verifiers are shown: a candidate by passkeys, in somebody's place and under conditions, one that was rejected, one that was blocked. */
export async function recordForOthers(): Promise<{
  readonly recorded: Recorded;
  /** From when the first promotion was deployed. */
  readonly since: PackScope;
}> {
  const [device, ofSam] = [authenticator(), authenticator()];
  const house = new House(undefined, undefined, [emil]);
  await house.passkey("enrol", device, cora);
  await house.passkey("confirm", device, cora, sam);
  await house.passkey("enrol", ofSam, sam);
  await house.passkey("confirm", ofSam, sam, cora);
  const delegation = await house.delegate("delegate", delegated, sam, ofSam);
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  await house.sign(deployed, cora, "approve", { device });
  await house.openStage(deployed);
  await house.sign(deployed, emil, "approve", { inPlaceOf: { who: sam, delegation, role: "sre" } });
  await house.sign(deployed, dana, "approve", { conditions: { forSeconds: 600, errorPercent: 1 } });
  await house.verify(deployed);
  await house.deploy(deployed, []);
  house.pass(600);
  await house.deploy(deployed);
  const rejected = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(rejected);
  await house.openStage(rejected);
  await house.sign(rejected, cora, "reject", { reason: "Not this one." });
  const blocked = await house.submit("weak", "2.0.0-weak");
  await house.freezeAndJudge(blocked);
  const size = house.facts.findLastIndex(({ promotion }) => promotion === deployed) + 1;
  const since = {
    kind: "since" as const,
    size,
    root: hex(merkleRoot(house.facts.slice(0, size).map((fact) => leafHash(ledgerEntry(fact))))),
  };
  return { recorded: { house, deployed, rejected, blocked }, since };
}
