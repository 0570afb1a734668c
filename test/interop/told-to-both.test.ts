import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { Fact, FactType } from "../../core/promotion/fact.ts";
import { type PromotionId, promotionId } from "../../core/promotion/promotion-id.ts";
import { temporaryFolder } from "../cli/pack-on-disk.ts";
import { honestHistories, keptThoughTakenBack } from "../core/archive/honest-histories.ts";
import { House, shipped } from "../core/archive/house.ts";
import { type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { unheardAsOne } from "../core/archive/one-by-the-directory.ts";
import { overtaken } from "../core/archive/overtaken.ts";
import { tom } from "../core/archive/people.ts";
import { packsOfRest } from "../core/archive/rested.ts";
import { changed } from "../core/archive/retelling.ts";
import { member } from "../core/archive/reviewers.ts";
import { approvedByOthers, stageGone } from "../core/archive/stage-gone.ts";
import { attestationKeyOfPack, told } from "../core/archive/told.ts";
import { digestOf } from "../core/promotion/promotion-in-review.ts";
import { packOfModelAsPolicies } from "./lies-of-deployments.ts";
import {
  packOfIgnored,
  packOfNothingBeside,
  packOfRevoked,
  packsOfDrift,
  packsOfRequest,
  packsOfShadow,
  packsUnasked,
  packsUnwatched,
} from "./lies-of-others.ts";
import { run, withTool } from "./programs.ts";
import { cases, first, inside, type Otherwise, saying } from "./told-otherwise.ts";

// Where two verifiers differ, one of them is wrong, or the format's page does not say enough. Both are handed the same packs of
// what a service might tell otherwise, or leave out. Each of these one of them once took.

const verifier = join(import.meta.dirname, "second-verifier");
const python = {
  name: "python3 with the package cryptography",
  there: spawnSync("python3", ["-c", "import cryptography"]).status === 0,
};

const { facts } = told.house;

/** The packs of what was told otherwise, and of each promotion as it was recorded: by what they are. */
async function packsOf(otherwise: typeof cases): Promise<ReadonlyMap<string, Files>> {
  const packs = new Map<string, Files>();
  for (const [name, { type, of = () => true, tell }] of Object.entries(otherwise)) {
    const fact = facts.find((each) => each.type === type && of(each)) ?? expect.unreachable(`There is no ${type}.`);
    const promotion = fact.promotion ?? told.deployed;
    packs.set(asRecorded(promotion), packs.get(asRecorded(promotion)) ?? (await packOfOne(promotion, facts)));
    packs.set(name, await packOfOne(promotion, changed(told.house, fact, tell)));
  }
  return packs;
}

const asRecorded = (promotion: PromotionId) => `${promotion} as it was recorded`;

/** A log of one promotion and of the installation: a small one is made and verified in no time. */
function packOfOne(promotion: PromotionId, all: readonly Fact[]): Promise<Files> {
  const own = all.filter((fact) => fact.promotion === undefined || fact.promotion === promotion);
  return packOf(
    { house: { ...told.house, attestation: { key: attestationKeyOfPack } } },
    { facts: own, scope: { kind: "promotion", promotion } },
  );
}

async function takenByOurs(): Promise<readonly string[]> {
  const taken: string[] = [];
  for (const [name, files] of packs) if ((await verified(files)).holds) taken.push(name);
  return taken;
}

/** What the second verifier finds in each pack; null where everything holds. */
function saidBySecond(): Readonly<Record<string, string | null>> {
  const folder = temporaryFolder();
  const kept: Record<string, string> = {};
  const named: Record<string, Record<string, string>> = {};
  for (const [name, files] of packs) {
    named[name] = {};
    for (const [path, bytes] of files) {
      const digest = sha256Hex(bytes);
      kept[digest] ??= Buffer.from(bytes).toString("base64");
      named[name][path] = digest;
    }
  }
  writeFileSync(join(folder, "packs.json"), JSON.stringify({ kept, named }));
  const script = [
    "import contextlib, json, sys",
    "from base64 import b64decode",
    `sys.path.insert(0, ${JSON.stringify(verifier)})`,
    "from verify import why_refused",
    'told = json.load(open("packs.json"))',
    'kept = {digest: b64decode(text) for digest, text in told["kept"].items()}',
    "with contextlib.redirect_stdout(None):",
    "    found = {name: why_refused(lambda: {path: kept[digest] for path, digest in files.items()})",
    '             for name, files in told["named"].items()}',
    "print(json.dumps(found))",
  ].join("\n");
  const { status, output } = run("python3", ["-c", script], folder);
  expect(status, output).toBe(0);
  return JSON.parse(output);
}

/** Packs of a rejection whose stage goes by another name: as it was recorded, and told otherwise. */
async function packsOfRejection(): Promise<ReadonlyMap<string, Files>> {
  const scene = await stageGone({ toStop: 2 });
  await scene.rename();
  await approvedByOthers(scene);
  const { house, id } = scene;
  const fact = house.facts.find(({ promotion, body }) => promotion === id && "kept" in body);
  const otherwise = async (tell: Otherwise["tell"]) =>
    packOf({ house }, { facts: changed(house, fact ?? expect.unreachable("Nothing was kept."), tell) });
  return new Map([
    ["a rejection whose stage is gone", await packOf({ house })],
    ["a rejection that is lost with its stage", await otherwise(saying({ kept: [] }))],
    ["a rejection that stands in another stage", await otherwise(inside("kept", (kept) => first(kept, { stage: 1 })))],
  ]);
}

/** Policies of which whoever signs for them is shown half of what they change. */
async function packOfPolicies(): Promise<Files> {
  const lenders = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));
  const house = new House(undefined, undefined, [...lenders, member("Carl", "compliance-officers")]);
  await house.adoptPolicy();
  const { "matrix.yaml": matrix } = shipped.bundle.texts;
  const longer = matrix.replace("expiresAfter: 5d", "expiresAfter: 6d");
  const proposed = { "matrix.yaml": longer.replace("expiresAfter: 10d", "expiresAfter: 12d") };
  const id = await house.proposePolicy(tom, proposed, { against: { "matrix.yaml": longer } });
  await house.freezeAndJudge(id);
  return packOf({ house });
}

