import { describe, expect, it } from "vitest";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { mostSecondsOnTheWay, recordedInTime } from "../../functions/recorded-in-time.ts";
import { delegationDeed } from "../core/attestation/given-delegation.ts";
import { attestation } from "../core/attestation/signing-keys.ts";
import { everybody, now, sam } from "../core/promotion/promotion-in-review.ts";
import { refused } from "../core/refusal.ts";
import { delegationRequest, delegationScene, given, routes } from "./api/delegation-requests.ts";
import { memoryDirectory } from "./memory-directory.ts";

describe("what is recorded", () => {
  /** Signing took `signing` seconds, and each check takes `checking`. */
  async function recorded(signing: number, checking: number) {
    let clock = addSeconds(now, signing);
    const asked: Instant[] = [];
    const check = async (at: Instant) => {
      asked.push(at);
      clock = addSeconds(clock, checking);
      return { at };
    };
    const { at } = await recordedInTime({ at: now }, check, () => clock);
    return { at, asked };
  }

  it("is so as of when it was checked, where it is written soon after", async () => {
    expect(await recorded(mostSecondsOnTheWay, 0)).toEqual({ at: now, asked: [] });
  });

  it("is checked again where signing took its time, and recorded as of then", async () => {
    const later = addSeconds(now, 7);
    expect(await recorded(7, 1)).toEqual({ at: later, asked: [later] });
  });

  it("is nothing where checking alone takes too long", async () => {
    expect(await refused(recorded(7, mostSecondsOnTheWay + 1))).toMatchObject({ code: "unavailable" });
  });

  it("is that a delegation was revoked when that was written, not when it was asked for", async () => {
    let clock = now;
    const sign = async (digest: Uint8Array) => {
      clock = addSeconds(now, 30);
      return attestation.sign(digest);
    };
    const deeds = [await delegationDeed("delegate", given, sam)];
    const { delegations, post } = delegationScene({ deeds, ports: { now: () => clock, sign } });
    await post(routes.revoke, delegationRequest("revoke"));
    expect(delegations.recorded.at(-1)).toMatchObject({ deed: "revoke", recordedAt: addSeconds(now, 30) });
  });

  it("is recorded though the directory takes longer than anything may wait, since it is asked once for a request", async () => {
    let clock = now;
    const listed: string[] = [];
    const everyone = memoryDirectory(everybody).everybody;
    const directory = {
      everybody: async (groups: readonly string[]) => {
        clock = addSeconds(clock, mostSecondsOnTheWay + 1);
        listed.push(clock);
        return await everyone(groups);
      },
    };
    const deeds = [await delegationDeed("delegate", given, sam)];
    const { delegations, post } = delegationScene({ deeds, ports: { now: () => clock, directory } });
    expect((await post(routes.revoke, delegationRequest("revoke"))).status).toBe(201);
    expect(listed).toHaveLength(1);
    // As of an instant at which it was asked, and not of the one before the directory answered.
    expect(delegations.recorded.at(-1)).toMatchObject({ deed: "revoke", recordedAt: addSeconds(now, 4) });
  });
});
