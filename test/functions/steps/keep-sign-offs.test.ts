import { describe, expect, it } from "vitest";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type KeepSignOffsPorts, keepSignOffs } from "../../../functions/steps/evaluate-gates/keep-sign-offs.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import {
  cora,
  dana,
  digestOf,
  everybody,
  id,
  manifest,
  now,
  openStage,
  policy,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";

/** Approvals are kept for a day, of whoever judges only what is the same. */
const keeping: ApprovalPolicy = {
  ...policy,
  matrix: {
    ...policy.matrix,
    rules: policy.matrix.rules.map((rule) => ({ ...rule, carryOverSeconds: 86_400 })),
  },
};
const requirements = requirementsNow(keeping, { manifest });

/** The gates' record of a promotion, which judged beside these releases. */
function judged(of: Promotion["id"], releases: string | undefined): Fact {
  const documents = {
    "gate-report.json": digestOf("report"),
    "evidence-summary.json": digestOf("summary"),
    "requirements.json": requirements.sha256,
    ...(releases === undefined ? {} : { "earlier-releases.json": digestOf(releases) }),
  };
  return {
    id: `${of}/0`,
    type: "gates",
    at: now,
    promotion: of,
    summary: "All gates pass.",
    body: { outcome: "passed", requirements: requirements.sha256 },
    attachments: Object.entries(documents).map(([name, sha256]) => ({ name, mediaType: "application/json", sha256 })),
  };
}

const older = (before?: string) =>
  promotionInReview({ requirements: { sha256: requirements.sha256 }, history: [judged(id, before)] });

/** A newer candidate that has another plan alone. */
function newer(after?: string): Promotion {
  const newerId = promotionId(digestOf("newer"), 1);
  const plan = manifest.artifacts.filter(({ role }) => role !== "infrastructure");
  return { ...older(), id: newerId, manifest: { ...manifest, artifacts: plan }, history: [judged(newerId, after)] };
}

/** What these sign-offs come to for the newer candidate, and the records of those that are kept. */
async function carried(
  signed: readonly RecordedSignOff[],
  [of, to]: readonly [Promotion, Promotion],
  over: Partial<KeepSignOffsPorts> = {},
) {
  const blobs = new MemoryBlobs();
  await blobs.put(requirements.bytes);
  const facts: Fact[] = [];
  const outcome = await keepSignOffs({
    now: () => now,
    policy: keeping,
    promotions: {
      signOffs: async () => signed,
      loans: async () => [],
      recordFact: async (fact) => {
        facts.push(fact);
        return "recorded";
      },
    },
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(everybody),
    blobs: { get: blobs.get },
    verifyingKey: async () => attestation.key,
    ...over,
  })(of, to);
  return { outcome, facts };
}

/** What becomes of what Cora, who judges the data, signed for a candidate, where a newer one has another plan alone. */
async function kept(before: string | undefined, after: string | undefined, { keyid } = attestation.key) {
  const recorded = await givenSignOff(older(before), cora);
  const between = [older(before), newer(after)] as const;
  return { ...(await carried([recorded], between, { verifyingKey: async () => ({ keyid }) })), recorded };
}

describe("what was signed for a candidate that another one takes the place of", () => {
  it("is kept with the documents that it was judged beside", async () => {
    const { outcome, facts, recorded } = await kept("champion 1", "champion 1");
    expect(outcome).toMatchObject({ kept: [{ signOff: { id: recorded.signOff.id } }], fallen: [] });
    expect(facts.map(({ attachments }) => attachments.slice(-3))).toEqual([
      [
        { name: "original-freeze.json", mediaType: "application/json", sha256: expect.any(String) },
        { name: "original-requirements.json", mediaType: "application/json", sha256: requirements.sha256 },
        {
          name: "original-beside-earlier-releases.json",
          mediaType: "application/json",
          sha256: digestOf("champion 1"),
        },
      ],
    ]);
  });

  it.each([
    ["another release serves by now", "champion 1", "champion 2"],
    ["nothing was compared then", undefined, "champion 1"],
    ["nothing is compared now", "champion 1", undefined],
  ])("falls where it judges what is compared with something else: %s", async (_, before, after) => {
    const { outcome, facts, recorded } = await kept(before, after);
    expect(outcome).toEqual({
      kept: [],
      fallen: [
        {
          name: "Cora",
          signOff: recorded.signOff.id,
          why: "signed as 'Compliance officer', which judges what is compared with something else now: 'data'",
        },
      ],
    });
    expect(facts).toEqual([]);
  });

  it("falls where its key was replaced since, which signs nothing new: nobody signs beside it in vain", async () => {
    const { outcome, facts, recorded } = await kept("champion 1", "champion 1", {
      ...attestation.key,
      keyid: digestOf("other"),
    });
    expect(outcome).toEqual({
      kept: [],
      fallen: [{ name: "Cora", signOff: recorded.signOff.id, why: "signed under a key that was replaced since" }],
    });
    expect(facts).toEqual([]);
  });

  it("is kept each in a record of its own, until the first of it was given too long ago", async () => {
    const first = older();
    const byCora = await givenSignOff(first, cora, { recordedAt: addSeconds(now, -600) });
    const earlier = addSeconds(now, -3600);
    const inSecond = { ...first, stage: openStage(1) };
    const byDana = await givenSignOff(inSecond, dana, { roles: ["lead-data-scientist"], recordedAt: earlier });
    const { outcome, facts } = await carried([byCora, byDana], [first, newer()]);
    expect(outcome).toMatchObject({
      kept: [
        { signOff: { id: byCora.signOff.id }, stage: 0, roles: ["compliance-officer"] },
        { signOff: { id: byDana.signOff.id }, stage: 1, roles: ["lead-data-scientist"] },
      ],
      fallen: [],
      until: addSeconds(earlier, 86_400),
    });
    expect(facts.map(({ id: of, body }) => [of, body["recordedAt"]])).toEqual(
      [byCora, byDana].map(({ signOff }) => [`${newer().id}/sign-off-kept/1/${signOff.id}`, signOff.recordedAt]),
    );
  });

  const { gates: _, ...withoutGates } = older();

  it.each([
    ["nobody signed", older(), false],
    ["its gates had not passed again since somebody signed", { ...withoutGates, status: "gating", review: 2 }, true],
  ] as const)("is nothing where %s, and nobody is asked", async (_name, of, signed) => {
    const { outcome, facts } = await carried(signed ? [await givenSignOff(older(), cora)] : [], [of, newer()], {
      directory: { everybody: async () => expect.unreachable("The directory was asked.") },
    });
    expect(outcome).toEqual({ kept: [], fallen: [] });
    expect(facts).toEqual([]);
  });
});
