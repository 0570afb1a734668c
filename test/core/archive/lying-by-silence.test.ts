import { describe, expect, it } from "vitest";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import { hex } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { honestHistories } from "./honest-histories.ts";
import { cora, House, shipped, shippedWith } from "./house.ts";
import { approved, goesOn, leftUnderWay } from "./left-under-way.ts";
import { createdAt, type Files, packOf, verified } from "./pack-fixture.ts";
import { packsOfRelease } from "./release-left-out.ts";
import { goingOn } from "./retelling.ts";
import { member } from "./reviewers.ts";

// Something has to come, and the log goes on without it.

function headOf(files: Files): NonNullable<VerifyPackOptions["since"]> {
  const bytes = files.get("log/checkpoint") ?? new Uint8Array();
  return { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
}

/** What is found in the whole log; and from an earlier head on, in that and in a pack of what came since. */
async function everyWay(house: House, since: ReturnType<typeof headOf>, over: Partial<VerifyPackOptions> = {}) {
  const whole = await packOf({ house });
  const { size, root } = since.checkpoint;
  const part = await packOf({ house }, { scope: { kind: "since", size, root: hex(root) } });
  return [
    await verified(whole, over),
    await verified(whole, { ...over, since }),
    await verified(part, { ...over, since }),
  ];
}

describe("a rejection that nothing follows", () => {
  const carl = member("Carl", "compliance-officers");

  /** Cora rejected a candidate, and nobody decides about that. */
  async function ignored(): Promise<{ readonly house: House; readonly id: PromotionId; readonly rejection: string }> {
    const house = new House(undefined, undefined, [carl]);
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    await house.sign(id, cora, "reject", { reason: "Never.", unheard: true });
    return { house, id, rejection: house.promotions.forgetLatest() };
  }

  it("is found once the log goes on for a quarter of an hour, from an earlier head on as well", async () => {
    const { house, id, rejection } = await ignored();
    const soon = await packOf({ house }, { goesOn: 0 });
    expect(await verified(soon)).toMatchObject({ holds: true, findings: [] });
    house.pass(900);
    await house.submit("weak", "9.0.0");
    for (const { findings, promotions } of await everyWay(house, headOf(soon))) {
      expect(findings).toMatchObject([{ code: "quorum-differs", promotion: id }]);
      expect(findings[0]?.sentence).toContain(`The rejection ${rejection} had ended the promotion by `);
      expect(promotions).toContainEqual(expect.objectContaining({ promotion: id, outcome: "FAILED" }));
    }
    const alone = await verified(await packOf({ house }, { scope: { kind: "promotion", promotion: id } }));
    expect(alone.findings.map(({ code }) => code)).toEqual(["quorum-differs"]);
  });

  it("is none where it did not end the promotion by the people.yaml in force then, which a part of the log does not tell", async () => {
    const name = "somebody who rejects under two accounts that people.yaml came to know as one person's";
    const house = (await honestHistories[name]?.()) ?? expect.unreachable(name);
    const [asked] = house.facts.filter(({ type }) => type === "request");
    const promotion = asked?.promotion ?? expect.unreachable();
    expect(house.promotions.stored(promotion).status).toBe("in-review");
    expect((await verified(await packOf({ house }))).findings).toEqual([]);
    const part = await verified(await packOf({ house }, { scope: { kind: "promotion", promotion } }));
    expect(part.findings).toEqual([]);
    expect(part.unchecked.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/^Whether other policies were in force then.*had ended the promotion/),
    );
  });
});

async function deployed(house: House, id: PromotionId): Promise<void> {
  await approved(house, id);
  await house.deploy(id);
}

describe("how something ended", () => {
  const late = { now: addSeconds(createdAt, 13 * 86_400) };
  const untold = (sentences: readonly { readonly sentence: string }[]) =>
    sentences.filter(({ sentence }) => sentence.startsWith("How "));
  it.each(Object.entries(leftUnderWay))(
    "is said not to be told of %s, in its own line as well, and from an earlier head on",
    async (_, [what, happens]) => {
      const house = new House();
      const id = await house.submit("candidate", "2.0.0");
      await happens(house, id);
      const soon = await packOf({ house });
      expect(untold((await verified(soon)).unchecked)).toEqual([]);
      await goesOn(house);
      for (const { findings, promotions, unchecked } of await everyWay(house, headOf(soon), late)) {
        expect(findings).toEqual([]);
        expect(untold(unchecked)).toMatchObject([
          { promotion: id, sentence: expect.stringContaining(`How ${what}, by `) },
        ]);
        expect(promotions).toContainEqual(
          expect.objectContaining({ promotion: id, outcome: "PASSED", endUntold: true }),
        );
      }
    },
  );

  it("is told by the log that has it", async () => {
    const house = new House();
    await deployed(house, await house.submit("candidate", "2.0.0"));
    await goesOn(house);
    const { unchecked, promotions } = await verified(await packOf({ house }), late);
    expect(untold(unchecked)).toEqual([]);
    expect(promotions.filter(({ endUntold }) => endUntold === true)).toEqual([]);
  });
});

