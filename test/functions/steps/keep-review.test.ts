import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import type { Role } from "../../../core/approval/matrix.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type KeepReviewPorts, keepReview } from "../../../functions/steps/evaluate-gates/keep-review.ts";
import { requireKeptInReview } from "../../../functions/steps/verify-sign-offs/kept-sign-offs.ts";
import { signOffCheck } from "../../../functions/steps/verify-sign-offs/sign-off-check.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
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
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { refused, told } from "../../core/refusal.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const judging = (role: string, ...judges: Role["judges"]) => {
  const named = policy.matrix.roles[role] ?? expect.unreachable();
  return { [role]: { ...named, judges } };
};
const people: ApprovalPolicy = {
  ...policy,
  matrix: {
    ...policy.matrix,
    roles: {
      ...judging("compliance-officer", "data"),
      ...judging("lead-data-scientist", "model"),
      ...judging("sre", "infrastructure"),
    },
  },
};
const asking = (thresholds: object) =>
  requirementsNow(
    { ...people, gatePolicy: () => ({ wasm: digestOf("wasm"), thresholds: { quality: {}, ...thresholds } as Json }) },
    { manifest },
  );
const before = asking({});
const stricterPlans = asking({ infrastructure: { deletions: 0 } });
const stricterData = asking({ data: { maximumViolations: 0, allowedPii: [] } });

const gates = (number: number, requirements: Sha256, summary: string): Fact => ({
  id: `${id}/${number}`,
  type: "gates",
  at: now,
  promotion: id,
  summary: "All gates pass.",
  body: { outcome: "passed", requirements },
  attachments: [
    ["gate-report.json", digestOf("report")] as const,
    ["evidence-summary.json", digestOf(summary)] as const,
    ["requirements.json", requirements] as const,
  ].map(([name, sha256]) => ({ name, mediaType: "application/json", sha256 })),
});

const first = promotionInReview({
  requirements: { sha256: before.sha256 },
  history: [gates(0, before.sha256, "summary")],
});
const byCora = await givenSignOff(first, cora);
const inSecond = { ...first, stage: openStage(1) };
const bySam = await givenSignOff(inSecond, sam, { roles: ["sre"] });
const byDana = await givenSignOff(inSecond, dana, { roles: ["lead-data-scientist"] });

/** The gates have passed a second time, under others. */
function again(requirements = stricterPlans, over: Partial<Promotion> = {}): Promotion {
  const { stage: _, ...rest } = first;
  const back: Fact = {
    ...gates(1, requirements.sha256, ""),
    type: "seat-reopened",
    body: { from: before.sha256, to: requirements.sha256, fallen: [] },
    attachments: [],
  };
  return {
    ...rest,
    status: "gating",
    review: 2,
    requirements: { sha256: requirements.sha256 },
    gates: { outcome: "passed", report: digestOf("report"), summary: digestOf("later") },
    history: [...first.history, back, gates(2, requirements.sha256, "later")],
    ...over,
  };
}

async function scene(promotion: Promotion, members: readonly Member[] = everybody, signed = [byCora, bySam, byDana]) {
  const promotions = new MemoryPromotions([promotion], signed);
  const blobs = new MemoryBlobs();
  for (const { bytes } of [before, stricterPlans, stricterData]) await blobs.put(bytes);
  const ports: KeepReviewPorts = {
    now: () => now,
    policy: people,
    promotions,
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(members),
    blobs: { get: blobs.get },
  };
  return { promotions, blobs, ports, run: (using = ports) => keepReview(using)(promotions.stored(id)) };
}

/** The same once it is told what is kept and what fell. */
const begun = await (await scene(again())).run();

