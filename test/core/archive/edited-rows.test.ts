import { describe, expect, it } from "vitest";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "./house.ts";
import { packOf, verified } from "./memory-pack.ts";
import { resultOf, told } from "./told.ts";

// Whoever can write the table changes a promotion's row before its verdict, with its history or only for a while, and the service,
// which means well, goes by it: who started the run, by which facts a rule was chosen, which sign-offs fell, when it was opened and is over. What was recorded before is in the ledger as it was,
// and that is what these records say; what was decided does not follow from it. By which facts a rule was chosen is held against
// the evidence in verify-gates.test.ts.

/** What verification finds where the ledger says this of a promotion, and the row said otherwise when it was decided. */
async function found(promotion: PromotionId, type: FactType, recorded: (fact: Fact) => Fact["body"]) {
  const facts = told.house.facts.map((fact) =>
    fact.type === type && fact.promotion === promotion ? { ...fact, body: recorded(fact) } : fact,
  );
  const { findings } = await resultOf(promotion, { facts });
  return findings.map(({ code, sentence }) => `${code}: ${sentence}`).join("\n");
}

describe("a row that was edited before the verdict is found afterwards", () => {
  it("where it no longer says who started the run, and that person has a seat", async () => {
    const decided = told.house.facts.find((fact) => fact.type === "stage-decided" && fact.promotion === told.deployed);
    const seats = (decided?.body["seats"] ?? []) as readonly { readonly person: Fact["body"] }[];
    const identity = seats[0]?.person ?? expect.unreachable();
    expect(await found(told.deployed, "request", ({ body }) => ({ ...body, startedBy: { identity } }))).toContain(
      "quorum-differs: Separation of duties:",
    );
  });

  it("where it no longer says that a sign-off fell", async () => {
    const fell = ({ body }: Fact): Fact["body"] => {
      const kept = (body["kept"] ?? []) as readonly { readonly signOff: string }[];
      if (kept.length === 0) return body;
      return { ...body, kept: [], fallen: kept.map(({ signOff }) => ({ signOff, why: "what it judges has changed" })) };
    };
    expect(await found(told.reopened, "seat-reopened", fell)).toContain("quorum-differs:");
  });

  describe("where its times are others", () => {
    const stage = "      - name: model and operations\n";
    const matrix = shipped.bundle.texts["matrix.yaml"].replace(stage, `${stage}        minimumReview: 4h\n`);

    const open = ({ stage: opened }: Promotion) => opened ?? expect.unreachable();

    /** Signed by when its row says that the stage was opened, which is put back before its verdict, and deployed. */
    async function approvedBy(secondsBefore: number): Promise<readonly string[]> {
      const house = new House(undefined, shippedWith(matrix));
      const id = await house.submit("candidate", "2.0.0");
      await house.freezeAndJudge(id);
      await house.openStage(id);
      await house.sign(id, cora);
      await house.openStage(id);
      const { openedAt } = open(house.promotions.stored(id));
      const write = (at: Instant) => {
        const row = house.promotions.stored(id);
        house.promotions.put({ ...row, stage: { ...open(row), openedAt: at } });
      };
      write(addSeconds(openedAt, -secondsBefore));
      await house.sign(id, dana);
      await house.sign(id, sam);
      write(openedAt);
      await house.verify(id);
      await house.deploy(id);
      expect(house.promotions.stored(id).status).toBe("deployed");
      const looking = { now: addSeconds(house.now(), 3600) };
      return (await verified(await packOf({ house }), looking)).findings.map(({ sentence }) => sentence);
    }

    it("so that nobody had to wait", async () => {
      expect(await approvedBy(5 * 3600)).toContainEqual(
        expect.stringMatching(/^A sign-off was signed before the 14400 seconds/),
      );
    });

    it("so that it is not over yet", async () => {
      const over = ({ at, body }: Fact): Fact["body"] => ({ ...body, expiresAt: addSeconds(at, 1) });
      expect(await found(told.deployed, "request", over)).toMatch(
        /The verdict is PASSED, but the promotion had expired/,
      );
    });
  });
});
