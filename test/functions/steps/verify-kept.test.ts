import { describe, expect, it } from "vitest";
import type { Role } from "../../../core/approval/matrix.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { parseEnvelope } from "../../../core/attestation/dsse.ts";
import { envelopeDigest, type RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { verifySignOffs } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  dana,
  digestOf,
  everybody,
  id,
  manifest,
  member,
  now,
  openStage,
  policy,
  promotionInReview,
  requirements,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { approved, byCora, type Scene, scene, seat, second } from "./verify-scene.ts";

describe("sign-offs that were kept from an earlier candidate", () => {
  const keptOtherwise = /^.*What Cora signed is not kept as sign-offs are: once, in a role, and for a later review\.$/;
  const keeping = (seconds: number, matrix: ApprovalPolicy["matrix"]) => {
    const rules = matrix.rules.map((each) => ({ ...each, carryOverSeconds: seconds }));
    return { ...policy, matrix: { ...matrix, rules } };
  };
  const plan = (name: string) => ({
    kind: "iac-plan" as const,
    format: "plain",
    name: "plan.json",
    mediaType: "application/json",
    size: 1,
    sha256: digestOf(name),
  });

  interface Kept extends Pick<Scene, "members" | "deeds"> {
    readonly seconds?: number;
    readonly matrix?: ApprovalPolicy["matrix"];
    /** How Cora signed for the earlier candidate. */
    readonly given?: Parameters<typeof givenSignOff>[2];
    readonly at?: Instant;
  }

  async function kept(
    change: (newer: Promotion, own: readonly RecordedSignOff[]) => Promotion = (newer) => newer,
    { seconds = 86_400, matrix = policy.matrix, given, members = everybody, deeds = [], at = now }: Kept = {},
  ) {
    const judgedBy = keeping(seconds, matrix);
    const before = requirementsNow(judgedBy, { manifest });
    const older = promotionInReview({ requirements: { sha256: before.sha256 } });
    const cora1 = await givenSignOff(older, cora, given);
    const next = { ...manifest, evidence: [...manifest.evidence, plan("more instances")] };
    const digest = freezeDigest(next);
    const base = promotionInReview({
      id: promotionId(digest, 1),
      freezeDigest: digest,
      manifest: next,
      requirements: { sha256: requirementsNow(judgedBy, { manifest: next }).sha256 },
      submittedAt: now,
    });
    const inSecond = { ...base, stage: openStage(1) };
    const dana2 = await givenSignOff(inSecond, dana, { roles: ["lead-data-scientist"] });
    const sam2 = await givenSignOff(inSecond, sam, { roles: ["sre"] });
    const newer = change(
      {
        ...base,
        status: "approved",
        stage: openStage(1, { open: false }),
        carried: [{ signOff: cora1.signOff, stage: 0, roles: ["compliance-officer"], review: 1 }],
        settled: [
          { index: 0, seats: [seat("compliance-officer", cora1)] },
          { index: 1, seats: [seat("lead-data-scientist", dana2), seat("sre", sam2)] },
        ],
      },
      [dana2, sam2],
    );
    const promotions = new MemoryPromotions([{ ...older, status: "superseded" }, newer], [cora1, dana2, sam2]);
    const { ports, blobs } = scene({ members, deeds, ports: { policy: judgedBy, now: () => at } });
    await blobs.put(before.bytes);
    const run = verifySignOffs({ ...ports, promotions });
    return { cora1, answer: await run({ promotionId: newer.id }), stored: promotions.stored(newer.id), blobs };
  }

  it("count, and the verdict names the original envelope", async () => {
    const { answer, stored, blobs, cora1 } = await kept();
    expect(answer).toEqual({ outcome: "passed" });
    const bytes = await blobs.get(stored.verdict?.sha256 ?? expect.unreachable());
    const { payload } = parseEnvelope(JSON.parse(fromUtf8(bytes)));
    expect(Buffer.from(payload, "base64").toString()).toContain(envelopeDigest(cora1.envelope));
  });

  it.each<[string, (newer: Promotion) => Promotion, number, RegExp]>([
    [
      "counts in a role that it does not name",
      (newer) => ({ ...newer, carried: newer.carried?.map((each) => ({ ...each, roles: ["sre"] })) ?? [] }),
      86_400,
      /Cora did not sign in that role\.$/,
    ],
    [
      "is kept twice, so that one entry is judged and the other counts",
      (newer) => ({
        ...newer,
        submittedAt: addSeconds(now, 3600),
        carried: newer.carried?.flatMap((each) => [{ ...each, roles: [] }, each]) ?? [],
      }),
      60,
      keptOtherwise,
    ],
    [
      "is kept in no role",
      (newer) => ({ ...newer, carried: newer.carried?.map((each) => ({ ...each, roles: [] })) ?? [] }),
      86_400,
      keptOtherwise,
    ],
    [
      "is kept for a review that is yet to come",
      (newer) => ({ ...newer, carried: newer.carried?.map((each) => ({ ...each, review: 2 })) ?? [] }),
      86_400,
      keptOtherwise,
    ],
  ])("block where one %s", async (_, change, seconds, reason) => {
    const { answer, stored } = await kept(change, { seconds });
    expect(answer).toEqual({ outcome: "blocked" });
    expect(stored).toMatchObject({ verdict: { result: "FAILED" }, reason: expect.stringMatching(reason) });
  });

  const late = (newer: Promotion): Promotion => ({ ...newer, submittedAt: addSeconds(now, 3600) });

  it("open their seat again where one was given too long ago, and nothing else falls", async () => {
    const { answer, stored, cora1 } = await kept(late, { seconds: 60 });
    expect(answer.outcome).toBe("reopened");
    const why = "signed for an earlier candidate, longer ago than 1m";
    expect(stored).toMatchObject({ status: "in-review", settled: [{ index: 1 }] });
    expect(stored.invalidated).toEqual([{ signOff: cora1.signOff.id, why }]);
    expect(stored.history.at(-1)).toMatchObject({
      type: "seat-reopened",
      summary: `Cora ${why}, so the seat 'compliance-officer' is open again.`,
      body: { fallen: [{ signOff: cora1.signOff.id, why }] },
    });
  });

  it("ask for no conditions any more where they fall", async () => {
    const given = { conditions: { forSeconds: 3600, errorPercent: 1 } };
    const rules = policy.matrix.rules.map((each) => ({ ...each, conditions: "forbidden" as const }));
    const asking = { seconds: 60, matrix: { ...policy.matrix, rules }, given };
    expect((await kept((newer) => newer, asking)).stored.reason).toBe(
      "The approval matrix takes no approval with conditions here.",
    );
    expect((await kept(late, asking)).answer.outcome).toBe("reopened");
  });

  it("open their seat again where the role asks for a passkey, and that was revoked since", async () => {
    const device = authenticator("ES256", "Cora");
    const officer = { ...policy.matrix.roles["compliance-officer"], secondFactor: "passkey" } as Role;
    const matrix = { ...policy.matrix, roles: { ...policy.matrix.roles, "compliance-officer": officer } };
    const signed = { matrix, given: { device }, at: addSeconds(now, 120) };
    const deeds = await confirmedPasskey(device, cora, sam);
    expect((await kept((newer) => newer, { ...signed, deeds })).answer.outcome).toBe("passed");
    const revocation = await passkeyDeed("revoke", device, cora, sam, addSeconds(now, 60));
    const { answer, stored, cora1 } = await kept((newer) => newer, { ...signed, deeds: [...deeds, revocation] });
    expect(answer.outcome).toBe("reopened");
    expect(stored.invalidated.map(({ signOff }) => signOff)).toEqual([cora1.signOff.id]);
  });

  it("block where what was signed in this review is said to be kept, and would count otherwise than signed", async () => {
    const { stored } = await kept((newer, own) => ({
      ...newer,
      carried: own.map(({ signOff }) => ({ signOff, stage: 0, roles: ["compliance-officer"], review: 1 })),
    }));
    expect(stored).toMatchObject({
      verdict: { result: "FAILED" },
      reason: expect.stringMatching(/What Dana signed is not kept as sign-offs are/),
    });
  });

  it("are judged as they were recorded, whatever the promotion says of them", async () => {
    const carl = member("Carl", "compliance-officers");
    const asCarls = (newer: Promotion): Promotion => ({
      ...newer,
      carried: newer.carried?.map((each) => ({ ...each, signOff: { ...each.signOff, reviewer: carl.identity } })) ?? [],
      settled: newer.settled.map((settled) => ({
        ...settled,
        seats: settled.seats.map((each) =>
          each.role === "compliance-officer" ? { ...each, person: carl.identity } : each,
        ),
      })),
    });
    const { answer, stored } = await kept(asCarls, { members: [...everybody, carl] });
    expect(answer.outcome).toBe("reopened");
    expect(stored.invalidated.map(({ why }) => why)).toEqual(["has no such sign-off"]);
  });
});

describe("sign-offs that were kept from an earlier review", () => {
  const told = (number: number, over: Pick<Fact, "type"> & Partial<Fact>): Fact => ({
    ...{ id: `${id}/${number}`, at: now, promotion: id, summary: "", body: {}, attachments: [] },
    ...over,
  });
  const judged = ["gate-report.json", "evidence-summary.json", "requirements.json"].map((name) => {
    return { name, mediaType: "application/json", sha256: requirements.sha256 };
  });

  it("are held each against the review in which it was given", async () => {
    const inSecond = { ...second, review: 2 };
    const dana2 = await givenSignOff(inSecond, dana, { roles: ["lead-data-scientist"] });
    const sam2 = await givenSignOff(inSecond, sam, { roles: ["sre"] });
    const checked: (readonly [string, number])[] = [];
    const { blobs, run } = scene({
      promotion: {
        ...approved,
        review: 2,
        history: [
          told(0, { type: "gates", attachments: judged }),
          told(1, { type: "seat-reopened", body: { from: requirements.sha256 } }),
          told(2, { type: "gates", attachments: judged }),
        ],
        carried: [{ signOff: byCora.signOff, stage: 0, roles: ["compliance-officer"], review: 2 }],
        settled: [
          { index: 0, seats: [seat("compliance-officer", byCora)] },
          { index: 1, seats: [seat("lead-data-scientist", dana2), seat("sre", sam2)] },
        ],
      },
      recorded: [byCora, dana2, sam2],
      ports: {
        requireSignOff: async ({ signOff }, { review }) => void checked.push([signOff.reviewerName, review]),
      },
    });
    await blobs.put(requirements.bytes);
    expect(await run()).toEqual({ outcome: "passed" });
    expect(checked).toEqual([
      ["Cora", 1],
      ["Dana", 2],
      ["Sam", 2],
    ]);
  });
});
