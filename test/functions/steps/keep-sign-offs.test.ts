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

  const sentBack: Fact = {
    ...judged(id, undefined),
    ...{
      id: `${id}/1`,
      type: "seat-reopened",
      body: { from: requirements.sha256, to: requirements.sha256, fallen: [] },
    },
    attachments: [],
  };
  const {
    gates: _,
    stage: __,
    ...again
  } = {
    ...older(),
    ...({ status: "superseded", review: 2 } as const),
    history: [judged(id, undefined), sentBack],
  };

  it.each<[string, Promotion]>([
    ["before its gates passed again", again],
    [
      "as it ran in shadow again",
      {
        ...again,
        gates: older().gates as NonNullable<Promotion["gates"]>,
        history: [...again.history, judged(id, "2")],
      },
    ],
  ])("falls, and is told, where its candidate was sent back to the gates and superseded %s", async (_name, of) => {
    const byCora = await givenSignOff(older(), cora);
    const { outcome, facts } = await carried([byCora], [of, newer()]);
    const why = "signed for an earlier candidate, before what that was judged by changed";
    expect(outcome).toEqual({ kept: [], fallen: [{ name: "Cora", signOff: byCora.signOff.id, why }] });
    expect(facts).toEqual([]);
  });

  it.each<[string, Promotion]>([
    ["what became of it was told", { ...again, history: [...again.history, told()] }],
    ["people were asked again", { ...again, stage: openStage(0) }],
  ])("is told once: nothing of the review before where %s", async (_name, of) => {
    const inSecond = { ...of, gates: older().gates as NonNullable<Promotion["gates"]> };
    const { outcome } = await carried([await givenSignOff(older(), cora)], [inSecond, newer()]);
    expect(outcome).toEqual({ kept: [], fallen: [] });
  });

  it("falls where it was kept for it from one before, also where nobody else has signed for it", async () => {
    const { signOff } = await givenSignOff({ ...older(), id: promotionId(digestOf("the first"), 1) }, cora);
    const carriedBefore = [{ signOff, stage: 0, roles: signOff.roles, review: 1 }];
    const { outcome } = await carried([], [{ ...older(), carried: carriedBefore }, newer()]);
    const why = "signed for an earlier candidate, and that is kept once";
    expect(outcome).toEqual({ kept: [], fallen: [{ name: "Cora", signOff: signOff.id, why }] });
  });

  it("is nothing where nobody signed, and nobody is asked", async () => {
    const { outcome, facts } = await carried([], [older(), newer()], {
      directory: { everybody: async () => expect.unreachable("The directory was asked.") },
    });
    expect(outcome).toEqual({ kept: [], fallen: [] });
    expect(facts).toEqual([]);
  });
});

/** That Cora's fell, told after the gates passed again. */
function told(): Fact {
  return { ...judged(id, undefined), id: `${id}/3`, type: "seat-reopened", body: { review: 2, kept: [], fallen: [] } };
}
