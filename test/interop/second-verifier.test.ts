import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect } from "vitest";
import type { PackSettings } from "../../core/archive/export/write-pack.ts";
import type { PackScope } from "../../core/archive/pack/pack-manifest.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { earlierReleasesBytes, earlierReleasesName } from "../../core/gates/earlier-releases.ts";
import { firstShadowReport, secondShadowReport } from "../../core/gates/shadow/report.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { temporaryFolder } from "../cli/pack-on-disk.ts";
import { evidenceCalled, withBytesOfPeople } from "../core/archive/evidence-called.ts";
import type { Signed } from "../core/archive/memory-pack.ts";
import { packOf, type Recorded } from "../core/archive/pack-fixture.ts";
import { recordEverything } from "../core/archive/tampering/everything.ts";
import { lies } from "../core/archive/tampering/lies.ts";
import { loanLies } from "../core/archive/tampering/loan-lies.ts";
import { run, withTool } from "./programs.ts";
import { morning, recordForOthers } from "./recorded-for-others.ts";
import { python, requireOnThePage, secondVerifier, verdictOn } from "./second-verifier.ts";

// A verifier in Python that was written from docs/format.md and shares no code with ours.

let recorded: Recorded;
let since: PackScope;
beforeAll(async () => {
  ({ recorded, since } = await recordForOthers());
});

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
        const { status, output } = await verdictOn(await packOf(recorded, settings()));
        expect([status, output]).toEqual([0, expect.stringContaining("Everything that was checked holds.")]);
        const { scope, withoutPersonalData } = settings();
        if (scope !== since) expect(output).toContain(`${recorded.deployed}: PASSED, deployed, 3 sign-offs`);
        if (scope === undefined || scope === since)
          expect(output).toContain(`${recorded.rejected}: PASSED, rejected, 1 sign-offs`);
        if (scope === undefined) expect(output).toContain(`${recorded.blocked}: PASSED, blocked, 0 sign-offs`);
        if (withoutPersonalData === true) expect(output).toContain("an ID token was left out");
        else
          expect(output).toMatch(
            /^a key that signed sign-ins, .*: [A-Za-z0-9_-]{43} '.*' of https:\/\/login\.example\/pool$/m,
          );
      },
      async () => requireOnThePage(await packOf(recorded, settings())),
    );
  }
});

describe("the second verifier accepts a pack whose evidence", () => {
  const stories: readonly [string, () => Promise<Signed>, Partial<PackSettings>?][] = [
    [
      "is called people.yaml, without personal data",
      () => evidenceCalled("people.yaml"),
      { withoutPersonalData: true },
    ],
    ["has the bytes of people.yaml, without personal data", withBytesOfPeople, { withoutPersonalData: true }],
    ["is called requirements.json", () => evidenceCalled("requirements.json")],
    ["is called deployment.json", () => evidenceCalled("deployment.json", "data-schema.json")],
  ];
  for (const [which, make, settings] of stories) {
    withTool(
      python,
      which,
      async () => {
        const { status, output } = await verdictOn(await packOf(await make(), settings));
        expect([status, output]).toEqual([0, expect.stringContaining("Everything that was checked holds.")]);
      },
      async () => requireOnThePage(await packOf(recorded, settings)),
    );
  }
});

describe("the second verifier, of every kind of record,", () => {
  for (const version of [1, 2] as const)
    withTool(
      python,
      `accepts a pack of version ${version} that has them all`,
      () => {
        const zip = brotliDecompressSync(readFileSync(`test/core/archive/packs-of-before/version-${version}.zip.br`));
        const folder = temporaryFolder();
        writeFileSync(join(folder, "everything.zip"), zip);
        const { status, output } = run("python3", [join(secondVerifier, "verify.py"), "everything.zip"], folder);
        expect([status, output]).toEqual([0, expect.stringContaining("Everything that was checked holds.")]);
      },
      async () => requireOnThePage(await packOf(recorded)),
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
      const sentences = [...types.map((type) => lies[type]), ...loanLies].map(async ({ tell }) => {
        const { output } = await verdictOn(await packOf(told, tell(told)));
        return output.split("\n").at(-2);
      });
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
    async () => requireOnThePage(await packOf(recorded)),
  );
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
      const { status, output } = await verdictOn(await packOf(recorded, { facts, blobs }));
      expect([status, output]).toEqual([1, expect.stringContaining("was compared with what did not serve then")]);
    },
    async () => requireOnThePage(await packOf(recorded)),
  );
});

describe("the second verifier, of runs in shadow,", () => {
  withTool(
    python,
    "makes the same report of what both models answered",
    () => {
      const spread = fc.double({ min: -1, max: 1, noNaN: true, noDefaultInfinity: true });
      // Many answers of a classifier are the same.
      const score = fc.option(fc.oneof(spread, fc.constantFrom(0, 0.5, 1)), { freq: 40 });
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
        `sys.path.insert(0, ${JSON.stringify(secondVerifier)})`,
        "from aftermath import report_of",
        "from encoding import canonical",
        'runs = json.load(open("runs.json"))',
        'print("\\n".join(canonical(report_of(each, version)) for version in (1, 2) for each in runs))',
      ].join("\n");
      const { status, output } = run("python3", ["-c", script], folder);
      expect([status, ...output.trimEnd().split("\n")]).toEqual([
        0,
        ...[firstShadowReport, secondShadowReport].flatMap((make) => runs.map((each) => fromUtf8(make(each)))),
      ]);
    },
    async () => requireOnThePage(await packOf(recorded)),
  );
});
