import { describe, expect, it } from "vitest";
import { keyOfFact } from "../../../adapters/dynamodb/promotion-items.ts";
import { delegationFact } from "../../../core/attestation/recorded-delegation.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { cora, now, sam } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

describe("delegations and absences", () => {
  it("come back as what was done about them, each deed once", async () => {
    const { delegations } = await open();
    const document = delegationDocument(sam, cora, "sre");
    const [given, revoked] = [
      await delegationDeed("delegate", document, sam),
      await delegationDeed("revoke", document, cora),
    ];
    for (const deed of [given, revoked]) expect(await delegations.record(deed)).toBe("recorded");
    expect(await delegations.record({ ...given, personName: "Somebody else" })).toBe("exists");
    expect(await delegations.deeds(given.id)).toEqual([given, revoked]);
    expect(await delegations.deeds(sha256Hex(new Uint8Array(1)))).toEqual([]);
    expect(await delegations.notOver(now)).toEqual([given, revoked]);
    expect(keyOfFact(delegationFact(revoked))).toEqual({ pk: "DELEGATIONS", sk: `${given.id}#revoke` });
  });

  it("are found while they are not over, however many there were before", async () => {
    const { delegations, calls } = await open();
    const until = (seconds: number) => addSeconds(now, seconds);
    const deeds = await Promise.all(
      [-3600, -1, 0, 60].map((seconds) =>
        delegationDeed("delegate", { ...delegationDocument(sam, cora, "sre"), until: until(seconds) }, sam),
      ),
    );
    for (const deed of deeds) await delegations.record(deed);
    const before = calls();
    expect((await delegations.notOver(now)).map(({ delegation }) => delegation.until)).toEqual([until(0), until(60)]);
    // One for what is not over, and one for each of that.
    expect(calls() - before).toBe(3);
  });

  it("say who is away by each person's last word", async () => {
    const { absences } = await open();
    await absences.put({ person: sam.identity, until: addSeconds(now, 60) });
    await absences.put({ person: cora.identity, until: addSeconds(now, 60) });
    await absences.put({ person: sam.identity, until: now });
    const listed = await absences.list();
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual({ person: sam.identity, until: now });
  });
});
