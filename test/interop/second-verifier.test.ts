import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect } from "vitest";
import { type PackScope, readPackManifest } from "../../core/archive/pack-manifest.ts";
import type { PackSettings } from "../../core/archive/write-pack.ts";
import type { DelegationDocument } from "../../core/attestation/delegation-statement.ts";
import { fromUtf8, hex, utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { earlierReleasesBytes, earlierReleasesName } from "../../core/gates/earlier-releases.ts";
import { shadowReportBytes } from "../../core/gates/shadow/report.ts";
import { leafHash, merkleRoot } from "../../core/ledger/merkle.ts";
import { loadPolicies } from "../../core/policy/load-policies.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { ledgerEntry } from "../../core/promotion/ledger-record.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { folderOnDisk, temporaryFolder } from "../cli/pack-on-disk.ts";
import { cora, dana, House, sam, shipped } from "../core/archive/house.ts";
import { type Files, packOf, type Recorded, resealed } from "../core/archive/pack-fixture.ts";
import { recordEverything } from "../core/archive/tampering/everything.ts";
import { lies } from "../core/archive/tampering/lies.ts";
import { loanLies } from "../core/archive/tampering/loan-lies.ts";
import { untimed } from "../core/archive/untimed.ts";
import { authenticator } from "../core/attestation/authenticator.ts";
import { member } from "../core/promotion/promotion-in-review.ts";
import { run, withTool } from "./programs.ts";

// A verifier in Python that was written from docs/format.md and shares no code with ours.

const program = join(import.meta.dirname, "second-verifier/verify.py");
const python = {
  name: "python3 with the package cryptography",
  there: spawnSync("python3", ["-c", "import cryptography"]).status === 0,
};
const device = authenticator();
const ofSam = authenticator();
const emil = member("Emil", "visitors");
const morning = "2026-11-23T08:00:00.000Z" as Instant;
const delegated: DelegationDocument = {
  delegator: sam.identity,
  delegate: emil.identity,
  role: "sre",
  scope: { modelType: "credit-scoring" },
  from: morning,
  until: addSeconds(morning, 86_400),
  reason: "",
  salt: "AAAAAAAAAAAAAAAAAAAAAA",
};

let recorded: Recorded;
/** From when the first promotion was deployed. */
let since: PackScope;
beforeAll(async () => {
  const house = new House(undefined, undefined, [emil]);
  await house.passkey("enrol", device, cora);
  await house.passkey("confirm", device, cora, sam);
  await house.passkey("enrol", ofSam, sam);
  await house.passkey("confirm", ofSam, sam, cora);
  const delegation = await house.delegate("delegate", delegated, sam, ofSam);
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  await house.sign(deployed, cora, "approve", { device });
  await house.openStage(deployed);
  await house.sign(deployed, emil, "approve", { inPlaceOf: { who: sam, delegation, role: "sre" } });
  await house.sign(deployed, dana, "approve", { conditions: { forSeconds: 600, errorPercent: 1 } });
  await house.verify(deployed);
  await house.deploy(deployed, []);
  house.pass(600);
  await house.deploy(deployed);
  const rejected = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(rejected);
  await house.openStage(rejected);
  await house.sign(rejected, cora, "reject", { reason: "Not this one." });
  const blocked = await house.submit("weak", "2.0.0-weak");
  await house.freezeAndJudge(blocked);
  recorded = { house, deployed, rejected, blocked };
  const size = house.facts.findLastIndex(({ promotion }) => promotion === deployed) + 1;
  since = {
    kind: "since",
    size,
    root: hex(merkleRoot(house.facts.slice(0, size).map((fact) => leafHash(ledgerEntry(fact))))),
  };
});

function verdictOn(files: Files) {
  const folder = folderOnDisk(files);
  return run("python3", [program, folder], folder);
}

/** Without Python: the page names whatever stands in the manifest. */
async function requireOnThePage(settings: Partial<PackSettings> = {}): Promise<void> {
  const page = readFileSync("docs/format.md", "utf8");
  const files = await packOf(recorded, settings);
  const members = Object.keys(readPackManifest(files.get("manifest.json") ?? new Uint8Array()));
  expect(members.filter((member) => !page.includes(`\`${member}\``))).toEqual([]);
}

describe("the second verifier accepts", () => {
  const scopes: readonly [string, () => Partial<PackSettings>][] = [
    ["a pack of everything, and says how each promotion ended", () => ({})],
    [
      "a pack of one promotion, each record by its proof",
      () => ({ scope: { kind: "promotion", promotion: recorded.deployed } }),
    ],
    ["a pack without personal data, and says what it could not see", () => ({ withoutPersonalData: true })],
    ["a pack of what came since a checkpoint, by the proof that the log goes on from it", () => ({ scope: since })],
  ];
  for (const [name, settings] of scopes) {
    withTool(
      python,
      name,
      async () => {
        const { status, output } = verdictOn(await packOf(recorded, settings()));
        expect([status, output]).toEqual([0, expect.stringContaining("Everything that was checked holds.")]);
        const { scope, withoutPersonalData } = settings();
        if (scope !== since) expect(output).toContain(`${recorded.deployed}: PASSED, deployed, 3 sign-offs`);
        if (scope === undefined || scope === since)
          expect(output).toContain(`${recorded.rejected}: PASSED, rejected, 1 sign-offs`);
        if (scope === undefined) expect(output).toContain(`${recorded.blocked}: PASSED, blocked, 0 sign-offs`);
        if (withoutPersonalData === true) expect(output).toContain("an ID token was left out");
      },
      () => requireOnThePage(settings()),
    );
  }
});

describe("the second verifier, of every kind of record,", () => {
  withTool(
    python,
    "accepts a pack that has them all",
    () => {
      const zip = brotliDecompressSync(readFileSync("test/core/archive/packs-of-before/version-1.zip.br"));
      const folder = temporaryFolder();
      writeFileSync(join(folder, "everything.zip"), zip);
      const { status, output } = run("python3", [program, "everything.zip"], folder);
      expect([status, output]).toEqual([0, expect.stringContaining("Everything that was checked holds.")]);
    },
    () => requireOnThePage(),
  );

  withTool(
    python,
    "refuses what a service tells that lies about them",
    async () => {
      const told = await recordEverything();
      const types = [
        "loan",
        "passport-issued",
        "outcome",
        "remedy",
        "intruder-found",
        "intruder-gone",
        "take-back",
      ] as const;
      const sentences = [...types.map((type) => lies[type]), ...loanLies].map(async ({ tell }) =>
        verdictOn(await packOf(told, tell(told)))
          .output.split("\n")
          .at(-2),
      );
      expect(await Promise.all(sentences)).toEqual([
        "REFUSED: a loan lasts otherwise than signed",
        "REFUSED: a passport names another verdict",
        expect.stringMatching(/^REFUSED: '.*' is no record of p-/),
        "REFUSED: another remedy than was announced when the model drifted",
        "REFUSED: an intruder is of another kind than what ran comes to",
        "REFUSED: an intruder is answered that was never found",
        "REFUSED: something was put back that no verdict allows",
        "REFUSED: a loan was over when the head was signed, and nothing says that it ended",
      ]);
    },
    () => requireOnThePage(),
  );
});

describe("the second verifier, of sign-offs that are kept for a newer candidate,", () => {
  withTool(
    python,
    "accepts those that judge what is the same, misses one whose record is gone, and finds one that did not stand",
    async () => {
      const house = new House();
      const older = await house.submit("candidate", "2.0.0");
      await house.freezeAndJudge(older);
      await house.openStage(older);
      await house.sign(older, cora);
      const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
      await house.freezeAndJudge(newer);
      await house.openStage(newer);
      await house.decide(newer);
      const scope = { kind: "promotion", promotion: newer } as const;
      const kept = { house, deployed: newer, rejected: older, blocked: older };
      const sound = verdictOn(await packOf(kept, { scope }));
      expect([sound.status, sound.output]).toEqual([
        0,
        expect.stringContaining(`${newer}: PASSED, in-review, 1 sign-offs`),
      ]);
      const without = house.facts.filter(({ type }) => type !== "sign-off-kept");
      const lacking = verdictOn(await packOf(kept, { scope, facts: without }));
      expect([lacking.status, lacking.output]).toEqual([
        1,
        expect.stringContaining("a sign-off is kept otherwise than is told"),
      ]);
      const elsewhere = house.facts.map((fact) =>
        fact.type === "superseded" ? { ...fact, body: { ...fact.body, by: older } } : fact,
      );
      const lying = verdictOn(await packOf(kept, { facts: elsewhere }));
      expect([lying.status, lying.output]).toEqual([
        1,
        expect.stringContaining("a sign-off is kept from a promotion whose place was not taken"),
      ]);
    },
    () => requireOnThePage(),
  );
});

/** Compliance approved a candidate and `signed` was given; then the policies asked something else of the infrastructure. */
async function underOtherPolicies(
  signed: (house: House, id: PromotionId) => Promise<void>,
  before?: ConstructorParameters<typeof House>[1],
) {
  const commanders = ["Noor", "Kofi"].map((name) => member(name, "incident-commanders"));
  const house = new House(undefined, before, commanders);
  await house.adoptPolicy();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await signed(house, id);
  const { "thresholds.yaml": thresholds } = house.policyTexts();
  const policies = await house.proposePolicy(sam, {
    "thresholds.yaml": thresholds.replace("instances: 4", "instances: 3"),
  });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cora);
  await house.sign(policies, dana);
  await house.verify(policies);
  await house.activatePolicy(policies);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.decide(id);
  return { house, deployed: id, rejected: id, blocked: id };
}

