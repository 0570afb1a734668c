import { describe, expect, it } from "vitest";
import type { Person } from "../../../core/approval/people.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { Envelope } from "../../../core/attestation/dsse.ts";
import { passkeyFact } from "../../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { InLedger } from "../../../functions/ledger/told-otherwise.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  dana,
  digestOf,
  everybody,
  id,
  member,
  now,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { approved, byCora, type Scene, scene, seat, second } from "./verify-scene.ts";

const devices = [cora, dana, sam].map((owner) => authenticator("ES256", owner.name));
const [corasDevice = expect.unreachable(), danasDevice = expect.unreachable(), samsDevice = expect.unreachable()] =
  devices;
const withPasskeys = [
  await givenSignOff(promotionInReview(), cora, { device: corasDevice }),
  await givenSignOff(second, dana, { roles: ["lead-data-scientist"], device: danasDevice }),
  await givenSignOff(second, sam, { roles: ["sre"], device: samsDevice }),
];
const deeds = [
  ...(await confirmedPasskey(corasDevice, cora, sam)),
  ...(await confirmedPasskey(danasDevice, dana, sam)),
  ...(await confirmedPasskey(samsDevice, sam, cora)),
];
const corasOfDana = await confirmedPasskey(corasDevice, dana, sam);
const revocation = await passkeyDeed("revoke", corasDevice, cora, sam, addSeconds(now, 60));
const later = { now: () => addSeconds(now, 120) };
const alias = member("Cora2", "sre");
const byAlias = await confirmedPasskey(corasDevice, cora, alias);
const corasPerson: Person = {
  name: "Cora",
  addresses: [cora.address, alias.address],
  accounts: [],
  identities: [],
  outside: false,
};
const officer = {
  title: "Compliance officer",
  groups: ["compliance-officers"],
  judges: [],
  secondFactor: "passkey",
} as const;
const strictPolicy: ApprovalPolicy = {
  ...policy,
  matrix: { ...policy.matrix, roles: { ...policy.matrix.roles, "compliance-officer": officer } },
};

describe("verifying sign-offs with passkeys", () => {
  const levels = async (verdict: Envelope) =>
    JSON.parse(Buffer.from(verdict.payload, "base64").toString()).predicate.verifiedLevels as readonly string[];

  it("says in the verdict that each was signed with one", async () => {
    const { run, verdict } = scene({ recorded: withPasskeys, deeds });
    expect(await run()).toEqual({ outcome: "passed" });
    expect(await levels(await verdict())).toContain("COUNTERSIGN_PASSKEY");
  });

  it.each<[string, Scene]>([
    ["one was signed without", { recorded: [byCora, ...withPasskeys.slice(1)], deeds }],
    ["one passkey was revoked since", { recorded: withPasskeys, deeds: [...deeds, revocation], ports: later }],
    [
      "one was confirmed by its owner under another identity, as people.yaml says now",
      {
        recorded: withPasskeys,
        deeds: [...byAlias, ...deeds.slice(2)],
        members: [...everybody, alias],
        ports: { policy: { ...policy, people: [corasPerson] } },
      },
    ],
  ])("does not say so where %s", async (_, given) => {
    const { run, verdict } = scene(given);
    expect(await run()).toEqual({ outcome: "passed" });
    expect(await levels(await verdict())).not.toContain("COUNTERSIGN_PASSKEY");
  });

  it("opens the seat of a role that asks for one again, once the passkey was revoked", async () => {
    const requirements = { sha256: requirementsNow(strictPolicy, approved).sha256 };
    const promotion = { ...approved, requirements };
    const context = { requirements: requirements.sha256 };
    const recorded = [
      await givenSignOff(promotionInReview(), cora, { device: corasDevice, context }),
      await givenSignOff(second, dana, { roles: ["lead-data-scientist"], context }),
      await givenSignOff(second, sam, { roles: ["sre"], context }),
    ];
    const settled = [
      { index: 0, seats: [seat("compliance-officer", recorded[0] ?? expect.unreachable())] },
      {
        index: 1,
        seats: [
          seat("lead-data-scientist", recorded[1] ?? expect.unreachable()),
          seat("sre", recorded[2] ?? expect.unreachable()),
        ],
      },
    ];
    const given = { promotion: { ...promotion, settled }, recorded, ports: { ...later, policy: strictPolicy } };
    expect(await scene({ ...given, deeds }).run()).toEqual({ outcome: "passed" });
    const { run, promotions } = scene({ ...given, deeds: [...deeds, revocation] });
    expect((await run()).outcome).toBe("reopened");
    expect(promotions.stored(id).history.at(-1)?.summary).toContain(
      "without a passkey that is confirmed and not revoked",
    );
  });

  it("ends in FAILED where somebody took its revocation out of the table", async () => {
    const fact = passkeyFact(revocation).id;
    const inLedger: InLedger = async (ids) => new Map(ids.includes(fact) ? [[fact, { leafHash: digestOf(fact) }]] : []);
    const ports = { ...later, inLedger };
    expect(await scene({ recorded: withPasskeys, deeds: [...deeds, revocation], ports }).run()).toEqual({
      outcome: "passed",
    });
    const { promotions, run } = scene({ recorded: withPasskeys, deeds, ports });
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id).reason).toContain(`The ledger tells ${fact}, a revocation, and the table does not`);
  });

  const [byCorasPasskey = expect.unreachable(), ...others] = withPasskeys;
  const tampered = (over: Partial<RecordedSignOff>) => [{ ...byCorasPasskey, ...over }, ...others];
  it.each<[string, readonly RecordedSignOff[], typeof deeds, string]>([
    ["answers to another decision", tampered({ passkey: corasDevice.assertion("another") }), deeds, "another decision"],
    [
      "was put in afterwards by the service",
      tampered({
        signOff: { ...byCora.signOff, passkey: { id: corasDevice.id, counter: 0 } },
        passkey: danasDevice.assertion("x"),
      }),
      deeds,
      "another passkey answered",
    ],
    ["is told without its answer", [{ ...byCora, signOff: byCorasPasskey.signOff }, ...others], deeds, "contradict"],
    ["was never enrolled", withPasskeys, deeds.slice(2), "never enrolled"],
    ["is somebody else's", withPasskeys, [...corasOfDana, ...deeds.slice(2)], "somebody else's"],
    [
      "was enrolled with another statement than was signed",
      withPasskeys,
      deeds.map((deed, at) => (at === 0 ? { ...deed, passkey: { ...deed.passkey, name: "Phone" } } : deed)),
      "another passkey",
    ],
  ])("ends in FAILED where a passkey %s", async (_, recorded, stored, why) => {
    const { promotions, run } = scene({ recorded, deeds: stored });
    await run();
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: expect.stringContaining(why) });
  });
});
