import { describe, expect, it } from "vitest";
import { installationFact } from "../../../core/attestation/installation-record.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { settingsTold } from "../../../functions/ledger/settings-told.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";

const moved = { ...installation, issuer: "https://new.example", audiences: ["new-portal", "new-cli"] };
const begun = installationFact(installation, 1, addSeconds(now, -86_400));

/** A function that people sign in with by some settings, at an instant of its own. */
function scene(signIns: Parameters<typeof settingsTold>[0]["signIns"]) {
  const state = { at: now as Instant, told: [begun], asked: 0 };
  const required = settingsTold({
    now: () => state.at,
    signIns,
    told: async () => {
      state.asked += 1;
      return state.told;
    },
  });
  return { state, required };
}

describe("what somebody signs", () => {
  it("is taken by the settings of which the ledger tells, also by the portal's alone", async () => {
    await expect(scene(installation).required()).resolves.toBeUndefined();
    const { issuer, subjectClaim } = installation;
    await expect(scene({ issuer, subjectClaim, audiences: ["portal-client"] }).required()).resolves.toBeUndefined();
  });

  it.each<[string, object]>([
    ["provider", { issuer: "https://new.example" }],
    ["application", { audiences: ["portal-client", "new-cli"] }],
    ["claim by which people are named", { subjectClaim: "oid" }],
  ])(
    "is not taken under another %s that the ledger does not tell of yet, nor ever where that was rolled back",
    async (_, over) => {
      const { required } = scene({ ...installation, ...over });
      await expect(required()).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("the ledger tells of it within a minute"),
      });
    },
  );

  it("is taken again once the ledger has told of them, which is asked once a minute", async () => {
    const { state, required } = scene(moved);
    await expect(required()).rejects.toThrow();
    state.told = [begun, installationFact(moved, 2, now)];
    await required();
    state.at = addSeconds(now, 59);
    await required();
    expect(state.asked).toBe(2);
    state.at = addSeconds(now, 60);
    await required();
    expect(state.asked).toBe(3);
  });

  it("is taken by a function of before for the quarter of an hour in which a deployment may come to it, and no longer", async () => {
    const { state, required } = scene(installation);
    state.told = [begun, installationFact(moved, 2, now)];
    state.at = addSeconds(now, 900);
    await required();
    state.at = addSeconds(now, 961);
    await expect(required()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is taken before the log begins, which then begins with these settings", async () => {
    const { state, required } = scene(installation);
    state.told = [];
    await expect(required()).resolves.toBeUndefined();
  });
});