describe("the second verifier, of a review that began anew under other policies,", () => {
  withTool(
    python,
    "accepts a rejection that still stands, and refuses that it is said to fall",
    async () => {
      // One rejection does not end it, neither before the policies changed nor after.
      const stage = "- name: model and operations\n";
      const matrix = shipped.bundle.texts["matrix.yaml"].replace(stage, `${stage}        rejectionsToStop: 2\n`);
      const before = loadPolicies({
        ...shipped.bundle,
        texts: { ...shipped.bundle.texts, "matrix.yaml": matrix },
      });
      const stories = await underOtherPolicies(
        (house, id) => house.sign(id, sam, "reject", { reason: "It needs more than we have." }),
        before,
      );
      const { house, rejected: promotion } = stories;
      const scope = { kind: "promotion", promotion } as const;
      const sound = verdictOn(await packOf(stories, { scope }));
      expect([sound.status, sound.output]).toEqual([0, expect.stringContaining(`${promotion}: PASSED, in-review`)]);
      const lie = house.facts.map((fact) => {
        if (!("kept" in fact.body) || fact.promotion !== promotion) return fact;
        const [approval, rejection] = fact.body["kept"] as readonly { readonly [name: string]: Json }[];
        const fallen = [{ signOff: rejection?.["signOff"] ?? "", why: "no longer holds the role" }];
        return { ...fact, body: { ...fact.body, kept: [approval ?? ""], fallen } };
      });
      const lying = verdictOn(await packOf(stories, { scope, facts: lie }));
      expect([lying.status, lying.output]).toEqual([1, expect.stringContaining("a rejection is said to fall")]);
      const quiet = verdictOn(
        await packOf(stories, { scope, facts: house.facts.map((fact) => untold(fact, promotion)) }),
      );
      expect([quiet.status, quiet.output]).toEqual([
        1,
        expect.stringContaining("nothing says what becomes of what stood"),
      ]);
    },
    () => requireOnThePage(),
  );

  withTool(
    python,
    "accepts what judges nothing that changed, and refuses what was kept although it does",
    async () => {
      const stories = await underOtherPolicies((given, candidate) => given.sign(candidate, sam));
      const { house, deployed: id } = stories;
      const scope = { kind: "promotion", promotion: id } as const;
      const sound = verdictOn(await packOf(stories, { scope }));
      expect([sound.status, sound.output]).toEqual([0, expect.stringContaining(`${id}: PASSED, in-review`)]);
      const [fallen] = house.promotions.stored(id).invalidated;
      const also = { signOff: fallen?.signOff ?? "", stage: 1, roles: ["sre"], review: 2 };
      const lie = house.facts.map((fact) => {
        if (!("kept" in fact.body) || fact.promotion !== id) return fact;
        const kept = [...(fact.body["kept"] as readonly Json[]), also];
        return { ...fact, body: { ...fact.body, kept, fallen: [] } };
      });
      const lying = verdictOn(await packOf(stories, { scope, facts: lie }));
      expect([lying.status, lying.output]).toEqual([
        1,
        expect.stringContaining("a sign-off was kept although what it judges has changed"),
      ]);
    },
    () => requireOnThePage(),
  );
});

