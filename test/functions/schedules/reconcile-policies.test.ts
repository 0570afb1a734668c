import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Stored } from "../../../functions/ledger/stored-facts.ts";
import { id, linkOpenedFact, now } from "../../core/promotion/promotion-in-review.ts";
import { differences, exported, linkOpened, opened, promotion, scene } from "./reconcile-scene.ts";

describe("what is compared of policies in force", () => {
  it("names the policies in force where the ledger tells of later ones", async () => {
    const [first, second, third] = ["first", "second", "third"].map((name) => sha256Hex(utf8(name))) as [
      Sha256,
      Sha256,
      Sha256,
    ];
    const activated = (number: number, policy: Sha256, seconds = number, over: Partial<Fact> = {}): Stored => {
      const told = { id: `installation/policy/${number}`, type: "policy-activated", summary: "In force." } as const;
      const at = addSeconds(now, seconds);
      return { kind: "fact", fact: { ...exported.fact, ...told, at, body: { policy, number }, ...over } };
    };
    const both = [activated(2, second), activated(1, first)];
    const found = async (number: number, digest: Sha256, told = both) => {
      const inForce = { digest, documents: [], since: now, number };
      const { lines, run } = await scene([...told, { kind: "policy-in-force", inForce }]);
      await run();
      return differences(lines);
    };
    const setBack = [{ difference: "set-back", item: "POLICIES/IN-FORCE" }];
    expect(await found(1, first)).toEqual(setBack);
    // What a deployment brought, after somebody took the item away; and the version that then came in force under quorum.
    expect(await found(1, third)).toEqual(setBack);
    const counted = [activated(1, first), activated(3, third), activated(2, first, 4)];
    expect(await found(2, first, counted)).toEqual([]);
    expect(await found(3, third, counted)).toEqual(setBack);
    expect(await found(2, first)).toEqual(setBack);
    expect(await found(2, second)).toEqual([]);
    expect(await found(1, second)).toEqual(setBack);
    // Within one second the log's order counts.
    expect(await found(2, second, [activated(1, first), activated(2, second, 1)])).toEqual([]);
    const others = [
      { id: "policy/proposed", type: "policy-proposed" },
      { id: "policy/unnumbered", body: { policy: third, number: "9" } },
      { id: "policy/nameless", body: { number: 9 } },
    ] as const;
    const beside = others.map((over) => activated(9, third, 9, over));
    expect(await found(2, second, [...both, ...beside])).toEqual([]);
    // They came in force since the comparison began.
    expect(await found(3, third)).toEqual([]);
    expect(await found(1, first, [])).toEqual([]);
  });

  it("names a promotion whose policies are in force and that does not tell of it, once it had the time", async () => {
    const digest = sha256Hex(utf8("policies"));
    const inForce = { digest, documents: [], since: now, number: 2, promotion: id };
    const pinned: Stored = { kind: "policy-in-force", inForce };
    const { lines, run } = await scene([promotion, pinned]);
    await run(100, { now: () => addSeconds(now, 899) });
    expect(differences(lines)).toEqual([]);
    const later = await scene([promotion, pinned]);
    await later.run();
    expect(differences(later.lines)).toEqual([{ difference: "untold", factId: id }]);
    const told = async (type: "policy-activated" | "expired", policy: string, number = 2) => {
      const activated = linkOpenedFact({ type, summary: "In force.", body: { policy, number } });
      const telling: Stored = { kind: "promotion", promotion: advance(opened, {}, activated) };
      const { run: compare, lines: all } = await scene([telling, pinned]);
      await compare();
      return differences(all);
    };
    expect(await told("policy-activated", digest)).toEqual([]);
    expect(await told("policy-activated", sha256Hex(utf8("others")))).toEqual([
      { difference: "untold", factId: id },
      { difference: "set-back", item: "POLICIES/IN-FORCE" },
    ]);
    expect(await told("policy-activated", digest, 1)).toEqual([{ difference: "untold", factId: id }]);
    expect(await told("expired", digest)).toEqual([{ difference: "untold", factId: id }]);
    const gone = await scene([linkOpened, pinned]);
    await gone.run();
    expect(differences(gone.lines)).toEqual([{ difference: "untold", factId: id }]);
    const { promotion: _, ...deployed } = inForce;
    const byNobody = await scene([linkOpened, { kind: "policy-in-force", inForce: deployed }]);
    await byNobody.run();
    expect(differences(byNobody.lines)).toEqual([]);
  });
});