describe("a review that begins anew", () => {
  it("keeps what judges nothing of what changed, and tells what fell and why", async () => {
    const { promotions, run } = await scene(again());
    await run();
    expect(promotions.stored(id)).toMatchObject({
      status: "gating",
      carried: [
        { signOff: byCora.signOff, stage: 0, roles: ["compliance-officer"], review: 2 },
        { signOff: byDana.signOff, stage: 1, roles: ["lead-data-scientist"], review: 2 },
      ],
      invalidated: [{ signOff: bySam.signOff.id }],
    });
    const fact = promotions.stored(id).history.at(-1);
    expect(fact).toMatchObject({
      type: "seat-reopened",
      body: {
        review: 2,
        kept: [{ signOff: byCora.signOff.id }, { signOff: byDana.signOff.id }],
        fallen: [
          {
            signOff: bySam.signOff.id,
            why: "signed as 'SRE', which judges what the gates ask something else of now: 'infrastructure'",
          },
        ],
      },
    });
    expect(fact?.summary).toMatch(
      /^The gates passed again\. What Cora signed as compliance-officer is kept\. .* What Sam signed falls: Sam signed as /,
    );
  });

  it.each([
    ["where nothing fell", byCora, [byCora.signOff.id], []],
    ["where nothing is kept", bySam, [], [bySam.signOff.id]],
  ])("tells it also %s", async (_, signed, kept, fallen) => {
    const { promotions, run } = await scene(again(), everybody, [signed]);
    const { carried = [], invalidated, history } = await run();
    expect(carried.map(({ signOff }) => signOff.id)).toEqual(kept);
    expect(invalidated.map(({ signOff }) => signOff)).toEqual(fallen);
    expect(history.at(-1)?.body).toMatchObject({ review: 2, kept: kept.map((signOff) => ({ signOff })) });
    expect(promotions.moves).toHaveLength(1);
  });

  it.each([
    ["has ended", again(stricterPlans, { status: "withdrawn" })],
    ["has not passed its gates in it", again(stricterPlans, { history: again().history.slice(0, -1) })],
    ["is told of it already", begun],
  ])("asks nobody anything of a promotion that %s", async (_, promotion) => {
    const { promotions, ports, run } = await scene(promotion);
    const everybodyAsked = async () => expect.unreachable("The directory was asked.");
    expect(await run({ ...ports, directory: { everybody: everybodyAsked } })).toEqual(promotion);
    expect(promotions.moves).toEqual([]);
  });

  it.each([
    ["was superseded", again(stricterPlans, { status: "superseded" })],
    ["was told of it by another run", begun],
  ])("tells nothing of a promotion that meanwhile %s", async (_, meanwhile) => {
    const { promotions, ports, run } = await scene(again());
    const { everybody: asked } = ports.directory;
    const directory = {
      everybody: async (groups: readonly string[]) => {
        promotions.put(meanwhile);
        return await asked(groups);
      },
    };
    expect(await run({ ...ports, directory })).toEqual(meanwhile);
    expect(promotions.moves).toEqual([]);
  });

  it("sees what was on its way when it began, however long the directory takes", async () => {
    const { promotions, ports, run } = await scene(again());
    let written: readonly RecordedSignOff[] = [byCora, bySam];
    const everybodyInTime = async (groups: readonly string[]) => {
      written = [byCora, bySam, byDana];
      return await memoryDirectory(everybody).everybody(groups);
    };
    const table = {
      load: promotions.load,
      move: promotions.move,
      signOffs: async () => written,
      loans: promotions.loans,
    };
    await run({ ...ports, promotions: table, directory: { everybody: everybodyInTime } });
    expect(promotions.stored(id).carried?.map(({ signOff }) => signOff.id)).toContain(byDana.signOff.id);
  });

  it("tells nothing as of an instant well before which something was written that it did not read", async () => {
    const { promotions, ports, run } = await scene(again());
    let [clock, read]: [Instant, number] = [now, 0];
    const table = {
      load: promotions.load,
      move: promotions.move,
      signOffs: async () => {
        // What is read takes ten seconds to come the first time, and whatever is asked about it.
        if (read++ > 0) return [byCora, bySam, byDana];
        clock = addSeconds(now, 10);
        return [byCora, bySam];
      },
      loans: promotions.loans,
    };
    await run({ ...ports, promotions: table, now: () => clock });
    const { carried, history } = promotions.stored(id);
    expect(carried?.map(({ signOff }) => signOff.id)).toContain(byDana.signOff.id);
    expect(history.at(-1)?.at).toBe(addSeconds(now, 10));
  });

  it("keeps nothing of whoever does not hold the role any more", async () => {
    const left = everybody.map((each) => (each === cora ? { ...cora, groups: [] } : each));
    const { promotions, run } = await scene(again(), left);
    await run();
    expect(promotions.stored(id).invalidated.map(({ why }) => why)).toContain(
      "no longer holds the role 'Compliance officer'",
    );
  });

  it("is told of once, and not at all in a first review or where nobody had signed", async () => {
    const { promotions, run } = await scene(again());
    await run();
    await run();
    expect(promotions.moves).toHaveLength(1);
    const other = await scene({ ...first, status: "gating" });
    await other.run();
    expect(other.promotions.moves).toEqual([]);
    const nobody = await scene(again(stricterPlans, { invalidated: fallenAlready() }));
    await nobody.run();
    expect(nobody.promotions.moves).toEqual([]);
  });

  const fallenAlready = () => [byCora, bySam, byDana].map(({ signOff }) => ({ signOff: signOff.id, why: "fell" }));

  it("comes to the same after a crash anywhere, and after the candidate was superseded to nothing", async () => {
    const sound = await scene(again());
    await sound.run();
    const counting = crashing((await scene(again())).ports);
    await (await scene(again())).run(counting.ports).catch(() => undefined);
    for (let call = 1; call <= counting.calls(); call += 1) {
      for (const moment of ["before", "after"] as const) {
        const { promotions, ports, run } = await scene(again());
        await expect(run(crashing(ports, { call, moment }).ports)).rejects.toThrow(Crashed);
        await run();
        expect(promotions.stored(id)).toEqual(sound.promotions.stored(id));
      }
    }
    const superseded = await scene(again(stricterPlans, { status: "superseded" }));
    await superseded.run();
    expect(superseded.promotions.moves).toEqual([]);
  });
});