/** What is kept of a review, told as something that says nothing of it. */
function untold(fact: Fact, promotion: PromotionId): Fact {
  return "kept" in fact.body && fact.promotion === promotion ? { ...fact, type: "clean-up", body: {} } : fact;
}

const factsOf = (type: Fact["type"]) =>
  recorded.house.facts.filter((fact) => fact.type === type && fact.promotion === recorded.deployed);

/** All facts with those of a type changed. */
function facts(type: Fact["type"], change: (fact: Fact, place: number) => Fact | undefined): readonly Fact[] {
  const wanted = factsOf(type);
  return recorded.house.facts.flatMap((fact) => {
    const place = wanted.indexOf(fact);
    return place < 0 ? fact : (change(fact, place) ?? []);
  });
}

/** A fact that names another's document for its own. */
function withDocumentOf(fact: Fact, name: string, other: Fact | undefined): Fact {
  const theirs = other?.attachments.find((each) => each.name === name) ?? expect.unreachable(name);
  return { ...fact, attachments: fact.attachments.map((each) => (each.name === name ? theirs : each)) };
}

describe("the second verifier refuses a pack", () => {
  const cases: readonly [string, () => Promise<Files>, RegExp][] = [
    [
      "with a flipped byte in a record, SHA256SUMS made to fit",
      async () => {
        const files = await packOf(recorded);
        const text = Buffer.from(files.get("records/9.json") ?? []).toString();
        return resealed(files, { "records/9.json": Buffer.from(text.replace(/"at":"2026/, '"at":"2025')) });
      },
      /records\/9\.json is not the log's entry 9/,
    ],
    [
      "with a checkpoint of a smaller tree",
      async () => {
        const files = await packOf(recorded);
        const kept = [...files.keys()].filter((name) => name.startsWith("log/checkpoints/"));
        return resealed(files, { "log/checkpoint": files.get(kept[0] ?? "") });
      },
      /missing|another head/,
    ],
    [
      "whose checkpoint does not say when it was signed",
      async () => untimed(await packOf(recorded, { scope: since }), /^log\/checkpoint$/),
      /a checkpoint does not say when it was signed/,
    ],
    [
      "by a service that shows one decision's login for another's",
      () =>
        packOf(recorded, {
          facts: facts("sign-off", (fact) => withDocumentOf(fact, "id-token.jwt", factsOf("sign-off")[0])),
        }),
      /an ID token signs another decision/,
    ],
    [
      "by a service that tells another result than was signed",
      () =>
        packOf(recorded, {
          facts: facts("sign-off", (fact) => ({ ...fact, body: { ...fact.body, result: "reject" } })),
        }),
      /a statement says something else than records and documents/,
    ],
    [
      "by a service that leaves a sign-off out",
      () => packOf(recorded, { facts: facts("sign-off", (fact, place) => (place === 2 ? undefined : fact)) }),
      /stage 1 was decided with other seats than its sign-offs fill/,
    ],
    [
      "by a service that deploys without a verdict",
      () => packOf(recorded, { facts: facts("verdict", () => undefined) }),
      /stands where .* belongs/,
    ],
    [
      "by a service that did not watch a release for as long as it was approved for",
      () =>
        packOf(recorded, {
          facts: facts("deployment-started", (fact) => ({ ...fact, at: addSeconds(fact.at, 300) })),
        }),
      /a release was not watched for the time of its condition/,
    ],
    [
      "by a service that tells of other conditions than were signed",
      () =>
        packOf(recorded, {
          facts: facts("deployment-started", (fact) => {
            const { conditions: _, ...body } = fact.body;
            return { ...fact, body };
          }),
        }),
      /a deployment names other conditions than its verdict/,
    ],
    [
      "by a service that deployed another model than was signed off",
      () =>
        packOf(recorded, {
          facts: facts("deployment-started", (fact) => {
            const model = { ...Object(fact.body["model"]), sha256: sha256Hex(utf8("other")) };
            return { ...fact, body: { ...fact.body, model } };
          }),
        }),
      /'p-.*' deployed the model [0-9a-f]{64}, and [0-9a-f]{64} was signed off/,
    ],
    [
      "by a service that deployed another image than was signed off",
      () =>
        packOf(recorded, {
          facts: facts("deployment-started", (fact) => ({ ...fact, body: { ...fact.body, image: "other@sha256:0" } })),
        }),
      /'p-.*' deployed the image other@sha256:0, and .* was signed off/,
    ],
    [
      "by a service that says a deployment went elsewhere afterwards",
      () =>
        packOf(recorded, {
          facts: facts("deployed", (fact) => ({ ...fact, body: { ...fact.body, endpoint: "other" } })),
        }),
      /says otherwise than was signed or recorded: endpoint/,
    ],
    [
      "by a service that gave a promotion more time than its rule has",
      () =>
        packOf(recorded, {
          facts: facts("request", (fact) => {
            const expiresAt = addSeconds(fact.body["expiresAt"] as Instant, 3600);
            return { ...fact, body: { ...fact.body, expiresAt } };
          }),
        }),
      /a request says another end than its requirements give it/,
    ],
    [
      "by a service that says a candidate is what drifted",
      () =>
        packOf(recorded, {
          facts: facts("request", (fact) => ({ ...fact, body: { ...fact.body, reapproves: recorded.rejected } })),
        }),
      /something is asked about again that did not drift/,
    ],
    [
      "with a sign-off in a place that nobody gave",
      () => packOf(recorded, { facts: recorded.house.facts.filter(({ type }) => type !== "delegated") }),
      /stage 1 was decided with other seats than its sign-offs fill/,
    ],
    [
      "with a passkey that nobody confirmed",
      () => packOf(recorded, { facts: recorded.house.facts.filter(({ type }) => type !== "passkey-confirmed") }),
      /a passkey did not stand when it signed/,
    ],
  ];
  for (const [name, files, sentence] of cases) {
    withTool(
      python,
      name,
      async () => {
        const { status, output } = verdictOn(await files());
        expect([status, output]).toEqual([1, expect.stringMatching(/REFUSED/)]);
        expect(output).toMatch(sentence);
      },
      () => requireOnThePage(),
    );
  }
});

describe("the second verifier, of what a candidate was compared with,", () => {
  withTool(
    python,
    "refuses a release that never served",
    async () => {
      const { house, rejected } = recorded;
      const served = { version: "1.0.0", freezeDigest: sha256Hex(utf8("none")), deployedAt: morning };
      const bytes = earlierReleasesBytes([{ ...served, metrics: [], facets: [] }]);
      const blobs = new Map(house.blobs).set(sha256Hex(bytes), bytes);
      const otherwise = ({ name, sha256, ...rest }: Fact["attachments"][number]) => {
        if (name === earlierReleasesName) return { name, sha256: sha256Hex(bytes), ...rest };
        if (name !== "gate-report.json") return { name, sha256, ...rest };
        const told = JSON.parse(fromUtf8(blobs.get(sha256) ?? new Uint8Array()));
        const report = canonicalJsonBytes({ ...told, earlierReleases: sha256Hex(bytes) });
        blobs.set(sha256Hex(report), report);
        return { name, sha256: sha256Hex(report), ...rest };
      };
      const facts = house.facts.map((fact) =>
        fact.type === "gates" && fact.promotion === rejected
          ? { ...fact, attachments: fact.attachments.map(otherwise) }
          : fact,
      );
      const { status, output } = verdictOn(await packOf(recorded, { facts, blobs }));
      expect([status, output]).toEqual([1, expect.stringContaining("was compared with what did not serve then")]);
    },
    () => requireOnThePage(),
  );
});

describe("the second verifier, of runs in shadow,", () => {
  withTool(
    python,
    "makes the same report of what both models answered",
    () => {
      const score = fc.option(fc.double({ min: -1, max: 1, noNaN: true, noDefaultInfinity: true }));
      const measures = fc.record({
        invocations: fc.nat(1000),
        errors4xx: fc.nat(9),
        errors5xx: fc.nat(9),
        latencyP95Milliseconds: fc.double({ min: 0, max: 1000, noNaN: true }),
      });
      const observed = fc.record({
        observationsVersion: fc.constantFrom(1 as const, 2 as const),
        promotion: fc.constant(recorded.deployed),
        plan: fc.constant(sha256Hex(utf8("plan"))),
        beside: fc.constant("p-before"),
        from: fc.constant(morning),
        until: fc.constant(addSeconds(morning, 60)),
        measured: fc.record({ champion: measures, candidate: measures }),
        captured: fc.record({ champion: fc.nat(99), candidate: fc.nat(99), unreadable: fc.nat(9) }),
        compared: fc.nat(99),
        answers: fc.array(fc.tuple(score, score, fc.constantFrom(0 as const, 1 as const)), { maxLength: 40 }),
      });
      const runs = fc.sample(observed, { numRuns: 200, seed: 7 });
      const folder = temporaryFolder();
      writeFileSync(join(folder, "runs.json"), JSON.stringify(runs));
      const script = [
        "import json, sys",
        `sys.path.insert(0, ${JSON.stringify(join(program, ".."))})`,
        "from aftermath import report_of",
        "from encoding import canonical",
        'print("\\n".join(canonical(report_of(each)) for each in json.load(open("runs.json"))))',
      ].join("\n");
      const { status, output } = run("python3", ["-c", script], folder);
      expect([status, ...output.trimEnd().split("\n")]).toEqual([
        0,
        ...runs.map((each) => fromUtf8(shadowReportBytes(each))),
      ]);
    },
    () => requireOnThePage(),
  );
});
