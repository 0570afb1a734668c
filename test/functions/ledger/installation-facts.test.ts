import { describe, expect, it } from "vitest";
import type { Installation } from "../../../core/attestation/installation-record.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { installationFacts } from "../../../functions/ledger/installation-facts.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";

/** A table with what was told, and what is made of it where it is deployed so. */
function scene() {
  let told: readonly Fact[] = [];
  const ports = {
    load: async () => told,
    add: async (before: readonly Fact[], next: Fact): Promise<"added" | "lost"> => {
      if (before.length !== told.length) return "lost";
      told = [...told, next];
      return "added";
    },
  };
  const asked = (over: Partial<Installation> = {}, store = ports) =>
    installationFacts({ now: () => now, installation: { ...installation, ...over }, told: store });
  return { asked, ports, ids: () => told.map(({ id }) => id) };
}

describe("what the ledger tells of the installation", () => {
  it("is told once, however often somebody asks, and whoever it is", async () => {
    const { asked, ids } = scene();
    const ask = asked();
    const [first, again, other] = [await ask(), await ask(), await asked()()];
    expect(first.map(({ id }) => id)).toEqual(["installation/settings/1"]);
    expect([again, other]).toEqual([first, first]);
    expect(ids()).toEqual(["installation/settings/1"]);
  });

  it("is told by one of two that begin at once", async () => {
    const { asked, ids } = scene();
    const [one, other] = await Promise.all([asked()(), asked()()]);
    expect(one).toEqual(other);
    expect(ids()).toEqual(["installation/settings/1"]);
  });

  it("is added to by a deployment with other settings", async () => {
    const { asked, ids } = scene();
    await asked()();
    const changed = await asked({ audiences: ["another-client"] })();
    expect(changed.map(({ body }) => body["audiences"])).toEqual([["portal-client", "cli-client"], ["another-client"]]);
    expect(ids()).toEqual(["installation/settings/1", "installation/settings/2"]);
  });

  it("is told again where a function of before told its own in the midst of a deployment", async () => {
    const { ports, ids } = scene();
    let clock = now;
    const asked = (audiences: readonly string[]) =>
      installationFacts({ now: () => clock, installation: { ...installation, audiences }, told: ports });
    const [before, archive] = [asked(["portal-client"]), asked(["another-client"])];
    await before();
    await archive();
    clock = addSeconds(now, 5);
    // One that CloudFormation has not come to yet begins anew.
    await asked(["portal-client"])();
    expect((await archive()).length).toBe(2);
    clock = addSeconds(now, 65);
    const told = await archive();
    expect(told.map(({ body, at }) => [body["audiences"], at])).toEqual([
      [["portal-client"], now],
      [["another-client"], now],
      [["portal-client"], addSeconds(now, 5)],
      [["another-client"], clock],
    ]);
    expect(ids()).toHaveLength(4);
  });

  it.each([{ logOrigin: "other.example/1" }, { attestationBase: "https://other.example" }])(
    "is never of another log: %j",
    async (over) => {
      const { asked, ids } = scene();
      await asked()();
      await expect(asked(over)()).rejects.toMatchObject({ code: "conflict" });
      expect(ids()).toEqual(["installation/settings/1"]);
    },
  );

  it("is asked for again where it could not be told", async () => {
    const { asked, ports, ids } = scene();
    let broken = true;
    const ask = asked({}, { ...ports, load: async () => (broken ? Promise.reject(new Error("Gone.")) : ports.load()) });
    await expect(ask()).rejects.toThrow("Gone.");
    broken = false;
    await ask();
    expect(ids()).toEqual(["installation/settings/1"]);
  });
});
