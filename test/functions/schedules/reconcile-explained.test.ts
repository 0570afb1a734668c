import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { factsIn, type Stored } from "../../../functions/ledger/stored-facts.ts";
import { id, linkOpenedFact } from "../../core/promotion/promotion-in-review.ts";
import { differences, entryOf, holiday, linkOpened, opened, scene, tomorrow } from "./reconcile-scene.ts";

describe("what people have explained", () => {
  it("names an item that cannot be read, until that is explained, and compares the others", async () => {
    const item = `PROMOTION#${id}/SIGNOFF#1`;
    const { lines, announced, run, explained } = await scene([{ kind: "unreadable", item }, linkOpened], []);
    await run();
    expect(differences(lines)).toEqual([
      { difference: "unreadable", item },
      { difference: "missing", factId: linkOpened.fact.id },
    ]);
    expect(announced).toEqual([linkOpened.fact.id]);
    explained.add(item);
    for (const day of [1, 2]) {
      lines.length = 0;
      await run(100, { now: () => addSeconds(tomorrow, day * 86_400) });
    }
    expect(lines).toEqual([
      `explained {"difference":"unreadable","item":"${item}"}`,
      'reconciled {"facts":1,"records":1,"differences":0}',
    ]);
  });

  it("is still about what people have explained, once that was rung for, and says what it is", async () => {
    const lost = linkOpenedFact({ id: `${id}/link-opened/2` });
    const { lines, append, run, explained } = await scene([linkOpened]);
    await append([entryOf(lost), { id: "nonsense", bytes: utf8("{}") }]);
    const night = async (number: number) => {
      lines.length = 0;
      await run(100, { now: () => addSeconds(tomorrow, number * 86_400) });
      return differences(lines).map(({ ledgerIndex }) => ledgerIndex);
    };
    expect(await night(0)).toEqual([1, 2]);
    explained.add(lost.id).add("2");
    expect(await night(1)).toEqual([1, 2]);
    expect(await night(2)).toEqual([]);
    expect(lines).toEqual([
      `explained {"difference":"unexplained","ledgerIndex":1,"factId":"${lost.id}"}`,
      'explained {"difference":"unexplained","ledgerIndex":2}',
      'reconciled {"facts":1,"records":3,"differences":0}',
    ]);
    // Nothing else, and no more of the same fact.
    await append([{ id: "another id", bytes: ledgerEntry(lost) }]);
    expect(await night(3)).toEqual([3]);
    explained.clear();
    expect(await night(4)).toEqual([1, 2, 3]);
  });

  const edited = (over: Partial<Fact>): Stored => ({ kind: "fact", fact: linkOpenedFact(over) });
  const summaries = ["Edited by hand.", "Edited once more."];

  it.each<[string, Stored, readonly Stored[]]>([
    ["a fact", linkOpened, summaries.map((summary) => edited({ summary }))],
    [
      "a fact, also where no record can be made of it",
      linkOpened,
      summaries.map((summary) => edited({ summary, body: { odds: Number.NaN } })),
    ],
    [
      "what was signed beside a fact",
      { kind: "delegation", deed: holiday },
      ["staging", "edge"].map((target): Stored => {
        const deed = { ...holiday, delegation: { ...holiday.delegation, scope: { target } } };
        return { kind: "delegation", deed };
      }),
    ],
  ])("rings for another edit than the one that is explained, of %s", async (_, signed, edits) => {
    const [first = expect.unreachable(), second = expect.unreachable()] = edits;
    const table = [first];
    const { lines, run, explained } = await scene(table, [signed]);
    const [{ id: factId } = expect.unreachable()] = factsIn(signed);
    explained.add(factId);
    const night = async (number: number) => {
      lines.length = 0;
      await run(100, { now: () => addSeconds(tomorrow, number * 86_400) });
      return differences(lines);
    };
    const both = [
      { difference: "differs", ledgerIndex: 0, factId },
      { difference: "differs", factId },
    ];
    expect([await night(0), await night(1)]).toEqual([both, []]);
    table[0] = second;
    expect([await night(2), await night(3)]).toEqual([both, []]);
  });

  it("does not ring again for a fact that is explained as its promotion goes on", async () => {
    const history = opened.history.map((each) => ({ ...each, body: { odds: Number.NaN } }));
    const edited = { ...opened, history };
    const table: Stored[] = [{ kind: "promotion", promotion: edited }];
    const { lines, run, explained, ports } = await scene(table, [{ kind: "promotion", promotion: opened }]);
    const [{ id: factId } = expect.unreachable()] = history;
    explained.add(factId);
    const night = async (number: number) => {
      lines.length = 0;
      await run(100, { ...ports, now: () => addSeconds(tomorrow, number * 86_400) });
      return differences(lines);
    };
    const both = [
      { difference: "differs", ledgerIndex: 0, factId },
      { difference: "differs", factId },
    ];
    expect([await night(0), await night(1)]).toEqual([both, []]);
    table[0] = { kind: "promotion", promotion: { ...edited, revision: edited.revision + 1 } };
    expect(await night(2)).toEqual([]);
  });
});
