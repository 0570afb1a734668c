import { describe, expect, it } from "vitest";
import { lateOfInstallation } from "../../../core/archive/late-installation.ts";
import type { LateRecords } from "../../../core/archive/recorded-when.ts";
import { installationFact } from "../../../core/attestation/installation-record.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { installation } from "../attestation/given-installation.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { factOf } from "./retelling.ts";
import { smallFacts, smallPack, verifiedPack, wrongWith } from "./small-pack.ts";
import { told } from "./told.ts";

const [first, ...rest] = smallFacts;
const end = smallFacts.at(-1)?.at ?? expect.unreachable("Nothing was recorded.");
const signedAt = factOf(told.house, "sign-off", told.rejected).at;
const settings = (audiences: readonly string[], number: number, at: Instant) =>
  installationFact({ ...installation, ...own, audiences }, number, at);
const { recordVersion: _, number: __, ...own } = Object(first?.body);
const order = (index: number) =>
  expect.stringMatching(new RegExp(`^order records/${index}\\.json: .* it was told afterwards\\.$`));

it("an application is not named once somebody has decided in it, as of before", async () => {
  const menu = { ...first, body: { ...first?.body, audiences: ["lunch-menu"] } } as Fact;
  const opened: Fact = {
    ...{ id: `${told.expired}/link-opened/1`, promotion: told.expired, type: "link-opened", at: addSeconds(end, 3600) },
    ...{ summary: "A link was opened.", body: {}, attachments: [] },
  };
  const facts = [
    menu,
    ...rest,
    opened,
    settings(own.audiences, 2, addSeconds(signedAt, -1)),
    settings(["lunch-menu"], 3, addSeconds(signedAt, 1)),
  ];
  const wrong = await wrongWith(await smallPack({ facts }));
  expect(wrong).toEqual([order(smallFacts.length + 1), order(smallFacts.length + 2)]);
});

it("a change is told of behind what was recorded while it was made", async () => {
  const change = (seconds: number) =>
    smallPack({ facts: [...smallFacts, settings(own.audiences, 2, addSeconds(end, seconds))] });
  expect(await wrongWith(await change(-900))).toEqual([]);
  expect(await wrongWith(await change(-901))).toEqual([order(smallFacts.length)]);
});

it("what else of the installation came late is said, and the policies among it by themselves", async () => {
  const activated =
    rest.find(({ type }) => type === "policy-activated") ?? expect.unreachable("There are no policies.");
  const behind = smallFacts.filter((fact) => fact !== activated);
  const { unchecked } = await verifiedPack(await smallPack({ facts: [...behind, activated] }));
  const path = `records/${behind.length}.json`;
  expect(unchecked.map(({ sentence }) => sentence)).toContain(
    `Whether ${path} were as early as they say is told by them alone: the log had them more than a quarter of an hour later. Policies that a deployment put in force are among them: ${path}.`,
  );
});

describe("records of no promotion that came late", () => {
  const deployed = promotionId(digestOf("candidate"), 1);
  const inspected = {
    ...{ indices: [], times: new Float64Array(), installationRecords: [] },
    installation: [1, 3, 5],
    policyRecords: [3, 4, 5, 6],
    promotionOf: (index: number) => (index === 4 ? deployed : undefined),
  };
  const said = (...late: readonly number[]) =>
    lateOfInstallation(inspected, new Map(late.map((index) => [index, {}])) as object as LateRecords).map(
      ({ sentence }) => sentence,
    );
  const asEarly = "as early as they say is told by them alone: the log had them more than a quarter of an hour later.";

  it("are none where none did, or only those of promotions", () => {
    expect(said()).toEqual([]);
    expect(said(2, 4)).toEqual([]);
  });

  it("are told by the first of them and how many others there are", () => {
    expect(said(1)).toEqual([`Whether records/1.json were ${asEarly}`]);
    expect(said(1, 4, 5)).toEqual([
      `Whether records/1.json and 1 others of no promotion were ${asEarly} Policies that a deployment put in force are among them: records/5.json.`,
    ]);
    expect(said(1, 3, 5)[0]).toContain(" and 2 others of no promotion were ");
    expect(said(1, 3, 5)[0]).toMatch(/ among them: records\/3\.json, records\/5\.json\.$/);
  });
});
