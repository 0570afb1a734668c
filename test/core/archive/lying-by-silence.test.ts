import { describe, expect, it } from "vitest";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import { hex } from "../../../core/encoding/bytes.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { honestHistories } from "./honest-histories.ts";
import { cora, House } from "./house.ts";
import { type Files, packOf, verified } from "./pack-fixture.ts";
import { member } from "./reviewers.ts";

// Something has to come, and the log goes on without it.

function headOf(files: Files): NonNullable<VerifyPackOptions["since"]> {
  const bytes = files.get("log/checkpoint") ?? new Uint8Array();
  return { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
}

/** What is found in the whole log; and from an earlier head on, in that and in a pack of what came since. */
async function everyWay(house: House, since: ReturnType<typeof headOf>) {
  const whole = await packOf({ house });
  const { size, root } = since.checkpoint;
  const part = await packOf({ house }, { scope: { kind: "since", size, root: hex(root) } });
  return [await verified(whole), await verified(whole, { since }), await verified(part, { since })];
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
    const soon = await packOf({ house });
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