describe("a sign-off that is kept from an earlier review, verified", () => {
  const ceremonies = {
    attestationBase,
    passkeys: new MemoryPasskeys([]),
    delegations: new MemoryDelegations(),
    installations: async () => [installation],
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    verifyJws,
  };
  async function verified(
    requirements: typeof before,
    roles: readonly string[],
    change?: (kept: Promotion) => Promotion,
  ) {
    const carried = [{ signOff: byCora.signOff, stage: 0, roles, review: 2 }];
    const promotion = again(requirements, { carried, status: "approved", stage: openStage(1, { open: false }) });
    const { blobs } = await scene(promotion);
    const ports = { blobs, requireSignOff: signOffCheck(ceremonies) };
    const judged = { promotion: change?.(promotion) ?? promotion, requirements: requirements.document };
    return requireKeptInReview(byCora, judged, ports);
  }

  it("holds against what that review was judged by, where it judges nothing that changed", async () => {
    await expect(verified(stricterPlans, ["compliance-officer"])).resolves.toBeUndefined();
  });

  it.each([
    [
      "judges what changed",
      stricterData,
      ["compliance-officer"],
      undefined,
      /which judges what the gates ask .*: 'data'\.$/,
    ],
    ["is kept in a role that was not signed", stricterPlans, ["sre"], undefined, /Cora did not sign in that role\.$/],
    [
      "is of a review that there never was",
      stricterPlans,
      ["compliance-officer"],
      (kept: Promotion) => ({ ...kept, history: kept.history.slice(1) }),
      /names review 1, which there never was/,
    ],
    [
      "was shown something else",
      stricterPlans,
      ["compliance-officer"],
      (kept: Promotion) => ({ ...kept, history: [gates(0, before.sha256, "another"), ...kept.history.slice(1)] }),
      /^statement-mismatch: .*shown/,
    ],
  ] as const)("does not hold where it %s", async (_, requirements, roles, change, sentence) => {
    expect(told(await refused(verified(requirements, roles, change)))).toMatch(sentence);
  });
});