const ofOthers: Readonly<Record<string, RegExp>> = {
  "a release whose alarm was raised": /went on although an alarm was raised or gone/,
  "a release of whose alarm nothing is told": /does not say how its alarms stood/,
  "a verdict on a passkey that was revoked": /a verdict is PASSED, but a seat does not stand/,
  "a request that says another end": /its request says another end than the policies in force then give it/,
  "a stage that was opened when it was approved": /came late, and what had to wait for it did not/,
  "a rejection that nothing follows": /was rejected before the head was signed, and nothing says that it ended/,
  "what was announced, and never begins": /'stop' was announced, and nothing says that it began/,
  "a new approval that does not say so": /what drift names as its new approval does not say so/,
  "a newer candidate that was over": /what drift names as newer had ended by then/,
  "nobody who could be asked": /'stop' was announced, and nothing says that it began/,
  "an approval of which nothing is told": /'stop' was announced, and nothing says that it began/,
  "two who rejected, taken for one": /a verdict is PASSED, but a seat does not stand/,
  "two who rejected once others had approved, taken for one": /a verdict is PASSED, but a seat does not stand/,
  "something else announced than the rule asks for": /announces something else than the policies in force then ask for/,
  "kept, and taken back under another account": /a sign-off is kept that did not stand any more/,
  "nothing to run in shadow of where something runs":
    /did not run in shadow since nothing ran there, and something did/,
  "a run in shadow that was over in no time": /a run in shadow was over before its time/,
  "a run in shadow that nothing is said to come of": /what came of a run in shadow was told before/,
  "a run in shadow after fewer requests": /over after fewer requests than its plan asks for/,
  "a run in shadow whose report goes by another name": /another report of the run in shadow was kept/,
  "an older candidate over a newer one": /an older candidate was deployed although a newer one was through its gates/,
  "a model by the name of policies": /freeze\.json is not of the form that is known here \(target\.name\)/,
  "policies that change more than was shown": /reviewers were shown other changes of the policies/,
};
const ofRejection: Readonly<Record<string, RegExp>> = {
  "a rejection that is lost with its stage": /not told of each sign-off that stood/,
  "a rejection that stands in another stage": /a rejection is kept in another stage/,
};
/** Packs of a candidate whose place a newer one took: as it was recorded, and told otherwise. */
async function packsOfSuccession(): Promise<ReadonlyMap<string, Files>> {
  const house = new House();
  for (const version of ["2.0.0", "2.1.0"]) {
    const id = await house.submit("candidate", version);
    await house.freezeAndJudge(id);
    await house.openStage(id);
  }
  const otherwise = async (kind: FactType, tell: Otherwise["tell"]) => {
    const fact = house.facts.find(({ type }) => type === kind);
    return packOf({ house }, { facts: changed(house, fact ?? expect.unreachable(`There is no ${kind}.`), tell) });
  };
  return new Map([
    ["a place that was taken", await packOf({ house })],
    [
      "a place taken by what is not there",
      await otherwise("superseded", saying({ by: promotionId(digestOf("other"), 1) })),
    ],
    ["a place taken by one that does not say so", await otherwise("supersedes", saying({ promotions: [] }))],
  ]);
}

