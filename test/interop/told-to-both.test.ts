import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addSeconds } from "../../core/encoding/instant.ts";
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

// Where two verifiers differ, one of them is wrong, or the format's page does not say enough. Both are handed the same packs of
// what a service might tell otherwise, or leave out. Each of these one of them once took.

const verifier = join(import.meta.dirname, "second-verifier");
const python = {
  name: "python3 with the package cryptography",
  there: spawnSync("python3", ["-c", "import cryptography"]).status === 0,
};

/** What a record of a type tells otherwise, and what the second verifier says of it. */
interface Otherwise {
  readonly type: FactType;
  /** Of which of its records; of the first where it is not said. */
  readonly of?: (fact: Fact) => boolean;
  readonly tell: (fact: Fact) => Fact;
  readonly refused: RegExp;
}

/** With other words in the body; `undefined` leaves one out. */
const saying =
  (body: Readonly<Record<string, Fact["body"][string] | undefined>>): Otherwise["tell"] =>
  (fact) => ({ ...fact, body: JSON.parse(JSON.stringify({ ...fact.body, ...body })) });

/** With words inside of a member told otherwise. */
const inside =
  (member: string, change: (value: Record<string, Fact["body"][string]>) => unknown): Otherwise["tell"] =>
  (fact) =>
    saying({ [member]: change(structuredClone(Object(fact.body[member]))) as Fact["body"][string] })(fact);

const without =
  (...names: readonly string[]): Otherwise["tell"] =>
  (fact) => ({ ...fact, attachments: fact.attachments.filter(({ name }) => !names.includes(name)) });

const first = (list: unknown, change: object) => {
  const [one, ...others] = list as readonly object[];
  return [{ ...one, ...change }, ...others];
};

/** Somebody who may not sign any more: then each falls with a reason. */
function someFell({ body }: Fact): boolean {
  return !("from" in body || "kept" in body || "breach" in body);
}

