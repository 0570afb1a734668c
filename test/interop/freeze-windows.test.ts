import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type FreezeWindow, instantInZone, isTimeZone } from "../../core/approval/calendar.ts";
import { calendarFit, type SaidOfWindows } from "../../core/archive/policies/calendar-fit.ts";
import { addSeconds, type Instant, instantFromMs, msOfInstant } from "../../core/encoding/instant.ts";
import { loadPolicies } from "../../core/policy/load-policies.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { cora, dana, House, sam, shipped } from "../core/archive/house.ts";
import { createdAt, type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { factOf, saying } from "../core/archive/retelling.ts";
import { smallFacts, smallPack } from "../core/archive/small-pack.ts";
import { attestationKeyOfPack, told } from "../core/archive/told.ts";
import { withTool } from "./programs.ts";
import { requireOnThePage, secondVerifier, verdictOn } from "./second-verifier.ts";

// Nothing is approved and nothing deployed in a freeze window: both verifiers read the calendar of the policies, and what records say of it.

const yaml = {
  name: "python3 with the packages cryptography and PyYAML",
  there: spawnSync("python3", ["-c", "import cryptography, yaml"]).status === 0,
};

/** A window as matrix.yaml has it. */
interface Written {
  readonly name: string;
  readonly zone: string;
  readonly from?: string;
  readonly until?: string;
  readonly weekly?: { readonly from: string; readonly until: string };
  readonly targets?: readonly string[];
  readonly exceptions?: readonly { readonly model: string; readonly reason: string; readonly until?: string }[];
}

const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const weekTime = (text: string) => ({
  day: days.indexOf(text.slice(0, 3)),
  minute: Number(text.slice(4, 6)) * 60 + Number(text.slice(7)),
});

/** As ours reads it. */
function windowOf({ name, zone, from = "", until = "", weekly, targets, exceptions = [] }: Written): FreezeWindow {
  const once = (text: string) =>
    instantInZone(Date.parse(`${text.replace(" ", "T")}:00.000Z`), isTimeZone(zone) ? zone : "UTC");
  return {
    ...{ name, zone },
    when:
      weekly === undefined
        ? { from: once(from), until: once(until) }
        : { weekly: { from: weekTime(weekly.from), until: weekTime(weekly.until) } },
    ...(targets && { targets }),
    exceptions: exceptions.map(({ until: end, ...each }) => ({
      ...each,
      ...(end !== undefined && { until: once(end) }),
    })),
  };
}

/** Around the days on which clocks change, and where there is no end. */
const written = ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2026-11-23"].flatMap((day) =>
  ["00:00", "01:30", "02:30", "03:00", "12:00"].map((time) => `${day} ${time}`),
);
// Most of those that are there have clocks that may be otherwise; one is in no database.
const clocks = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
const zones = [...clocks, ...clocks, "UTC", "Etc/GMT+8", "Moon/Tycho"];
const wall = fc.constantFrom(...written);
const ofWeek = fc.constantFrom("sat 23:30", "sun 01:30", "sun 02:30", "sun 12:00", "mon 02:00");
const windows = fc.uniqueArray(
  fc.record(
    {
      name: fc.constantFrom("A", "B", "C"),
      zone: fc.constantFrom(...zones),
      when: fc.oneof(
        fc
          .tuple(wall, fc.oneof(wall, fc.constant("9999-12-31 23:59")))
          .filter(([from, until]) => from < until)
          .map(([from, until]) => ({ from, until })),
        fc
          .tuple(ofWeek, ofWeek)
          .filter(([from, until]) => from !== until)
          .map(([from, until]) => ({ weekly: { from, until } })),
      ),
      targets: fc.constantFrom(["production"], ["staging"]),
      exceptions: fc.array(
        fc.record(
          { model: fc.constantFrom("m", "n"), reason: fc.constantFrom("Agreed", "Asked"), until: wall },
          { requiredKeys: ["model", "reason"] },
        ),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ["name", "zone", "when"] },
  ),
  { minLength: 1, maxLength: 2, selector: ({ name }) => name },
);
const asked = fc
  .record({ windows, day: wall, moved: fc.integer({ min: -7, max: 7 }), ms: fc.constantFrom(-1, 0, 1) })
  .map(({ windows: each, day, moved, ms }) => ({
    windows: each.map(({ when, ...rest }): Written => ({ ...rest, ...when })),
    at: instantFromMs(Date.parse(`${day.replace(" ", "T")}:00.000Z`) + moved * 900_000 + ms),
  }));

/** What a record may say at an instant: what is so, and what is not. */
function saidAt(all: readonly Written[], at: Instant): readonly SaidOfWindows[] {
  const ends = all.flatMap(({ until, zone }) =>
    until === undefined || !isTimeZone(zone)
      ? []
      : [instantInZone(Date.parse(`${until.replace(" ", "T")}:00.000Z`), zone)],
  );
  const next = [0, 1800, 3600, 5400, 36_000].map((seconds) =>
    instantFromMs(Math.ceil(msOfInstant(at) / 1.8e6) * 1.8e6 + seconds * 1000),
  );
  return [
    ...(["free", "begun", "signed"] as const).map((kind) => ({ kind })),
    ...["A", "B"].flatMap((window) => [...ends, ...next].map((until) => ({ kind: "held" as const, window, until }))),
    ...["A", "B"].map((window) => ({ kind: "excepted" as const, window, reason: "Agreed" })),
  ];
}

describe("both verifiers", { timeout: 100_000 }, () => {
  const inputs = fc.sample(asked, { numRuns: 80, seed: 22 });
  const cases = inputs.flatMap(({ windows: all, at }) => saidAt(all, at).map((said) => ({ windows: all, at, said })));
  const about = { model: "m", target: "production" };
  const ours = () =>
    cases.map(({ windows: all, at, said }) =>
      calendarFit(all.map(windowOf), { ...about, at, said }).replaceAll("-", " "),
    );

  const every = new Set(["fits", "by another clock", "zone unknown", "differs"]);
  withTool(
    yaml,
    "take the same for so, by whichever clock, of what is said of any windows",
    () => {
      const script = `
import json, sys
sys.path.insert(0, ${JSON.stringify(secondVerifier)})
from encoding import instant
from windows import fit
print(json.dumps([fit(each["windows"], "m", "production", instant(each["at"]), each["said"]) for each in json.load(sys.stdin)]))
`;
      const options = { input: JSON.stringify(cases), encoding: "utf8", maxBuffer: 2 ** 28 } as const;
      const { stdout, stderr } = spawnSync("python3", ["-c", script], options);
      expect(stderr).toBe("");
      const theirs: readonly string[] = JSON.parse(stdout);
      const mine = ours();
      expect(
        cases.flatMap((each, at) => (mine[at] === theirs[at] ? [] : [[each, mine[at], theirs[at]]])).slice(0, 3),
      ).toEqual([]);
      expect(new Set(mine)).toEqual(every);
    },
    () => expect(new Set(ours())).toEqual(every),
  );
});

const kept = { ...told.house, attestation: { key: attestationKeyOfPack } };
const own = (facts: readonly Fact[]) =>
  facts.filter(({ promotion }) => promotion === undefined || promotion === told.deployed);

/** The promotion that waited at noon, and went on at the year's end by an exception; with other words in one of its records. */
function saidOtherwise(fact: Fact, words: Fact["body"], part: boolean): Promise<Files> {
  const { facts = [] } = saying(told.house, fact, words);
  const scope = { scope: { kind: "promotion", promotion: told.deployed } } as const;
  return packOf({ house: kept }, { facts: own(facts), ...(part ? scope : {}) });
}

/** Somebody submits, signs and deploys by policies with a window that the service does not see. */
async function blind(weekly: string, late = 0): Promise<Files> {
  const window = `{ name: Day, zone: UTC, weekly: { ${weekly} } }`;
  const matrix = shipped.bundle.texts["matrix.yaml"].replace("\nrules:", `\nfreezeWindows: [${window}]\nrules:`);
  const policies = loadPolicies({ ...shipped.bundle, texts: { ...shipped.bundle.texts, "matrix.yaml": matrix } });
  const { freezeWindows: _, ...seen } = policies.matrix;
  const house = new House(undefined, { ...policies, matrix: seen });
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  for (const signers of [[cora], [sam, dana]]) {
    await house.openStage(id);
    for (const each of signers) await house.sign(id, each);
  }
  await house.verify(id);
  house.pass(late);
  await house.deploy(id);
  return await packOf({ house });
}

/** It waited for a window, says one that never was judged. */
function heldForNothing(): Promise<Files> {
  const history = smallFacts.filter(({ promotion, id }) => promotion === told.withdrawn && /\/\d+$/.test(id));
  const last = history.at(-1) ?? expect.unreachable("It has a history.");
  const held: Fact = {
    ...{
      id: `${told.withdrawn}/${history.length}`,
      promotion: told.withdrawn,
      type: "held",
      at: last.at,
      attachments: [],
    },
    ...{ summary: "It waits.", body: { window: "year-end", until: addSeconds(last.at, 3600) } },
  };
  return smallPack({ facts: smallFacts.flatMap((fact) => (fact === last ? [fact, held] : [fact])) });
}

const held = factOf(told.house, "held", told.deployed);
const [verdict = expect.unreachable()] = told.house.facts.filter(
  ({ type, promotion, body }) => type === "verdict" && promotion === told.deployed && "exception" in body,
);
const other = (words: object) => ({ ...verdict.body, exception: { ...Object(verdict.body["exception"]), ...words } });
/** By what is wrong: the pack, what ours finds, what the second one says; nothing where it is as it was. */
const packs: Readonly<Record<string, readonly [() => Promise<Files>, RegExp?, RegExp?]>> = {
  "a promotion that waited, and went on by an exception": [() => saidOtherwise(held, {}, false)],
  "the same alone": [() => saidOtherwise(held, {}, true)],
  "that waited for another window": [
    () => saidOtherwise(held, { window: "Midnight" }, false),
    /It was held up by a freeze window that the policies in force then do not have/,
    /something was held for a freeze window that there was not/,
  ],
  "that waited until another time": [
    () => saidOtherwise(held, { until: "2026-11-23T13:15:00.000Z" }, false),
    /It was held up by a freeze window that the policies in force then do not have/,
    /something was held for a freeze window that there was not/,
  ],
  "that waited for a window before anything judged it": [
    heldForNothing,
    /It was held up by a freeze window that the policies in force then do not have/,
    /something was held for a freeze window that there was not/,
  ],
  "that went on for another reason": [
    () => saidOtherwise(verdict, other({ reason: "Mine" }), true),
    /It names an exception from a freeze window that the policies in force then do not have/,
    /an exception let it pass in a freeze window that has none/,
  ],
  "that went on by an exception of another window": [
    () => saidOtherwise(verdict, other({ window: "Noon" }), false),
    /It names an exception from a freeze window that the policies in force then do not have/,
    /an exception let it pass in a freeze window that has none/,
  ],
  "that was approved in a window, and all else with it": [
    () => blind("from: mon 00:00, until: tue 00:00"),
    /It was signed in a freeze window of the policies in force then/,
    /a verdict is PASSED in a freeze window|somebody approved or lent in a freeze window/,
  ],
  "whose verdict came in a window": [
    () => blind("from: mon 09:03, until: mon 09:04"),
    /The verdict is PASSED in a freeze window/,
    /a verdict is PASSED in a freeze window|somebody approved or lent in a freeze window/,
  ],
  "that was deployed in a window": [
    () => blind("from: mon 09:20, until: mon 10:00", 2400),
    /The deployment began in a freeze window/,
    /a deployment began in a freeze window/,
  ],
};

describe.each(Object.entries(packs))("a promotion: %s", { timeout: 60_000 }, (_, [made, ours, second]) => {
  let pack: Promise<Files> | undefined;
  const make = () => {
    pack ??= made();
    return pack;
  };
  afterAll(() => {
    pack = undefined;
  });

  it("is taken by our verifier only as it was", async () => {
    const { holds, findings } = await verified(await make(), { now: addSeconds(createdAt, 7 * 86_400) });
    expect([holds, findings.map(({ sentence }) => sentence).join("\n")]).toEqual([
      ours === undefined,
      expect.stringMatching(ours ?? /^$/),
    ]);
  });

  withTool(
    yaml,
    "is taken by the second verifier only as it was",
    async () => {
      const { status, output } = await verdictOn(await make());
      expect([status, output]).toEqual([
        second === undefined ? 0 : 1,
        expect.stringMatching(second ?? /that was checked holds/),
      ]);
      expect(output).not.toContain("whether changes were frozen");
    },
    async () => requireOnThePage(await make()),
  );
});