const ofSuccession: Readonly<Record<string, RegExp>> = {
  "a place taken by what is not there": /taken by one that the log does not have/,
  "a place taken by one that does not say so": /taken by one that does not say so/,
};
const packs = new Map([...(await packsOf(cases)), ...(await packsOfRejection()), ...(await packsOfSuccession())]);
packs.set("policies that change more than was shown", await packOfPolicies());
packs.set("a model by the name of policies", await packOfModelAsPolicies());
packs.set("nothing to run in shadow of where something runs", await packOfNothingBeside());
packs.set("a rejection that nothing follows", await packOfIgnored());
const ofDrift = await packsOfDrift();
packs.set("what was announced, and never begins", ofDrift.undone);
packs.set("something else announced than the rule asks for", ofDrift.kept);
packs.set("kept, and taken back under another account", await packOf({ house: await keptThoughTakenBack() }));
packs.set("a verdict on a passkey that was revoked", await packOfRevoked());
const ofRequest = await packsOfRequest();
packs.set("a request under policies of before", ofRequest.honest);
packs.set("a request that says another end", ofRequest.lying);
for (const [name, make] of Object.entries(honestHistories)) {
  const house = await make();
  packs.set(name, await packOf({ house }));
  const promotion = house.facts.find((fact) => fact.promotion !== undefined)?.promotion ?? expect.unreachable();
  packs.set(`${name}, alone`, await packOf({ house }, { scope: { kind: "promotion", promotion } }));
}
for (const [name, pack] of [...(await packsUnasked()), ...(await packsUnwatched())]) packs.set(name, pack);
packs.set("two who rejected, taken for one", await packOf({ house: await unheardAsOne("before") }));
packs.set(
  "two who rejected once others had approved, taken for one",
  await packOf({ house: await unheardAsOne("after") }),
);
const rested = await packsOfRest();
packs.set("a stage that was open by day", rested.honest);
packs.set("a stage that was opened when it was approved", rested.lying);
const inShadow = await packsOfShadow();
packs.set("a run in shadow", inShadow.honest);
packs.set("a run in shadow that was over in no time", inShadow.short);
packs.set("a run in shadow after fewer requests", inShadow.few);
packs.set("a run in shadow that nothing is said to come of", inShadow.unsaid);
packs.set("a run in shadow whose report goes by another name", inShadow.called);
packs.set("an older candidate over a newer one", await packOf(await overtaken()));
const refusals = new Map([
  ...Object.entries(cases).map(([name, { refused }]) => [name, refused] as const),
  ...Object.entries(ofRejection),
  ...Object.entries(ofOthers),
  ...Object.entries(ofSuccession),
]);
const honest = [...packs.keys()].filter((name) => !refusals.has(name));

describe("what a service tells otherwise", { timeout: 120_000 }, () => {
  it("is refused by our verifier, and nothing else is", async () => {
    expect(await takenByOurs()).toEqual(honest);
  });

  withTool(
    python,
    "is refused by the second verifier, and nothing else is",
    () => {
      const refused = [...refusals].map(([name, why]) => [name, expect.stringMatching(why)]);
      const taken = honest.map((name) => [name, null]);
      expect(saidBySecond()).toEqual(Object.fromEntries([...refused, ...taken]));
    },
    () => expect(honest.length).toBeLessThan(packs.size),
  );
});
