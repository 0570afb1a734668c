import { beforeAll, describe, expect, it } from "vitest";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { freezeManifestBytes } from "../../../core/promotion/freeze-manifest.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { cora, dana, House, sam } from "./house.ts";
import { keptAndLeft, keptAndWithdrawn } from "./kept-and-crashed.ts";
import { packOf, type Recorded, verified } from "./pack-fixture.ts";
import { signedForOlder } from "./signed-for-older.ts";

let house: House;
let older: PromotionId;
let newer: PromotionId;
let recorded: Recorded;

beforeAll(async () => {
  house = new House();
  older = await signedForOlder(house);
  newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
  await house.freezeAndJudge(newer);
  await house.openStage(newer);
  await house.decide(newer);
  await house.openStage(newer);
  await house.sign(newer, sam);
  await house.verify(newer);
  await house.deploy(newer);
  recorded = { house, deployed: newer, rejected: older, blocked: older };
});

/** What verification finds in the newer promotion's own pack, with its facts changed by a service that lies. */
async function findings(change: (fact: Fact) => readonly Fact[] = (fact) => [fact], blobs = house.blobs) {
  const facts = house.facts.flatMap(change);
  const scope = { kind: "promotion", promotion: newer } as const;
  return (await verified(await packOf(recorded, { scope, facts, blobs }))).findings;
}

const releases = { name: "original-beside-earlier-releases.json", mediaType: "application/json" };
const isKept = ({ type }: Fact) => type === "sign-off-kept";

describe("sign-offs that are kept for a newer candidate with another infrastructure", () => {
  it("count in its review, so that only those who judge what changed sign again", () => {
    const promotion = house.promotions.stored(newer);
    expect(house.promotions.stored(older)).toMatchObject({ status: "superseded", supersededBy: newer });
    expect(promotion.status).toBe("deployed");
    expect(promotion.carried?.map(({ signOff, roles }) => [signOff.reviewerName, ...roles])).toEqual([
      ["Cora", "compliance-officer"],
      ["Dana", "lead-data-scientist"],
    ]);
    expect(promotion.settled.flatMap(({ seats }) => seats.map(({ role }) => role))).toEqual([
      "compliance-officer",
      "lead-data-scientist",
      "sre",
    ]);
    const told = promotion.history.find(({ type }) => type === "supersedes");
    expect(told?.summary).toContain("What Cora signed as compliance-officer is kept.");
  });

  it("verify offline from the newer promotion's own pack, without the older one's records", async () => {
    expect(await findings()).toEqual([]);
  });

  it("are said to have stood by the older promotion's records alone", async () => {
    const { unchecked } = await verified(await packOf(recorded, { scope: { kind: "promotion", promotion: newer } }));
    expect(unchecked).toContainEqual({
      promotion: newer,
      sentence:
        "Whether what was kept from an earlier candidate still stood there, neither taken back nor fallen, is told by that candidate's records alone.",
    });
  });

  it("verify in the pack of everything too, where the older promotion's records say that they stood", async () => {
    const { findings: found, unchecked } = await verified(await packOf(recorded));
    expect(found).toEqual([]);
    expect(unchecked.map(({ sentence }) => sentence).join()).not.toContain("still stood");
  });

  it("are found where those say that one was taken back, and the service kept it all the same", async () => {
    const own = new House();
    const first = await own.submit("candidate", "2.0.0");
    await own.freezeAndJudge(first);
    await own.openStage(first);
    await own.sign(first, cora);
    await own.openStage(first);
    await own.sign(first, dana);
    const given = own.promotions.recordedSignOffs().at(-1)?.signOff;
    await own.sign(first, dana, "withdraw", { unheard: true });
    const all = own.promotions.signOffs;
    Object.assign(own.promotions, {
      signOffs: async (id: PromotionId) => (await all(id)).filter(({ signOff }) => signOff.result !== "withdraw"),
    });
    const second = await own.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
    await own.freezeAndJudge(second);
    const lie = { house: own, deployed: second, rejected: first, blocked: first };
    expect((await verified(await packOf(lie))).findings).toEqual([
      expect.objectContaining({
        code: "sign-off-invalid",
        promotion: second,
        sentence: expect.stringMatching(
          `^The sign-off ${given?.id} is kept from ${first}, where it did not stand any more since`,
        ),
      }),
    ]);
  });

  it.each<[string, (fact: Fact) => readonly Fact[], RegExp]>([
    ["a record of one is missing", (fact) => (isKept(fact) ? [] : [fact]), /is said to be kept, and nothing proves it/],
    [
      "one counts in a role that its statement does not name",
      (fact) =>
        isKept(fact) ? [{ ...fact, body: { ...fact.body, kept: { stage: 1, roles: ["sre"], review: 1 } } }] : [fact],
      /It is kept otherwise than the promotion's own record says/,
    ],
    [
      "one was judged beside something else",
      (fact) =>
        isKept(fact)
          ? [
              {
                ...fact,
                attachments: [
                  ...fact.attachments.filter(({ name }) => name !== releases.name),
                  { ...releases, sha256: digestOf("other") },
                ],
              },
            ]
          : [fact],
      /which judges what is compared with something else now/,
    ],
    [
      "one is older than it says",
      (fact) => (isKept(fact) ? [{ ...fact, body: { ...fact.body, recordedAt: "2026-11-01T00:00:00.000Z" } }] : [fact]),
      /./,
    ],
  ])("are found where %s", async (_, change, sentence) => {
    expect(await findings(change)).toContainEqual(
      expect.objectContaining({ code: "sign-off-invalid", sentence: expect.stringMatching(sentence) }),
    );
  });

  it("are found where they are said to have been given for a candidate that is the same in what they judge", async () => {
    const manifest = house.promotions.stored(newer).manifest;
    const bytes = freezeManifestBytes(manifest);
    const blobs = new Map(house.blobs).set(sha256Hex(bytes), bytes);
    const lie = (fact: Fact): readonly Fact[] =>
      isKept(fact)
        ? [
            {
              ...fact,
              attachments: fact.attachments.map((each) =>
                each.name === "original-freeze.json" ? { ...each, sha256: sha256Hex(bytes) } : each,
              ),
            },
          ]
        : [fact];
    expect(await findings(lie, blobs)).toContainEqual(
      expect.objectContaining({
        sentence: "It was given for another candidate or stage than its record names.",
      }),
    );
  });
});

