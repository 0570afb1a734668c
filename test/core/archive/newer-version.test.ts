import { beforeAll, describe, expect, it } from "vitest";
import { verificationLines } from "../../../cli/verification-text.ts";
import { manifestPath } from "../../../core/archive/pack/pack-layout.ts";
import type { PromotionRecord } from "../../../core/archive/pack/promotion-file.ts";
import { verifyPromotion } from "../../../core/archive/verify-promotion.ts";
import { parseEnvelope, signEnvelope } from "../../../core/attestation/dsse.ts";
import { fromBase64 } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { evidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { type GateGenerations, gateGenerations } from "../../../core/gates/gate-generations.ts";
import { judge } from "../../../core/gates/judge.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { honestHistories } from "./honest-histories.ts";
import { attestationBase, installation } from "./house.ts";
import {
  createdAt,
  type Files,
  packOf,
  type Recorded,
  recordStories,
  resealed,
  verified,
  verifyOptions,
} from "./pack-fixture.ts";
import { packIn } from "./packs-in-version.ts";
import { documentOf, factOf, type Retold, withChanged, withDocument } from "./retelling.ts";
import { hoursAfter } from "./small-pack.ts";

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordStories();
});

/** What a version of Countersign that judges so says of what this one recorded. */
async function bySomeVersion(generations: GateGenerations) {
  const { house, deployed } = recorded;
  const facts = house.facts.filter(({ promotion }) => promotion === deployed);
  const records = facts.map((fact, index): PromotionRecord => ({ index, record: { recordVersion: 1, ...fact } }));
  const { verifySignature, verifyJws, policyOf } = verifyOptions();
  const nobody = { passkeys: new Map(), delegations: new Map() };
  const { findings } = await verifyPromotion({
    promotion: deployed,
    records,
    read: async (sha256) => house.blobs.get(sha256),
    leftOut: new Set(),
    policyOf,
    generations,
    trust: {
      ...nobody,
      attestationBase,
      installations: [{ ...installation, logOrigin: "log.example/1", number: 1, index: 0, at: createdAt }],
      known: {},
      keys: [house.attestation.key],
      keyHistory: [],
      verifySignature,
      verifyJws,
    },
  });
  return findings.map(({ code, sentence }) => `${code}: ${sentence}`);
}

/** As another version might: other words in the report, another member in the summary. */
const otherJudge: typeof judge = (judgement) => {
  const judged = judge(judgement);
  const findings = judged.report.findings.map((finding) => ({ ...finding, sentence: `In short: ${finding.sentence}` }));
  return { ...judged, report: { ...judged.report, findings } };
};
const otherSummary = ((judged) => ({ ...evidenceSummary(judged), carbon: [] })) as typeof evidenceSummary;

describe("what was judged by an earlier version", () => {
  it("is judged again by that one, whatever the newest makes of it", async () => {
    const later: GateGenerations = {
      ...gateGenerations,
      reports: new Map([...gateGenerations.reports, [2, otherJudge]]),
      summaries: new Map([...gateGenerations.summaries, [2, otherSummary]]),
    };
    expect(await bySomeVersion(later)).toEqual([]);
  });

  it.each<[string, GateGenerations, string]>([
    [
      "a report",
      { ...gateGenerations, reports: new Map([[1, otherJudge]]) },
      "gates-differ: The gates, evaluated again, do not come to the report that was recorded.",
    ],
    [
      "a summary",
      { ...gateGenerations, summaries: new Map([[1, otherSummary]]) },
      "gates-differ: The evidence does not make the summary that reviewers were shown.",
    ],
  ])("does not hold as %s that its version never made", async (_, generations, finding) => {
    expect(await bySomeVersion(generations)).toEqual([finding]);
  });
});

