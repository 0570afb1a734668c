import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

describe("passkeys", () => {
  const device = authenticator();
  const other = authenticator("ES256", "other");

  it("come back as what was done about them, each deed once", async () => {
    const { passkeys } = await open();
    const [enrolled, confirmed] = await confirmedPasskey(device, cora, sam);
    const foreign = await passkeyDeed("enrol", other, sam);
    for (const deed of [enrolled, confirmed, foreign]) {
      if (deed === undefined) expect.unreachable();
      else expect(await passkeys.record(deed)).toBe("recorded");
    }
    expect(await passkeys.record({ ...foreign, personName: "Somebody else" })).toBe("exists");
    expect(await passkeys.deeds(device.id)).toEqual(expect.arrayContaining([enrolled, confirmed]));
    expect(await passkeys.deeds(other.id)).toEqual([foreign]);
  });

  it("are listed by pages, those enrolled last first, of everybody and of one owner", async () => {
    const { passkeys, calls } = await open();
    const enrolled = async (at: number, owner: typeof cora) => ({
      ...(await passkeyDeed("enrol", authenticator("ES256", `device ${at}`), owner)),
      recordedAt: addSeconds(now, at),
    });
    const [first, second, third] = [await enrolled(1, cora), await enrolled(2, sam), await enrolled(3, cora)] as const;
    for (const deed of [second, third, first]) await passkeys.record(deed);
    // Tried again after an attempt that came no further than its place.
    expect(await passkeys.record({ ...first, recordedAt: addSeconds(now, 9) })).toBe("exists");

    const before = calls();
    const newest = await passkeys.page({}, 2);
    expect(newest.passkeys).toEqual([[third]]);
    expect(calls() - before).toBe(3);
    expect(await passkeys.page({}, 2, newest.next)).toMatchObject({ passkeys: [[second], [first]] });
    expect((await passkeys.page({ owner: cora.identity }, 100)).passkeys).toEqual([[third], [first]]);
    expect((await passkeys.page({ owner: sam.identity }, 100)).passkeys).toEqual([[second]]);
    for (const cursor of ["", "somewhere", Buffer.from("2026#x").toString("base64url")])
      await expect(passkeys.page({}, 2, cursor)).rejects.toThrow("The cursor is not one that a listing gave.");
  });

  it("tell the highest counter of other sign-offs", async () => {
    const { passkeys } = await open();
    const { signOff } = await givenSignOff(promotionInReview(), cora);
    const [first, second] = [signOff.id, device.id];
    expect(await passkeys.counterBefore(device.id, first)).toBe(0);
    await passkeys.noteCounter(device.id, first, 9);
    await passkeys.noteCounter(device.id, second, 10);
    await passkeys.noteCounter(device.id, second, 10);
    expect(await passkeys.counterBefore(device.id, first)).toBe(10);
    expect(await passkeys.counterBefore(device.id, second)).toBe(9);
    expect(await passkeys.counterBefore(other.id, first)).toBe(0);
  });
});