describe("a newer candidate with another model", () => {
  it("keeps nothing that judges the model, and says so", async () => {
    const own = new House();
    const first = await own.submit("candidate", "2.0.0");
    await own.freezeAndJudge(first);
    await own.openStage(first);
    await own.sign(first, cora);
    const second = await own.submit("candidate", "2.0.1");
    await own.freezeAndJudge(second);
    const promotion = own.promotions.stored(second);
    expect(promotion.carried).toBeUndefined();
    expect(promotion.history.find(({ type }) => type === "supersedes")?.summary).toContain(
      "What Cora signed falls: Cora signed as 'Compliance officer', which judges what has changed: 'model'.",
    );
  });
});

describe("a sign-off that was written as kept, and that no promotion keeps", () => {
  it.each([
    ["since the candidate was withdrawn", () => keptAndWithdrawn()],
    ["since whoever gave it had left as it was judged again", keptAndLeft],
  ])("counts nowhere, and nothing is wrong with it, %s", async (_, story) => {
    expect((await verified(await packOf(await story()))).findings).toEqual([]);
  });

  it("was given all the same, or the report would show what nobody signed", async () => {
    const { house } = await keptAndWithdrawn();
    const forged = canonicalJsonBytes({ nothing: "signed" });
    const sha256 = sha256Hex(forged);
    const blobs = new Map([...house.blobs, [sha256, forged] as const]);
    const findings = async (change: (fact: Fact) => Fact) => {
      const facts = house.facts.map((fact) => (fact.type === "sign-off-kept" ? change(fact) : fact));
      return (await verified(await packOf({ house }, { facts, blobs }))).findings.map(({ code }) => code);
    };
    const somebodys = (fact: Fact) => ({ ...fact, body: { ...fact.body, reason: "I looked at it myself." } });
    expect(new Set(await findings(somebodys))).toEqual(new Set(["sign-off-invalid"]));
    const unsigned = (fact: Fact) => ({
      ...fact,
      attachments: fact.attachments.map((each) => (each.name === "sign-off.dsse.json" ? { ...each, sha256 } : each)),
    });
    expect(await findings(unsigned)).toContain("sign-off-invalid");
  });
});
