import { beforeAll, describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import { authenticator } from "../attestation/authenticator.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "./house.ts";
import { createdAt, packOf, type Recorded, verified } from "./pack-fixture.ts";
import * as retelling from "./retelling.ts";
import { passkeyRevokedBefore } from "./revoked-meanwhile.ts";

const device = authenticator();
const unused = authenticator("ES256", "unused");
const nothing = { targets: "", thresholds: "", people: "" };
let recorded: Recorded;

/** One person signs with a passkey that was enrolled before; another passkey is nobody's concern here. */
beforeAll(async () => {
  const house = new House();
  await house.passkey("enrol", device, cora);
  await house.passkey("enrol", unused, sam);
  await house.passkey("confirm", device, cora, sam);
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  await house.sign(deployed, cora, "approve", { device });
  await house.openStage(deployed);
  await house.sign(deployed, sam);
  await house.sign(deployed, dana);
  await house.verify(deployed);
  recorded = { house, deployed, rejected: deployed, blocked: deployed };
});

const whole = () => ({ kind: "everything" }) as const;
const one = () => ({ kind: "promotion", promotion: recorded.deployed }) as const;
const factOf = (type: FactType) => retelling.factOf(recorded.house, type);
const without = (type: FactType) => retelling.changed(recorded.house, factOf(type), () => undefined);
const altered = (type: FactType, name: string, change: (document: Record<string, unknown>) => object) =>
  retelling.withChanged(recorded.house, factOf(type), name, change);

async function sentences(told: retelling.Retold): Promise<readonly string[]> {
  const { findings, holds } = await verified(await packOf(recorded, { ...told, scope: whole() }));
  expect(holds).toBe(false);
  return findings.map(({ code, sentence }) => `${code}: ${sentence}`);
}

describe("a pack with passkeys", () => {
  it.each([
    ["everything", whole],
    ["one promotion", one],
  ])("of %s holds", async (_, scope) => {
    const { findings, holds } = await verified(await packOf(recorded, { scope: scope() }));
    expect([findings, holds]).toEqual([[], true]);
  });

  it("of one promotion brings the records of the passkeys that signed it, and of no other", async () => {
    const files = await packOf(recorded, { scope: one() });
    const records = [...files].flatMap(([name, bytes]) =>
      name.startsWith("records/") ? [JSON.parse(new TextDecoder().decode(bytes)) as Fact] : [],
    );
    expect(records.filter(({ promotion }) => promotion === undefined).map(({ id }) => id)).toEqual([
      "installation/settings/1",
      "installation/key/attestation/1/published",
      "installation/key/checkpoint/1/published",
      `passkey/${device.id}/enrol`,
      `passkey/${device.id}/confirm`,
    ]);
  });

  it("says that the service's word alone is there where a token was left out", async () => {
    const files = await packOf(recorded, { scope: whole(), withoutPersonalData: true });
    const { unchecked, holds } = await verified(files);
    expect(holds).toBe(true);
    expect(unchecked.map(({ sentence }) => sentence).join()).toContain(
      "records about it the ID token was left out, so the service's word alone says it",
    );
  });

  it("says what it cannot tell about them", async () => {
    const { unchecked } = await verified(await packOf(recorded, { scope: whole() }));
    expect(unchecked.map(({ sentence }) => sentence).join()).toContain("confirmed a passkey held a role");
  });

  it.each<[string, () => retelling.Retold, string]>([
    [
      "without its enrolment",
      () => ({ facts: without("passkey-enrolled") }),
      "The passkey that signed was never enrolled",
    ],
    [
      "without its confirmation",
      () => ({ facts: without("passkey-confirmed") }),
      "The passkey that signed was not confirmed by a second person",
    ],
    [
      "whose answer was changed",
      () =>
        altered("sign-off", "passkey.json", (answer) => ({
          ...answer,
          signature: device.assertion("another").signature,
        })),
      "its signature does not fit the public key",
    ],
    [
      "whose answer was given to another decision",
      () => altered("sign-off", "passkey.json", () => device.assertion("another")),
      "it was made for another decision",
    ],
    [
      "whose enrolment was not signed by the passkey itself",
      () => altered("passkey-enrolled", "passkey.json", () => unused.assertion("another")),
      "passkey-invalid: The passkey's answer cannot be used: another passkey answered",
    ],
    [
      "whose owner's record names somebody else",
      () => ({
        facts: recorded.house.facts.map((fact) =>
          fact === factOf("passkey-enrolled") ? { ...fact, body: { ...fact.body, owner: { ...sam.identity } } } : fact,
        ),
      }),
      "passkey-invalid: It is recorded as another person's passkey",
    ],
  ])("%s: is noticed, and named", async (_, told, sentence) => {
    expect((await sentences(told())).join("\n")).toContain(sentence);
  });
});

describe("a verdict that speaks of passkeys", () => {
  const devices = [cora, sam, dana].map((owner) => ({ owner, used: authenticator("ES256", owner.name) }));

  /** All three sign with passkeys; then one is revoked, or not. */
  async function story(revoke: boolean, tells: "the truth" | "nothing of it"): Promise<Recorded> {
    const house = new House();
    for (const { owner, used } of devices) {
      await house.passkey("enrol", used, owner);
      await house.passkey("confirm", used, owner, owner === sam ? cora : sam);
    }
    const deployed = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(deployed);
    for (const [at, { owner, used }] of devices.entries()) {
      if (at < 2) await house.openStage(deployed);
      await house.sign(deployed, owner, "approve", { device: used });
    }
    const before = await house.passkeys.deeds();
    const [first = expect.unreachable()] = devices;
    if (revoke) await house.passkey("revoke", first.used, first.owner);
    house.pass(60);
    const lying = { deeds: async (id?: Sha256) => before.filter((deed) => deed.id === id) };
    expect(await house.verify(deployed, tells === "the truth" ? house.passkeys : lying)).toBe("passed");
    return { house, deployed, rejected: deployed, blocked: deployed };
  }
  const levelsOf = async ({ house }: Recorded) => {
    const { attachments } = house.facts.find(({ type }) => type === "verdict") ?? expect.unreachable();
    const [{ sha256 } = expect.unreachable()] = attachments;
    const { payload } = JSON.parse(new TextDecoder().decode(house.blobs.get(sha256)));
    return JSON.parse(Buffer.from(payload, "base64").toString()).predicate.verifiedLevels;
  };

  it("holds where each of them stands", async () => {
    const told = await story(false, "the truth");
    expect(await levelsOf(told)).toContain("COUNTERSIGN_PASSKEY");
    expect((await verified(await packOf(told))).findings).toEqual([]);
  });

  it("does not speak of them where one was revoked before", async () => {
    const told = await story(true, "the truth");
    expect(await levelsOf(told)).toEqual(["COUNTERSIGN_3_OF_3", "COUNTERSIGN_IDP_BOUND"]);
    expect((await verified(await packOf(told))).findings).toEqual([]);
  });

  it("is found out where one was revoked before and the service says otherwise", async () => {
    const told = await story(true, "nothing of it");
    expect(await levelsOf(told)).toContain("COUNTERSIGN_PASSKEY");
    const { findings } = await verified(await packOf(told));
    expect(findings.map(({ code }) => code)).toEqual(["verdict-differs"]);
  });
});

it("of a promotion whose role asks for a passkey: without one nothing is signed, and with one the pack holds", async () => {
  const matrix = shipped.bundle.texts["matrix.yaml"];
  const stricter = matrix.replace(/^ {2}compliance-officer:\n/m, "$&    secondFactor: passkey\n");
  expect(stricter).not.toBe(matrix);
  const house = new House(undefined, shippedWith(stricter));
  await house.passkey("enrol", device, cora);
  await house.passkey("confirm", device, cora, sam);
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  await expect(house.sign(deployed, cora)).rejects.toThrow(
    "signed without a passkey that is confirmed and not revoked",
  );
  await house.sign(deployed, cora, "approve", { device });
  await house.openStage(deployed);
  await house.sign(deployed, sam);
  await house.sign(deployed, dana);
  await house.verify(deployed);
  const strict = { house, deployed, rejected: deployed, blocked: deployed };
  const { findings, holds } = await verified(await packOf(strict, { scope: whole() }));
  expect([findings, holds]).toEqual([[], true]);
});

it("of a passkey whose owner confirmed it, as the sign-in by which it was made tells alone, nothing is said by either", async () => {
  const former = { ...cora, address: "cora.before@example.com" };
  const people = `  - { name: Sam, address: ${sam.address}, otherAddresses: [${former.address}] }\n`;
  const house = new House(undefined, shippedWith(shipped.bundle.texts["matrix.yaml"], { ...nothing, people }));
  const devices = [cora, sam, dana].map((owner) => ({ owner, used: authenticator("ES256", `${owner.name} again`) }));
  for (const { owner, used } of devices) {
    await house.passkey("enrol", used, owner === cora ? former : owner);
    await house.passkey("confirm", used, owner, owner === sam ? dana : sam);
  }
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  for (const { owner, used } of devices) {
    if (owner !== dana) await house.openStage(deployed);
    await house.sign(deployed, owner, "approve", { device: used });
  }
  expect(await house.verify(deployed)).toBe("passed");
  const told = { house, deployed, rejected: deployed, blocked: deployed };
  expect((await verified(await packOf(told))).findings).toEqual([]);
});

describe("a pack with a passkey that was revoked", () => {
  const told = async (seconds: number) => {
    const { house, outcome } = await passkeyRevokedBefore(seconds);
    const { findings } = await verified(await packOf({ house }));
    return { outcome, found: findings.map(({ sentence }) => sentence) };
  };

  it.each([
    ["in the second in which it signed", 1],
    ["seven seconds before, since that took its time to be written and clocks differ,", 7],
  ])("%s holds, and its seat was opened again", async (_, seconds) => {
    expect(await told(seconds)).toEqual({ outcome: "reopened", found: [] });
  });

  it("longer before than clocks differ does not hold", async () => {
    const { outcome, found } = await told(9);
    expect(outcome).toBe("blocked");
    expect(found).toContain("The passkey that signed was revoked.");
  });
});

it("a passkey that may have been copied is said from an earlier head on as well, by what it signed before", async () => {
  const house = new House();
  const approve = async (version: string) => {
    const id = await house.submit("candidate", version);
    await house.freezeAndJudge(id);
    await house.openStage(id);
    await house.sign(id, cora, "approve", { device });
    await house.withdraw(id);
    return id;
  };
  await house.passkey("enrol", device, cora);
  await house.passkey("confirm", device, cora, sam);
  await approve("2.0.0");
  house.pass(3 * 86_400);
  await house.submit("weak", "9.0.0");
  const before = await packOf({ house });
  const bytes = before.get("log/checkpoint") ?? new Uint8Array();
  const since = { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
  const promotion = await approve("3.0.0");
  const looking = { now: addSeconds(createdAt, 7 * 86_400) };
  const files = await packOf({ house });
  for (const over of [{}, { since }]) {
    const { findings, unchecked } = await verified(files, { ...looking, ...over });
    expect(findings).toEqual([]);
    expect(unchecked.filter(({ sentence }) => sentence.includes("was copied"))).toEqual([
      { promotion, sentence: expect.stringMatching(/is signed with its counter 3, which was at 3 before/) },
    ]);
  }
});