it("that a release was taken back is told by what the next one found", async () => {
  const { lying, honest } = await packsOfRelease();
  const told = async (files: Files) => {
    const { findings, unchecked } = await verified(files);
    return [findings, unchecked.filter(({ sentence }) => sentence.includes("that found"))];
  };
  expect(await told(honest)).toEqual([[], []]);
  expect(await told(lying)).toEqual([
    [],
    [
      {
        promotion: expect.any(String),
        sentence: expect.stringMatching(/^Whether p-.* served until '.*', as the records say: /),
      },
    ],
  ]);
});

describe("what was announced when a model drifted", () => {
  const untold = (sentences: readonly { readonly sentence: string }[]) =>
    sentences.map(({ sentence }) => sentence).filter((sentence) => /^Whether what drifted still serves/.test(sentence));

  /** Something that runs by a rule with this in it, and that has drifted. */
  async function drifted(rule: string) {
    const matrix = shipped.bundle.texts["matrix.yaml"].replace("    carryOver: 3d", `$&\n    ${rule}`);
    const house = new House(undefined, shippedWith(matrix));
    const id = await house.submit("candidate", "2.0.0");
    await deployed(house, id);
    const again = await house.drift('{"psi":0.31}');
    return { house, id, again };
  }

  it("is what its rule asks for", async () => {
    const { house } = await drifted("onDrift: stop");
    expect((await verified(await packOf({ house }))).findings).toEqual([]);
    for (const body of [{ action: "keep" }, { action: "stop", unlessReapproved: "stop" }]) {
      const facts = house.facts.map((fact) =>
        fact.type === "drift" ? { ...fact, body: { ...fact.body, ...body } } : fact,
      );
      const { findings } = await verified(await packOf({ house }, { facts: goingOn(facts) }));
      expect(findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
        expect.stringMatching(/^policy-differs: '.*' was announced when it drifted.*asks for something else\.$/),
      ]);
    }
  });

  it("begins within a day, or is found, from an earlier head on as well", async () => {
    const { house, id } = await drifted("onDrift: stop");
    const soon = await packOf({ house });
    const before = await verified(soon);
    expect([before.findings, untold(before.unchecked).length]).toEqual([[], 1]);
    house.pass(86_400);
    await house.submit("weak", "9.0.0");
    for (const { findings } of await everyWay(house, headOf(soon))) {
      expect(findings).toMatchObject([{ code: "deployment-differs", promotion: id }]);
      expect(findings[0]?.sentence).toMatch(/^'stop' was announced, and was due from .* does not say that it began\.$/);
    }
    // Other promotions may have come to run there.
    const alone = await verified(await packOf({ house }, { scope: { kind: "promotion", promotion: id } }));
    expect([alone.findings, untold(alone.unchecked).length]).toEqual([[], 1]);
  });

  it("is done late, where the target lets nobody do it before", async () => {
    const { house, id } = await drifted("onDrift: stop");
    const soon = await packOf({ house });
    house.pass(86_400);
    await house.restrict(id, { kind: "returned", why: "It is gone." });
    for (const { findings, unchecked } of await everyWay(house, headOf(soon)))
      expect([findings, untold(unchecked)]).toEqual([[], []]);
  });

  it("is not due where something else serves instead", async () => {
    const { house, again } = await drifted("onDrift: stop");
    await deployed(house, again);
    const then = await packOf({ house });
    house.pass(86_400);
    await house.submit("weak", "9.0.0");
    for (const { findings, unchecked } of await everyWay(house, headOf(then)))
      expect([findings, untold(unchecked)]).toEqual([[], []]);
  });

  it("is due once the new approval was refused, where it is for that case", async () => {
    const { house, id, again } = await drifted("ifNotReapproved: stop");
    await house.freezeAndJudge(again);
    await house.openStage(again);
    const asked = await packOf({ house });
    expect((await verified(asked)).findings).toEqual([]);
    await house.sign(again, cora, "reject", { reason: "It drifts." });
    expect((await verified(await packOf({ house }))).findings).toEqual([]);
    house.pass(86_400);
    await house.submit("weak", "9.0.0");
    for (const { findings } of await everyWay(house, headOf(asked)))
      expect(findings).toMatchObject([{ code: "deployment-differs", promotion: id }]);
    const alone = await verified(await packOf({ house }, { scope: { kind: "promotion", promotion: id } }));
    expect([alone.findings, untold(alone.unchecked)]).toEqual([[], [expect.stringContaining(`${again} tells`)]]);
  });
});
