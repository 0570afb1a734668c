import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type TakeOverPorts, takeOver } from "../../../functions/steps/evaluate-gates/take-over.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  dana,
  digestOf,
  manifest,
  now,
  promotionAtTheGates,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryLanes } from "../memory-lanes.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

function candidate(version: string, seconds: number, over: Partial<Promotion> = {}): Promotion {
  const own = { ...manifest, model: { ...manifest.model, version } };
  const digest = freezeDigest(own);
  const base = over.status === undefined ? promotionAtTheGates() : promotionInReview();
  return {
    ...base,
    id: promotionId(digest, 1),
    manifest: own,
    freezeDigest: digest,
    submittedAt: addSeconds(now, seconds),
    history: [{ id: `${digest}/0`, type: "gates", at: now, summary: "All gates pass.", body: {}, attachments: [] }],
    ...over,
  };
}

const older = candidate("1.4.0", 0, { status: "in-review" });
const newer = candidate("1.5.0", 60);

function scene(...stored: readonly Promotion[]) {
  const promotions = new MemoryPromotions(stored);
  const lanes = new MemoryLanes();
  const ports: TakeOverPorts = {
    now: () => addSeconds(now, 300),
    promotions,
    lanes,
    keepSignOffs: async () => ({ kept: [], fallen: [] }),
  };
  const run = (promotion: Promotion, using = ports) => takeOver(using)(promotions.stored(promotion.id));
  const lane = () => lanes.load(manifest.model.name, manifest.target.name);
  return { promotions, ports, run, lane };
}

describe("a candidate whose gates passed", () => {
  it("takes the place of the one in review, and both records say so", async () => {
    const { promotions, run } = scene(older, newer);
    await run(older);
    await run(newer);
    expect(promotions.stored(older.id)).toMatchObject({
      status: "superseded",
      supersededBy: newer.id,
      stage: { open: false },
    });
    expect(promotions.stored(newer.id)).toMatchObject({
      status: "gating",
      history: [
        ...newer.history,
        {
          type: "supersedes",
          summary: "It takes the place of 1.4.0, which was still open for the same model and target.",
          body: { promotions: [{ id: older.id, freezeDigest: older.freezeDigest }], kept: [], fallen: [] },
        },
      ],
    });
    expect(promotions.stored(newer.id)).not.toHaveProperty("carried");
  });

  it("gives way where a newer one was quicker at the gates", async () => {
    const slow = candidate("1.4.0", 0);
    const { promotions, run } = scene(slow, newer);
    await run(newer);
    expect(await run(slow)).toMatchObject({ status: "superseded", supersededBy: newer.id });
    expect(promotions.stored(newer.id)).toEqual(newer);
  });

  it.each(["deploying", "deployed", "rejected"] as const)("leaves one alone that is %s", async (status) => {
    const left = candidate("1.4.0", 0, { status });
    const { promotions, run } = scene(left, newer);
    await run(left);
    await run(newer);
    expect(promotions.stored(left.id)).toEqual(left);
    expect(promotions.stored(newer.id)).toEqual(newer);
  });

  it("says nothing more once people are asked: the step that runs a second time was late", async () => {
    const asked = { ...newer, status: "in-review" as const };
    const { promotions, run } = scene(older, asked);
    await run(older);
    await run(asked);
    expect(promotions.stored(older.id).supersededBy).toBe(asked.id);
    expect(promotions.stored(asked.id)).toEqual(asked);
  });

  it.each([
    ["model", { model: { ...older.manifest.model, name: "fraud" } }],
    ["target", { target: { ...manifest.target, name: "staging" } }],
  ])("leaves one of another %s alone", async (_, other) => {
    const elsewhere = candidate("1.4.0", 0, { status: "in-review", manifest: { ...older.manifest, ...other } });
    const { promotions, run } = scene(elsewhere, newer);
    await run(elsewhere);
    await run(newer);
    expect(promotions.stored(elsewhere.id)).toEqual(elsewhere);
    expect(promotions.stored(newer.id)).toEqual(newer);
  });

  it("come two at once: the later submission stands, the earlier gives way, whoever writes first", async () => {
    for (const order of [
      [older, newer],
      [newer, older],
    ]) {
      const { promotions, run } = scene(older, newer);
      await Promise.all(order.map((each) => run(each)));
      expect(promotions.stored(older.id).supersededBy).toBe(newer.id);
      expect(promotions.stored(newer.id).status).toBe("gating");
    }
  });

  it("ends the same wherever its function dies and is run again", async () => {
    const whole = scene(older, newer);
    await whole.run(older);
    const counted = crashing(whole.ports);
    await whole.run(newer, counted.ports);
    for (let call = 1; call <= counted.calls(); call++) {
      for (const moment of ["before", "after"] as const) {
        const { promotions, ports, run } = scene(older, newer);
        await run(older);
        await expect(run(newer, crashing(ports, { call, moment }).ports)).rejects.toBeInstanceOf(Crashed);
        await run(newer);
        expect(promotions.stored(older.id)).toEqual(whole.promotions.stored(older.id));
        expect(promotions.stored(newer.id)).toEqual(whole.promotions.stored(newer.id));
      }
    }
  });

  it("sees to those whom a head displaced that died before it could", async () => {
    const newest = candidate("1.6.0", 120);
    const { promotions, ports, run } = scene(older, newer, newest);
    await run(older);
    // The third call is the one that would supersede: the lane is taken, and nothing else is done.
    await expect(run(newer, crashing(ports, { call: 3, moment: "before" }).ports)).rejects.toBeInstanceOf(Crashed);
    await run(newest);
    expect(promotions.stored(older.id).supersededBy).toBe(newest.id);
    expect(promotions.stored(newer.id).supersededBy).toBe(newest.id);
  });
});