const cases: Readonly<Record<string, Otherwise>> = {
  "a key in a role that there is not": {
    type: "key",
    tell: saying({ role: "other" }),
    refused: /does not say what a 'key' says \(role\)/,
  },
  "a key without a word of who vouches for it": {
    type: "key",
    tell: saying({ voucher: undefined }),
    refused: /does not say what a 'key' says \(voucher\)/,
  },
  "a run that an account started whom nobody can tell from who approved": {
    type: "request",
    of: ({ promotion }) => promotion === told.deployed,
    tell: saying({ startedBy: { account: { provider: "github", id: "99999" } } }),
    refused: /who made the candidate cannot be told from who approved it/,
  },
  "a change of the policies that asks for what is asked of a first release": {
    type: "request",
    of: ({ promotion }) => promotion === told.policies,
    tell: saying({ release: "first" }),
    refused: /a change of the policies is no first release/,
  },
  "a request for another kind of release": {
    type: "request",
    tell: saying({ release: "other" }),
    refused: /does not say what a 'request' says \(release\)/,
  },
  "a request for a model that only looks like another": {
    type: "request",
    tell: inside("model", (model) => ({ ...model, name: "credit-s\u0441oring" })),
    refused: /does not say what a 'request' says \(model\.name\)/,
  },
  "another candidate frozen than its document is": {
    type: "freeze",
    tell: saying({ freezeDigest: digestOf("other") }),
    refused: /another candidate was frozen than its record says/,
  },
  "a copy without its version": {
    type: "freeze",
    tell: inside("frozen", (frozen) => first(frozen, { versionId: undefined })),
    refused: /does not say what a 'freeze' says \(frozen\.0\.versionId\)/,
  },
  "an artifact that is kept twice": {
    type: "freeze",
    tell: inside("frozen", (frozen) => [...Object.values(frozen), { ...Object(frozen[0]), versionId: "other" }]),
    refused: /an artifact is said to be frozen twice, or something that is none/,
  },
  "a copy of what nobody signed": {
    type: "freeze",
    tell: inside("frozen", (frozen) => [...Object.values(frozen), { ...Object(frozen[0]), name: "other" }]),
    refused: /an artifact is said to be frozen twice, or something that is none/,
  },
  "a passport by another number than its record's": {
    type: "passport-issued",
    tell: ({ id, ...fact }) => ({ ...fact, id: id.replace(/1$/, "2") }),
    refused: /a passport goes by another number than its record/,
  },
  "passkeys that are made on no page": {
    type: "installation",
    tell: inside("passkeys", (passkeys) => ({ ...passkeys, origins: [] })),
    refused: /does not say what a 'installation' says \(passkeys\.origins\)/,
  },
  "gates by other policies than are there": {
    type: "gates",
    tell: saying({ policy: digestOf("other") }),
    refused: /gates name other policies than they bring/,
  },
  "gates without the policies": {
    type: "gates",
    tell: without("policies.json"),
    refused: /does not name one policies\.json/,
  },
  "gates without what they compared with": {
    type: "gates",
    of: ({ attachments }) => attachments.some(({ name }) => name === "earlier-releases.json"),
    tell: without("earlier-releases.json"),
    refused: /the gate report compares with other releases than its record brings/,
  },
  "what gates stopped, without what they came to": {
    type: "blocked",
    tell: saying({ outcome: undefined }),
    refused: /does not say what a 'blocked' says \(outcome\)/,
  },
  "what was stopped by what there is not": {
    type: "blocked",
    tell: saying({ step: true }),
    refused: /does not say what a 'blocked' says \(step\)/,
  },
  "a plan that is reported without what became of it": {
    type: "plan-reported",
    tell: saying({ outcome: undefined }),
    refused: /does not say what a 'plan-reported' says \(outcome\)/,
  },
  "a deployment that is reported to have come to what there is not": {
    type: "deployment-reported",
    tell: saying({ outcome: "other" }),
    refused: /does not say what a 'deployment-reported' says \(outcome\)/,
  },
  "what gates stopped, by other requirements than are there": {
    type: "blocked",
    tell: saying({ requirements: digestOf("other") }),
    refused: /gates name other requirements than they bring/,
  },
  "what gates stopped, without their report": {
    type: "blocked",
    tell: without("gate-report.json"),
    refused: /does not name one gate-report\.json/,
  },
  "what gates stopped, at another time than their report says": {
    type: "blocked",
    tell: (fact) => ({ ...fact, at: addSeconds(fact.at, 3600) }),
    refused: /the gate report says another time than its record/,
  },
  "what gates stopped, without what judged": {
    type: "blocked",
    tell: without("policies.json", "gates.wasm"),
    refused: /does not name one (policies\.json|gates\.wasm)/,
  },
  "policies that were signed, held back for more than an hour": {
    type: "policy-activated",
    of: ({ promotion }) => promotion !== undefined,
    tell: (fact) => ({ ...fact, at: addSeconds(fact.at, 3700) }),
    refused: /policies came in force when their verdict was too old/,
  },
  "a loan that is ratified, of what never ran": {
    type: "loan-running",
    of: ({ promotion }) => promotion === told.ratified,
    tell: (fact) => ({ ...fact, type: "staged" }),
    refused: /a quorum's verdict is signed over what is lent, before that runs/,
  },
  "a loan that is refused, for which nobody had signed": {
    type: "loan-refused",
    tell: saying({ signature: digestOf("other") }),
    refused: /a loan is refused for which no second lender had signed/,
  },
  "policies that are lent as a model is": {
    type: "stage-decided",
    of: ({ promotion }) => promotion === told.policies,
    tell: ({ id, at, promotion, summary }) => {
      const { type, body, attachments } = facts.find((fact) => fact.type === "loan") ?? expect.unreachable();
      return { id, at, promotion, summary, type, body, attachments } as Fact;
    },
    refused: /cannot follow: policies run nowhere/,
  },
  "policies that were frozen, and not kept with that": {
    type: "freeze",
    of: ({ promotion }) => promotion === told.policies,
    tell: without("policies.json"),
    refused: /policies were frozen, and not kept with that/,
  },
  "a stage opened in no round": {
    type: "stage-opened",
    tell: saying({ round: undefined }),
    refused: /does not say what a 'stage-opened' says \(round\)/,
  },
  "a place taken by nobody": {
    type: "superseded",
    tell: saying({ by: undefined }),
    refused: /does not say what a 'superseded' says \(by\)/,
  },
  "whose place was taken, left out": {
    type: "supersedes",
    tell: saying({ promotions: undefined }),
    refused: /does not say what a 'supersedes' says \(promotions\)/,
  },
  "the place taken of what no promotion is": {
    type: "supersedes",
    tell: inside("promotions", (promotions) => first(promotions, { id: "other" })),
    refused: /does not say what a 'supersedes' says \(promotions\.0\.id\)/,
  },
  "a run in shadow without a plan": {
    type: "shadow-run",
    tell: saying({ plan: undefined }),
    refused: /does not say what a 'shadow-run' says \(plan\)/,
  },
  "a seat that fell without a why": {
    type: "seat-reopened",
    of: someFell,
    tell: inside("fallen", (fallen) => first(fallen, { why: undefined })),
    refused: /does not say what a 'seat-reopened' says \(fallen\.0/,
  },
  "another sign-off fallen than stood": {
    type: "seat-reopened",
    of: someFell,
    tell: inside("fallen", (fallen) => first(fallen, { signOff: digestOf("other") })),
    refused: /a sign-off is said to fall that no record has/,
  },
  "a rejection by nobody": {
    type: "rejected",
    tell: saying({ by: [] }),
    refused: /a rejection that nobody signed/,
  },
  "a deployment in the place of nothing that is named": {
    type: "deployment-started",
    tell: saying({ previous: undefined }),
    refused: /does not say what a 'deployment-started' says \(previous\)/,
  },
  "a release without its wait": {
    type: "deployment-started",
    tell: inside("release", ({ traffic, ...rest }) => ({
      ...rest,
      traffic: { ...Object(traffic), waitSeconds: undefined },
    })),
    refused: /does not say what a 'deployment-started' says \(release\.traffic\.waitSeconds\)/,
  },
  "an intruder that something else is done about": {
    type: "intruder-found",
    tell: saying({ action: "other" }),
    refused: /does not say what a 'intruder-found' says \(action\)/,
  },
  "something put back that neither began nor failed": {
    type: "take-back",
    tell: saying({ state: "other" }),
    refused: /does not say what a 'take-back' says \(state\)/,
  },
  "a remedy that neither began nor ended": {
    type: "remedy",
    tell: saying({ state: "other" }),
    refused: /does not say what a 'remedy' says \(state\)/,
  },
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
