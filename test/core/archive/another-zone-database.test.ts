import { describe, expect, it } from "vitest";
import { loadPolicies, type Policies } from "../../../core/policy/load-policies.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { byAnotherDatabase } from "./another-zone-database.ts";
import { cora, dana, House, sam, shipped, tom } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { member } from "./reviewers.ts";

// Zones are added and changed by governments: whoever verifies may have an older database than the service had.

const others = [
  ...["Ida", "Olaf"].map((name) => member(name, "incident-commanders")),
  ...["Carl", "Cleo"].map((name) => member(name, "compliance-officers")),
];

function matrixWith(windows: string): string {
  return shipped.bundle.texts["matrix.yaml"].replace("\nrules:", `\nfreezeWindows: [${windows}]\nrules:`);
}

function policiesWith(windows: string): Policies {
  const { bundle } = shipped;
  return loadPolicies({ ...bundle, texts: { ...bundle.texts, "matrix.yaml": matrixWith(windows) } });
}

async function deployed(house: House): Promise<PromotionId> {
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  for (const each of [cora, sam, dana]) {
    await house.openStage(id);
    await house.sign(id, each);
  }
  await house.verify(id);
  await house.deploy(id);
  return id;
}

/** What is wrong with the whole log and with a promotion's own part, and what is not told of windows, by some reader. */
async function said(
  windows: string,
  { unknown, blind = false }: { readonly unknown?: string; readonly blind?: boolean },
) {
  const policies = policiesWith(windows);
  const { freezeWindows: _, ...matrix } = policies.matrix;
  const house = new House(undefined, blind ? { ...policies, matrix } : policies, others);
  await house.adoptPolicy();
  const promotion = await deployed(house);
  const packs = [await packOf({ house }), await packOf({ house }, { scope: { kind: "promotion", promotion } })];
  const read = async () => await Promise.all(packs.map(async (pack) => await verified(pack)));
  const all = await (unknown === undefined ? read() : byAnotherDatabase({ zone: unknown }, read));
  return all.map(({ findings, unchecked }) => ({
    findings: findings.map(({ sentence }) => sentence),
    ofZones: unchecked.map(({ sentence }) => sentence).filter((each) => each.includes("time zone database")),
  }));
}

const nothing = { findings: [], ofZones: [] };

describe("a time zone that the reader's database does not have", () => {
  const zone = "America/Punta_Arenas";
  const window = (name: string, from: string, until: string) =>
    `{ name: ${name}, zone: ${zone}, weekly: { from: ${from}, until: ${until} } }`;

  it("leaves untold what was done where a window of it may have held, names the zone, and nothing else is lost", async () => {
    const night = window("Night", "mon 18:00", "mon 23:00");
    expect(await said(night, {})).toEqual([nothing, nothing]);
    const untold = expect.stringMatching(
      /^Whether changes were frozen at '.*' cannot be told here: .* does not have 'America\/Punta_Arenas', in which/,
    );
    const all = { findings: [], ofZones: [untold] };
    expect(await said(window("Late", "mon 18:00", "mon 22:00"), { unknown: zone })).toEqual([all, all]);
  });

  it("leaves nothing untold where no clock in the world could have shown a time of the window", async () => {
    expect(await said(window("Friday", "fri 00:00", "fri 12:00"), { unknown: zone })).toEqual([nothing, nothing]);
  });

  it("hides no window of another zone", async () => {
    const both = `${window("Early", "mon 01:00", "mon 02:00")}, { name: Day, zone: UTC, weekly: { from: mon 00:00, until: tue 00:00 } }`;
    const passed =
      "The verdict is PASSED in a freeze window of the policies in force then, or without the exception that let it pass.";
    const [log, part] = await said(both, { unknown: zone, blind: true });
    expect(log?.findings).toEqual(expect.arrayContaining([passed]));
    expect(part?.findings).toEqual([passed]);
  });
});

describe("a freeze window that is once, in policies that people signed for", () => {
  const zone = "Europe/Zurich";

  it.each([
    ["has the zone's clock otherwise", { zone, as: "Europe/London" }],
    ["does not have it", { zone }],
  ])("is as it was shown to them, by a database that %s", async (_how, database) => {
    const house = new House(undefined, undefined, others);
    await house.adoptPolicy();
    const window = `{ name: Year end, zone: ${zone}, from: 2026-12-18 18:00, until: 2027-01-04 08:00 }`;
    const id = await house.proposePolicy(tom, { "matrix.yaml": matrixWith(window) });
    await house.freezeAndJudge(id);
    await house.openStage(id);
    for (const each of [cora, dana]) await house.sign(id, each);
    await house.verify(id);
    await house.activatePolicy(id);
    const pack = await packOf({ house });
    expect((await byAnotherDatabase(database, () => verified(pack))).findings).toEqual([]);
  });
});