describe("what was signed for the one whose place was taken", () => {
  /** Cora's counts for the newer one, Dana's does not. */
  const outcome = async () => ({
    kept: [
      { signOff: (await givenSignOff(older, cora)).signOff, stage: 0, roles: ["compliance-officer", "sre"], review: 1 },
    ],
    fallen: [{ name: dana.name, signOff: digestOf("dana"), why: "signed under other gates" }],
  });

  it("is kept or falls, and the record says which and why", async () => {
    const { promotions, ports, run } = scene(older, newer);
    const { kept, fallen } = await outcome();
    await run(older);
    await run(newer, { ...ports, keepSignOffs: async () => ({ kept, fallen }) });
    const { carried, history } = promotions.stored(newer.id);
    expect(carried).toEqual(kept);
    expect(history.at(-1)).toMatchObject({
      at: addSeconds(now, 300),
      summary:
        "It takes the place of 1.4.0, which was still open for the same model and target. " +
        "What Cora signed as compliance-officer, sre is kept. What Dana signed falls: Dana signed under other gates.",
      body: {
        kept: kept.map(({ signOff, stage, roles, review }) => ({ signOff: signOff.id, stage, roles, review })),
        fallen: [{ signOff: digestOf("dana"), why: "signed under other gates" }],
      },
    });
  });

  it("is asked for of the newest alone where the place of two was taken, and both are named", async () => {
    const newest = candidate("1.6.0", 120);
    const { promotions, ports, run } = scene(older, newer, newest);
    await run(older);
    await expect(run(newer, crashing(ports, { call: 3, moment: "before" }).ports)).rejects.toBeInstanceOf(Crashed);
    const asked: (readonly string[])[] = [];
    await run(newest, {
      ...ports,
      keepSignOffs: async (before, after) => {
        asked.push([before.id, after.id]);
        return { kept: [], fallen: [] };
      },
    });
    expect(asked).toEqual([[newer.id, newest.id]]);
    expect(promotions.stored(newest.id).history.at(-1)?.summary).toBe(
      "It takes the place of 1.4.0 and 1.5.0, which were still open for the same model and target.",
    );
  });

  it.each([
    ["falls at that instant", 60, 2],
    ["falls later", 61, 1],
  ])("is judged again where writing came so late that one of it %s", async (_, until, times) => {
    const { promotions, ports, run } = scene(older, newer);
    const { kept, fallen } = await outcome();
    await run(older);
    let asked = 0;
    const keepSignOffs = async () => {
      asked += 1;
      return asked === 1 ? { kept, fallen, until: addSeconds(now, until) } : { kept: [], fallen };
    };
    await run(newer, { ...ports, now: () => addSeconds(now, 60), keepSignOffs });
    expect(asked).toBe(times);
    expect(promotions.stored(newer.id).carried).toEqual(times === 1 ? kept : undefined);
  });

  it("is not asked for where nobody's place was taken, nor once it was told", async () => {
    const { promotions, ports, run } = scene(older, newer);
    const asked = async () => expect.unreachable("Nobody was to be asked.");
    await run(older, { ...ports, keepSignOffs: asked });
    const settling = crashing(ports.lanes, { call: 3, moment: "before" }).ports;
    await expect(run(newer, { ...ports, lanes: settling })).rejects.toBeInstanceOf(Crashed);
    const told = promotions.stored(newer.id);
    await run(newer, { ...ports, keepSignOffs: asked });
    expect(promotions.stored(newer.id)).toEqual(told);
  });
});

it("leaves nothing to do in the lane once all is done, and writes it no more often than that", async () => {
  const { run, lane } = scene(older, newer);
  await run(older);
  expect(await lane()).toMatchObject({ revision: 1, head: { id: older.id }, displaced: [] });
  await run(newer);
  await run(newer);
  expect(await lane()).toMatchObject({ revision: 3, head: { id: newer.id }, displaced: [] });
});