describe("a pack of an earlier version", () => {
  it.each([1, 2] as const)("holds by the report of its own version: %i", async (version) => {
    const files = await packIn(await packOf(recorded), version);
    expect(await verified(files)).toMatchObject({ holds: true, findings: [] });
  });

  it.each([
    [1, 2],
    [2, 1],
  ] as const)("does not hold with the reports of another: those of %i where it says %i", async (version, said) => {
    const { deployed, rejected, blocked } = recorded;
    const files = await packIn(await packOf(recorded), version, said);
    const { findings, holds } = await verified(files);
    expect(holds).toBe(false);
    expect(findings.map(({ code, path, sentence }) => `${code} ${path}: ${sentence}`).toSorted()).toEqual(
      [deployed, rejected, blocked]
        .map(
          (promotion) =>
            `view-differs report/${promotion}.html: report/${promotion}.html is as packs of version ${version} have it, and the manifest says that this is one of version ${said}.`,
        )
        .toSorted(),
    );
  });

  it("shows a verdict that was taken away as one that stands, which is said, and one of version 2 does not", async () => {
    const make = honestHistories["a release that went back, and was rejected before its stage was open again"];
    const house = await (make ?? expect.unreachable())();
    const { promotion } = house.facts.findLast(({ type }) => type === "rejected") ?? expect.unreachable();
    const page = (files: Files) => fromUtf8(files.get(`report/${promotion}.html`) ?? new Uint8Array());
    const newest = await packOf({ house });
    const earlier = await packIn(newest, 1);
    const said = async (files: Files, over: Parameters<typeof verified>[1] = {}) =>
      (await verified(files, over)).unchecked.filter(({ sentence }) => sentence.includes("which is of version 1"));
    expect(await said(newest)).toEqual([]);
    const unsaid = [
      {
        promotion,
        sentence: expect.stringMatching(/^Whether its verdict stands is not said by its report, .*\/\d+' tells\.$/),
      },
    ];
    expect(await said(earlier)).toEqual(unsaid);
    const bytes = earlier.get("log/checkpoint") ?? expect.unreachable();
    const since = await hoursAfter({ bytes, checkpoint: parseCheckpoint(bytes).checkpoint });
    expect(await said(earlier, { since })).toEqual(unsaid);
    expect(await said(await packIn(await packOf(recorded), 1))).toEqual([]);
    const before = page(earlier);
    expect(before).toContain('<th scope="row">Verdict</th><td>PASSED, ');
    expect(before).not.toContain("taken away");
    expect(page(newest)).toMatch(
      /<th scope="row">Verdict<\/th><td>None stands: the last was taken away [^<]* \(ledger entry \d+\), since its release was taken back\.<\/td>/,
    );
  });
});

describe("what a newer version made", () => {
  it.each<[string, GateGenerations, string]>([
    [
      "gate report",
      { ...gateGenerations, reports: new Map([[0, judge]]) },
      "newer-version: gate-report.json is of version 1: it could not be checked, since a newer Countersign made it.",
    ],
    [
      "summary",
      { ...gateGenerations, summaries: new Map([[0, evidenceSummary]]) },
      "newer-version: evidence-summary.json is of version 1: it could not be checked, since a newer Countersign made it.",
    ],
  ])("is not checked as a %s, and all else is", async (_, generations, finding) => {
    expect(await bySomeVersion(generations)).toEqual([finding]);
  });

  /** The verdict on the promotion that it is about, and what was found. */
  async function told(retold: Retold) {
    const result = await verified(await packOf(recorded, retold));
    expect(result.holds).toBe(false);
    const outcomes = Object.fromEntries(result.promotions.map(({ promotion, outcome }) => [promotion, outcome]));
    return { result, outcomes, codes: [...new Set(result.findings.map(({ code }) => code))] };
  }

  it.each([
    ["gates", "requirements.json", "requirementsVersion"],
    ["freeze", "freeze.json", "manifestVersion"],
  ] as const)("leaves a promotion open and passes the others: of '%s' the %s", async (type, name, member) => {
    const { house, rejected, deployed } = recorded;
    const fact = factOf(house, type, deployed);
    const { outcomes, codes, result } = await told(withChanged(house, fact, name, (it) => ({ ...it, [member]: 2 })));
    expect(codes).toEqual(["newer-version"]);
    expect(outcomes).toMatchObject({ [deployed]: "NOT CHECKED", [rejected]: "PASSED" });
    expect(verificationLines(result).at(-1)).toBe(
      "NOT CHECKED: a newer Countersign made part of the pack; 1 finding. Verify it with that one.",
    );
  });

  it("leaves a promotion open whose verdict is another verifier's", async () => {
    const { house, deployed } = recorded;
    const fact = factOf(house, "verdict", deployed);
    const { key, sign } = house.attestation;
    const { payload } = parseEnvelope(JSON.parse(fromUtf8(documentOf(house, fact, "verdict.dsse.json"))));
    const said = fromUtf8(fromBase64(payload)).replace("/verifier/v1", "/verifier/v2");
    const envelope = await signEnvelope(utf8(said), key.keyid, sign);
    const verdict = withDocument(house, fact, "verdict.dsse.json", canonicalJsonBytes(envelope));
    const { result } = await told(verdict);
    expect(result.findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toContain(
      "newer-version: The verifier of the verdict is of version 2: it could not be checked, since a newer Countersign made it.",
    );
    expect(result.findings.map(({ code }) => code)).not.toContain("verdict-differs");
  });

  it("fails what is wrong beside it all the same", async () => {
    const { house, deployed } = recorded;
    const newer = withChanged(house, factOf(house, "verdict", deployed), "people.json", (it) => ({
      ...it,
      peopleVersion: 2,
    }));
    expect(await told(newer)).toMatchObject({ codes: ["newer-version"], outcomes: { [deployed]: "NOT CHECKED" } });
    const started = factOf(house, "deployment-started", deployed);
    const facts = newer.facts?.map((fact) =>
      fact === started ? { ...fact, body: { ...fact.body, endpoint: "other" } } : fact,
    );
    const { codes, outcomes } = await told({ ...newer, facts: facts ?? [] });
    expect(codes.toSorted()).toEqual(["deployment-unapproved", "newer-version"]);
    expect(outcomes[deployed]).toBe("FAILED");
  });

  it("takes the ground from under every promotion as a record of a kind that is not known", async () => {
    const { house, deployed, rejected } = recorded;
    const { promotion: _, ...request } = factOf(house, "request", rejected);
    const carbon = { ...request, id: "installation/carbon/1", type: "carbon-budget" } as unknown as Fact;
    const { result, outcomes } = await told({ facts: [...house.facts, carbon] });
    expect(result.findings).toHaveLength(1);
    expect(result.findings[0]).toMatchObject({
      code: "newer-version",
      sentence:
        "The record is of the type 'carbon-budget': it could not be checked, since a newer Countersign made it.",
    });
    expect(outcomes).toMatchObject({ [deployed]: "NOT CHECKED", [rejected]: "NOT CHECKED" });
  });

  it("is not opened as a pack", async () => {
    const files = await packOf(recorded);
    const manifest = JSON.parse(fromUtf8(files.get(manifestPath) ?? new Uint8Array()));
    const later = resealed(files, { [manifestPath]: canonicalJsonBytes({ ...manifest, packVersion: 3 }) });
    expect(await verified(later)).toMatchObject({
      holds: false,
      findings: [{ code: "newer-version", path: manifestPath }],
    });
  });
});
