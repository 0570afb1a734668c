import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import type { Person } from "../../../core/approval/people.ts";
import {
  type ApprovalPolicy,
  requirementsNow,
  verificationGraceSeconds,
} from "../../../core/approval/promotion-approval.ts";
import { type Envelope, parseEnvelope } from "../../../core/attestation/dsse.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { envelopeDigest, type RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { requireVerdict } from "../../../core/attestation/verdict.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { HashingInput } from "../../../functions/steps/hashing-time.ts";
import type { CandidateReading } from "../../../functions/steps/verify-sign-offs/candidate.ts";
import { type VerifySignOffsPorts, verifySignOffs } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { lenderCheck, signOffCheck } from "../../../functions/steps/verify-sign-offs/sign-off-check.ts";
import { withWait } from "../../../functions/steps/what-it-waits-for.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  dana,
  digestOf,
  everybody,
  expiresAt,
  id,
  manifest,
  member,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionInReview,
  requirements,
  sam,
  stricterPolicy,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const byCora = await givenSignOff(promotionInReview(), cora);
const second = promotionInReview({ stage: openStage(1) });
const byDana = await givenSignOff(second, dana, { roles: ["lead-data-scientist"] });
const bySam = await givenSignOff(second, sam, { roles: ["sre"] });
const signOffs = [byCora, byDana, bySam];
const seat = (role: string, { signOff }: RecordedSignOff) => ({ role, person: signOff.reviewer, signOff: signOff.id });
const approved = promotionInReview({
  status: "approved",
  stage: openStage(1, { open: false }),
  settled: [
    { index: 0, seats: [seat("compliance-officer", byCora)] },
    { index: 1, seats: [seat("lead-data-scientist", byDana), seat("sre", bySam)] },
  ],
});

interface Scene {
  readonly promotion?: Promotion;
  readonly recorded?: readonly RecordedSignOff[];
  readonly members?: readonly Member[];
  readonly deeds?: readonly RecordedPasskeyDeed[];
  readonly ports?: Partial<VerifySignOffsPorts>;
}

function scene({
  promotion = approved,
  recorded = signOffs,
  members = everybody,
  deeds = [],
  ports: over = {},
}: Scene = {}) {
  const promotions = new MemoryPromotions([promotion], recorded);
  const blobs = new MemoryBlobs();
  const ceremonies = {
    attestationBase,
    passkeys: new MemoryPasskeys(deeds),
    installations: async () => [installation],
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    verifyJws,
  };
  const ports: VerifySignOffsPorts = {
    now: () => now,
    attestationBase,
    policy,
    policyDocuments: [{ name: "policies.json", mediaType: "application/json", bytes: utf8("policies") }],
    salt: () => "ab".repeat(16),
    promotions: {
      load: promotions.load,
      move: promotions.move,
      signOffs: promotions.signOffs,
      loans: promotions.loans,
    },
    passkeys: new MemoryPasskeys(deeds),
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(members),
    blobs: { get: blobs.get, put: blobs.put },
    requireCandidate: async () => {},
    requireSignOff: signOffCheck({ ...ceremonies, delegations: new MemoryDelegations() }),
    requireLender: lenderCheck(ceremonies),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
    ...over,
  };
  const verdict = async () => {
    const { sha256 } = promotions.stored(id).verdict ?? expect.unreachable("There is no verdict.");
    return parseEnvelope(JSON.parse(fromUtf8(await blobs.get(sha256))));
  };
  const run = (asked: Partial<HashingInput> = {}) => verifySignOffs(ports)({ promotionId: id, ...asked });
  return { promotions, blobs, ports, verdict, run };
}

const devices = [cora, dana, sam].map((owner) => authenticator("ES256", owner.name));
const [corasDevice = expect.unreachable(), danasDevice = expect.unreachable(), samsDevice = expect.unreachable()] =
  devices;
const withPasskeys = [
  await givenSignOff(promotionInReview(), cora, { device: corasDevice }),
  await givenSignOff(second, dana, { roles: ["lead-data-scientist"], device: danasDevice }),
  await givenSignOff(second, sam, { roles: ["sre"], device: samsDevice }),
];
const deeds = [
  ...(await confirmedPasskey(corasDevice, cora, sam)),
  ...(await confirmedPasskey(danasDevice, dana, sam)),
  ...(await confirmedPasskey(samsDevice, sam, cora)),
];
const corasOfDana = await confirmedPasskey(corasDevice, dana, sam);
const revocation = await passkeyDeed("revoke", corasDevice, cora, sam, addSeconds(now, 60));
const later = { now: () => addSeconds(now, 120) };
const alias = member("Cora2", "sre");
const byAlias = await confirmedPasskey(corasDevice, cora, alias);
const corasPerson: Person = {
  name: "Cora",
  addresses: [cora.address, alias.address],
  accounts: [],
  identities: [],
  outside: false,
};
const officer = {
  title: "Compliance officer",
  groups: ["compliance-officers"],
  judges: [],
  secondFactor: "passkey",
} as const;
const strictPolicy: ApprovalPolicy = {
  ...policy,
  matrix: { ...policy.matrix, roles: { ...policy.matrix.roles, "compliance-officer": officer } },
};

describe("what is lent, and approved before it runs,", () => {
  const lenders = [member("Ida"), member("Olaf")].map(({ identity: person }, at) => {
    return { role: "sre", person, signature: digestOf(`${at}`) };
  });
  const terms = { seconds: 3600, incident: "https://incidents.example/7" };
  const verdict = { sha256: digestOf("verdict"), at: now };
  const loan: Loan = { terms, lenders, at: now, until: approved.expiresAt, verdict };

  it("is deployed first, however often that is asked", async () => {
    const { promotions, run } = scene({ promotion: { ...approved, status: "loaned", loan } });
    for (let asked = 0; asked < 2; asked += 1) expect(await run()).toEqual({ outcome: "passed" });
    expect(promotions.moves).toEqual([]);
  });

  it("is ratified once it serves", async () => {
    const running = { ...approved, status: "loaned", loan: { ...loan, runningSince: now } } as const;
    const { promotions, run } = scene({ promotion: running });
    expect(await run()).toEqual({ outcome: "ratified" });
    expect(promotions.stored(id)).toMatchObject({ status: "deployed", loan: { ratifiedAt: now } });
  });
});

describe("verifying sign-offs with passkeys", () => {
  const levels = async (verdict: Envelope) =>
    JSON.parse(Buffer.from(verdict.payload, "base64").toString()).predicate.verifiedLevels as readonly string[];

  it("says in the verdict that each was signed with one", async () => {
    const { run, verdict } = scene({ recorded: withPasskeys, deeds });
    expect(await run()).toEqual({ outcome: "passed" });
    expect(await levels(await verdict())).toContain("COUNTERSIGN_PASSKEY");
  });

  it.each<[string, Scene]>([
    ["one was signed without", { recorded: [byCora, ...withPasskeys.slice(1)], deeds }],
    ["one passkey was revoked since", { recorded: withPasskeys, deeds: [...deeds, revocation], ports: later }],
    [
      "one was confirmed by its owner under another identity, as people.yaml says now",
      {
        recorded: withPasskeys,
        deeds: [...byAlias, ...deeds.slice(2)],
        members: [...everybody, alias],
        ports: { policy: { ...policy, people: [corasPerson] } },
      },
    ],
  ])("does not say so where %s", async (_, given) => {
    const { run, verdict } = scene(given);
    expect(await run()).toEqual({ outcome: "passed" });
    expect(await levels(await verdict())).not.toContain("COUNTERSIGN_PASSKEY");
  });

  it("opens the seat of a role that asks for one again, once the passkey was revoked", async () => {
    const requirements = { sha256: requirementsNow(strictPolicy, approved).sha256 };
    const promotion = { ...approved, requirements };
    const context = { requirements: requirements.sha256 };
    const recorded = [
      await givenSignOff(promotionInReview(), cora, { device: corasDevice, context }),
      await givenSignOff(second, dana, { roles: ["lead-data-scientist"], context }),
      await givenSignOff(second, sam, { roles: ["sre"], context }),
    ];
    const settled = [
      { index: 0, seats: [seat("compliance-officer", recorded[0] ?? expect.unreachable())] },
      {
        index: 1,
        seats: [
          seat("lead-data-scientist", recorded[1] ?? expect.unreachable()),
          seat("sre", recorded[2] ?? expect.unreachable()),
        ],
      },
    ];
    const given = { promotion: { ...promotion, settled }, recorded, ports: { ...later, policy: strictPolicy } };
    expect(await scene({ ...given, deeds }).run()).toEqual({ outcome: "passed" });
    const { run, promotions } = scene({ ...given, deeds: [...deeds, revocation] });
    expect((await run()).outcome).toBe("reopened");
    expect(promotions.stored(id).history.at(-1)?.summary).toContain(
      "without a passkey that is confirmed and not revoked",
    );
  });

  const [byCorasPasskey = expect.unreachable(), ...others] = withPasskeys;
  const tampered = (over: Partial<RecordedSignOff>) => [{ ...byCorasPasskey, ...over }, ...others];
  it.each<[string, readonly RecordedSignOff[], typeof deeds, string]>([
    ["answers to another decision", tampered({ passkey: corasDevice.assertion("another") }), deeds, "another decision"],
    [
      "was put in afterwards by the service",
      tampered({
        signOff: { ...byCora.signOff, passkey: { id: corasDevice.id, counter: 0 } },
        passkey: danasDevice.assertion("x"),
      }),
      deeds,
      "another passkey answered",
    ],
    ["is told without its answer", [{ ...byCora, signOff: byCorasPasskey.signOff }, ...others], deeds, "contradict"],
    ["was never enrolled", withPasskeys, deeds.slice(2), "never enrolled"],
    ["is somebody else's", withPasskeys, [...corasOfDana, ...deeds.slice(2)], "somebody else's"],
    [
      "was enrolled with another statement than was signed",
      withPasskeys,
      deeds.map((deed, at) => (at === 0 ? { ...deed, passkey: { ...deed.passkey, name: "Phone" } } : deed)),
      "another passkey",
    ],
  ])("ends in FAILED where a passkey %s", async (_, recorded, stored, why) => {
    const { promotions, run } = scene({ recorded, deeds: stored });
    await run();
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: expect.stringContaining(why) });
  });
});

describe("verifying the sign-offs", () => {
  it("ends in a signed verdict that names each of them", async () => {
    const { promotions, run, verdict } = scene();
    expect(await run()).toEqual({ outcome: "passed" });
    expect(promotions.stored(id)).toMatchObject({ status: "approved", verdict: { result: "PASSED", at: now } });
    const { predicate } = requireVerdict(await verdict(), {
      attestationBase,
      freezeDigest: approved.freezeDigest,
      target: manifest.target,
      requirements: requirements.sha256,
      loan: false,
      now,
      keys: [attestation.key],
      verify: verifyEcdsa,
    });
    expect(predicate.inputAttestations.map(({ digest }) => digest.sha256)).toEqual(
      signOffs.map(({ envelope }) => envelopeDigest(envelope)),
    );
    expect(predicate.verifiedLevels).toContain("COUNTERSIGN_3_OF_3");
  });

  it("passes a quorum that was complete at the very end, a moment after it", async () => {
    const { run } = scene({ ports: { now: () => addSeconds(expiresAt, verificationGraceSeconds - 1) } });
    expect(await run()).toEqual({ outcome: "passed" });
  });

  describe("that were kept from an earlier candidate", () => {
    const keptOtherwise =
      /^.*What Cora signed is not kept as sign-offs are: once, in a role, and for a later review\.$/;
    const keeping = (seconds: number) => {
      const rules = policy.matrix.rules.map((each) => ({ ...each, carryOverSeconds: seconds }));
      return { ...policy, matrix: { ...policy.matrix, rules } };
    };
    const plan = (name: string) => ({
      kind: "iac-plan" as const,
      format: "plain",
      name: "plan.json",
      mediaType: "application/json",
      size: 1,
      sha256: digestOf(name),
    });

    async function kept(
      change: (newer: Promotion, own: readonly RecordedSignOff[]) => Promotion = (newer) => newer,
      seconds = 86_400,
      members: readonly Member[] = everybody,
    ) {
      const judgedBy = keeping(seconds);
      const before = requirementsNow(judgedBy, { manifest });
      const older = promotionInReview({ requirements: { sha256: before.sha256 } });
      const cora1 = await givenSignOff(older, cora);
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
      const { ports, blobs } = scene({ members, ports: { policy: judgedBy } });
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
        "was given too long ago",
        (newer) => ({ ...newer, submittedAt: addSeconds(now, 3600) }),
        60,
        /A sign-off was kept that falls: Cora .*longer ago than 1m\.$/,
      ],
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
      const { answer, stored } = await kept(change, seconds);
      expect(answer).toEqual({ outcome: "blocked" });
      expect(stored).toMatchObject({ verdict: { result: "FAILED" }, reason: expect.stringMatching(reason) });
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
        carried:
          newer.carried?.map((each) => ({ ...each, signOff: { ...each.signOff, reviewer: carl.identity } })) ?? [],
        settled: newer.settled.map((settled) => ({
          ...settled,
          seats: settled.seats.map((each) =>
            each.role === "compliance-officer" ? { ...each, person: carl.identity } : each,
          ),
        })),
      });
      const { answer, stored } = await kept(asCarls, 86_400, [...everybody, carl]);
      expect(answer.outcome).toBe("reopened");
      expect(stored.invalidated.map(({ why }) => why)).toEqual(["has no such sign-off"]);
    });
  });

  describe("in a freeze window", () => {
    const until = addSeconds(now, 3600);
    const frozen = (end: Instant): Partial<VerifySignOffsPorts> => ({
      policy: {
        ...policy,
        matrix: {
          ...policy.matrix,
          freezeWindows: [{ name: "Year end", zone: "UTC", when: { from: now, until: end }, exceptions: [] }],
        },
      },
    });

    it("waits for its end, and tells that once", async () => {
      const { promotions, run } = scene({ ports: frozen(until) });
      expect(await run()).toEqual({ outcome: "held", seconds: 900 });
      expect(await run()).toEqual({ outcome: "held", seconds: 900 });
      expect(promotions.stored(id)).toMatchObject({
        status: "approved",
        history: [
          {
            type: "held",
            summary: `Changes are frozen ('Year end') until ${until}. The sign-offs are verified and the candidate is deployed after that.`,
            body: { window: "Year end", until },
          },
        ],
      });
      expect(promotions.stored(id)).not.toHaveProperty("verdict");
      expect(promotions.moves).toHaveLength(1);
    });

    it("with an exception for the model goes on, and the verdict's record names window and reason", async () => {
      const when = { from: now, until };
      const exceptions = [{ model: "credit-scoring", reason: "Agreed by the board." }];
      const matrix = { ...policy.matrix, freezeWindows: [{ name: "Year end", zone: "UTC", when, exceptions }] };
      const { promotions, run } = scene({ ports: { policy: { ...policy, matrix } } });
      expect(await run()).toEqual({ outcome: "passed" });
      expect(promotions.stored(id).history).toMatchObject([
        { type: "verdict", body: { exception: { window: "Year end", reason: "Agreed by the board." } } },
      ]);
    });

    it("looks again before its end, in which an exception may be made for the model: the less often the longer it waits", async () => {
      const end = addSeconds(now, 30 * 86_400);
      const held = { type: "held", summary: "Changes are frozen.", body: { until: end }, attachments: [] } as const;
      const since = (seconds: number) =>
        scene({
          promotion: {
            ...approved,
            expiresAt: addSeconds(now, 60 * 86_400),
            history: [{ ...held, id: "p/4", promotion: id, at: addSeconds(now, -seconds) }],
          },
          ports: frozen(end),
        }).run();
      expect(await since(64 * 900)).toEqual({ outcome: "held", seconds: 900 });
      expect(await since(7 * 86_400)).toEqual({ outcome: "held", seconds: 9450 });
    });

    it("that ends after the promotion wakes when the promotion is over, and the verdict is FAILED", async () => {
      const end = addSeconds(expiresAt, verificationGraceSeconds);
      const long = frozen(addSeconds(expiresAt, 3600));
      const { run } = scene({ ports: long });
      expect(await run()).toEqual({ outcome: "held", seconds: 900 });
      const soon = scene({ ports: { ...long, now: () => addSeconds(end, -30) } });
      expect(await soon.run()).toEqual({ outcome: "held", seconds: 30 });
      const over = scene({ ports: { ...long, now: () => end } });
      expect(await over.run()).toEqual({ outcome: "blocked" });
      expect(over.promotions.stored(id).verdict?.result).toBe("FAILED");
    });
  });

  const foreign = attestationKey();
  const [rule = expect.unreachable()] = policy.matrix.rules;
  const unconditional: ApprovalPolicy = {
    ...policy,
    matrix: { ...policy.matrix, rules: [{ ...rule, conditions: "forbidden" }] },
  };
  const { modelType: _, target: __, ...asked } = rule;
  const proposing: ApprovalPolicy = {
    ...policy,
    matrix: { ...policy.matrix, policyChange: { ...asked, excludes: ["requester"] } },
  };
  const proposed = {
    ...manifest,
    model: { ...manifest.model, type: "policy" },
    target: { name: "policies", kind: "policy", endpoint: "in-force" } as const,
    requester: { ...cora.identity, subject: "sub-gone" },
  };
  const tampered = (change: (recorded: RecordedSignOff) => RecordedSignOff) => [byCora, byDana, change(bySam)];
  it.each<[string, Scene, RegExp]>([
    [
      "a file that was replaced",
      {
        ports: {
          requireCandidate: async () => {
            throw new Failure("digest-mismatch", "The frozen artifact 'model.json' was replaced.");
          },
        },
      },
      /'model\.json' was replaced/,
    ],
    [
      "an envelope by another key",
      {
        ports: {
          requireSignOff: signOffCheck({
            attestationBase,
            passkeys: new MemoryPasskeys(),
            delegations: new MemoryDelegations(),
            installations: async () => [installation],
            verifyingKeys: async () => [foreign.key],
            verifySignature: verifyEcdsa,
            verifyJws,
          }),
        },
      },
      /a key that is not trusted/,
    ],
    [
      "a token that was swapped",
      { recorded: tampered((each) => ({ ...each, idToken: byDana.idToken })) },
      /another decision/,
    ],
    [
      "a decision that was rewritten in the table",
      {
        recorded: tampered((each) => ({
          ...each,
          signOff: { ...each.signOff, roles: ["lead-data-scientist", "sre"] },
        })),
      },
      /not what was signed/,
    ],
    [
      "somebody who made the candidate and whom nobody can tell any more",
      { members: [cora, { ...dana, address: "dana@elsewhere.example" }, sam] },
      /^The address t…@example\.org had a hand in the candidate, but matches nobody in the directory/,
    ],
    [
      "conditions that the matrix lets nobody ask, as where its word came later",
      {
        recorded: [
          byCora,
          byDana,
          { ...bySam, signOff: { ...bySam.signOff, conditions: { forSeconds: 3600, errorPercent: 1 } } },
        ],
        promotion: { ...approved, requirements: { sha256: requirementsNow(unconditional, { manifest }).sha256 } },
        ports: { policy: unconditional, requireSignOff: async () => {} },
      },
      /^The approval matrix takes no approval with conditions here\.$/,
    ],
    [
      "policies whose proposer nobody knows any more",
      {
        promotion: {
          ...approved,
          manifest: proposed,
          requirements: { sha256: requirementsNow(proposing, { manifest: proposed }).sha256 },
        },
        ports: { policy: proposing, requireSignOff: async () => {} },
      },
      /^Whoever proposed these policies is not in the directory any more/,
    ],
    [
      "a promotion that is over",
      { ports: { now: () => addSeconds(expiresAt, verificationGraceSeconds) } },
      /expired before it was verified/,
    ],
  ])("ends in a FAILED verdict and blocks over %s", async (_, given, sentence) => {
    const { promotions, run, verdict } = scene(given);
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id)).toMatchObject({
      status: "blocked",
      reason: expect.stringMatching(sentence),
      verdict: { result: "FAILED" },
    });
    expect(JSON.parse(Buffer.from((await verdict()).payload, "base64").toString())).toMatchObject({
      predicate: { verificationResult: "FAILED" },
    });
  });

  it.each<[string, Scene, string]>([
    [
      "has lost the role",
      { members: [cora, { ...dana, groups: [] }, sam, tom] },
      "Dana no longer holds the role 'Lead data scientist', so the seat 'lead-data-scientist' is open again.",
    ],
    [
      "has left",
      { members: [cora, sam, tom] },
      "Dana is not in the directory any more, so the seat 'lead-data-scientist' is open again.",
    ],
    [
      "has a disabled account",
      { members: [cora, { ...dana, enabled: false }, sam, tom] },
      "Dana has a disabled account, so the seat 'lead-data-scientist' is open again.",
    ],
    [
      "has a sign-off that is gone",
      { recorded: [byCora, bySam] },
      "Dana has no such sign-off, so the seat 'lead-data-scientist' is open again.",
    ],
  ])("opens the seat again of somebody who %s, and keeps the others", async (_, given, sentence) => {
    const { promotions, run } = scene(given);
    expect(await run()).toEqual({ outcome: "reopened", seconds: 46 * 3600 });
    const stored = promotions.stored(id);
    expect(stored).toMatchObject({
      status: "in-review",
      settled: [{ index: 0 }],
      invalidated: [{ signOff: byDana.signOff.id }],
    });
    expect(stored.settled).toHaveLength(1);
    expect(stored.verdict).toBeUndefined();
    expect(stored.history.at(-1)?.summary).toBe(sentence);
  });

  it("is rejected where somebody rejects while the candidate's bytes are hashed", async () => {
    const no = await givenSignOff(approved, cora, { result: "reject", reason: "Stop." });
    const requireCandidate = async () => void (await promotions.recordSignOff(no));
    const { promotions, run } = scene({ ports: { requireCandidate } });
    expect(await run()).toEqual({ outcome: "rejected" });
    expect(promotions.stored(id)).toMatchObject({ status: "rejected", reason: "Stop." });
    expect(promotions.stored(id).verdict).toBeUndefined();
  });

  it("opens the seat again of somebody who is disabled while the candidate's bytes are hashed", async () => {
    let dismissed = false;
    const requireCandidate = async () => {
      dismissed = true;
    };
    const directory = {
      everybody: (groups: readonly string[]) =>
        memoryDirectory([cora, { ...dana, enabled: !dismissed }, sam, tom]).everybody(groups),
    };
    const { promotions, run } = scene({ ports: { requireCandidate, directory } });
    expect(await run()).toMatchObject({ outcome: "reopened" });
    expect(promotions.stored(id).history.at(-1)?.summary).toBe(
      "Dana has a disabled account, so the seat 'lead-data-scientist' is open again.",
    );
  });

  it("takes a rejection until the verdict is signed", async () => {
    const no = await givenSignOff(approved, cora, { result: "reject", reason: "Stop." });
    const { promotions, run } = scene({ recorded: [...signOffs, no] });
    expect(await run()).toEqual({ outcome: "rejected" });
    expect(promotions.stored(id)).toMatchObject({ status: "rejected", reason: "Stop." });
    expect(promotions.stored(id).verdict).toBeUndefined();
  });

  it("waits where more objections are recorded than can be read", async () => {
    const no = await givenSignOff(approved, cora, { result: "withdraw" });
    const { promotions, run } = scene({ promotion: { ...approved, objections: 2 }, recorded: [...signOffs, no] });
    await expect(run()).rejects.toMatchObject({ code: "unavailable" });
    expect(promotions.moves).toEqual([]);
  });

  it("goes back to the gates when the requirements changed", async () => {
    const { promotions, run } = scene({ ports: { policy: stricterPolicy } });
    expect(await run()).toEqual({ outcome: "requirements-changed" });
    expect(promotions.stored(id)).toMatchObject({ status: "gating", review: 2, settled: [] });
    expect(promotions.stored(id).invalidated).toEqual([]);
  });

  it.each(policiesWithoutRule)(
    "goes back to the gates where there is no rule for it any more: %s",
    async (_, inForce) => {
      const { promotions, run } = scene({ ports: { policy: inForce } });
      expect(await run()).toEqual({ outcome: "requirements-changed" });
      expect(promotions.stored(id)).toMatchObject({ status: "gating", review: 2, requirements: approved.requirements });
      expect(promotions.stored(id).invalidated).toEqual([]);
    },
  );

  it.each(policiesWithoutRule)("answers again what it opened before they changed: %s", async (_, inForce) => {
    const promotion = promotionInReview({ stage: openStage(1, { open: false }) });
    const { promotions, run } = scene({ promotion, ports: { policy: inForce } });
    expect(await run()).toMatchObject({ outcome: "reopened" });
    expect(promotions.moves).toEqual([]);
  });

  it.each(["withdrawn", "superseded", "expired"] as const)(
    "gives no verdict over a promotion that is %s meanwhile",
    async (status) => {
      const { promotions, run } = scene({ promotion: { ...approved, status } });
      expect(await run()).toEqual({ outcome: "rejected" });
      expect(promotions.moves).toEqual([]);
    },
  );

  it("done twice gives one verdict and the same answer", async () => {
    const { promotions, run } = scene();
    await run();
    expect(await run()).toEqual({ outcome: "passed" });
    expect(promotions.moves).toHaveLength(1);
  });

  describe("once more, where nothing began under the verdict in time", () => {
    const sha256 = digestOf("verdict");
    const signed = (secondsAgo: number, over: Partial<Promotion> = {}): Promotion => ({
      ...approved,
      verdict: { sha256, result: "PASSED", at: addSeconds(now, -secondsAgo) },
      ...over,
    });

    it("ends in another verdict, under which it is deployed", async () => {
      const { promotions, run } = scene({ promotion: signed(3600) });
      expect(await run()).toEqual({ outcome: "passed" });
      const { status, verdict, history } = promotions.stored(id);
      expect(status).toBe("approved");
      expect(verdict).toMatchObject({ result: "PASSED", at: now });
      expect(verdict?.sha256).not.toBe(sha256);
      expect(history.map(({ type }) => type)).toEqual(["verdict"]);
      expect(await run()).toEqual({ outcome: "passed" });
      expect(promotions.moves).toHaveLength(1);
    });

    it("signs nothing where the verdict is good yet, or nothing may begin under another", async () => {
      for (const promotion of [signed(3539), signed(9999, { status: "deploying" })]) {
        const { promotions, run } = scene({ promotion });
        expect(await run()).toEqual({ outcome: "passed" });
        expect(promotions.moves).toEqual([]);
      }
    });

    it("signs another in the last minute, since clocks differ: they would go round until they agree", async () => {
      const { promotions, run } = scene({ promotion: signed(3540) });
      expect(await run()).toEqual({ outcome: "passed" });
      expect(promotions.stored(id).verdict?.at).toBe(now);
    });

    it("goes back to the gates when the requirements changed, however young the verdict", async () => {
      const { promotions, run } = scene({ promotion: signed(1), ports: { policy: stricterPolicy } });
      expect(await run()).toEqual({ outcome: "requirements-changed" });
      expect(promotions.stored(id)).toMatchObject({ status: "gating", review: 2, settled: [] });
      expect(promotions.stored(id)).not.toHaveProperty("verdict");
    });

    it("opens the seat of somebody who may not sign any more, and nothing begins under the older verdict", async () => {
      const members = everybody.map((each) =>
        each.identity.subject === dana.identity.subject ? { ...each, enabled: false } : each,
      );
      const { promotions, run } = scene({ promotion: signed(3600), members });
      expect(await run()).toMatchObject({ outcome: "reopened" });
      expect(promotions.stored(id).status).toBe("in-review");
      expect(promotions.stored(id)).not.toHaveProperty("verdict");
    });

    it("waits in a freeze window that began meanwhile, without the older verdict", async () => {
      const until = addSeconds(now, 600);
      const when = { from: now, until };
      const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
      const ports = { policy: { ...policy, matrix: { ...policy.matrix, freezeWindows } } };
      const { promotions, run } = scene({ promotion: signed(3600), ports });
      expect(await run()).toEqual({ outcome: "held", seconds: 600 });
      expect(promotions.stored(id)).not.toHaveProperty("verdict");
      expect(await run()).toEqual({ outcome: "held", seconds: 600 });
      expect(promotions.moves).toHaveLength(1);
    });

    it("is FAILED once the promotion's time is over, and says what it waited for", async () => {
      const waited = withWait(signed(3600), "the plan is applied", {}, now);
      const end = addSeconds(expiresAt, verificationGraceSeconds);
      const { promotions, run } = scene({ promotion: waited as Promotion, ports: { now: () => end } });
      expect(await run()).toEqual({ outcome: "blocked" });
      expect(promotions.stored(id)).toMatchObject({
        status: "blocked",
        reason:
          "The promotion was approved, and expired before it was deployed. What it waited for: the plan is applied.",
        verdict: { result: "FAILED" },
      });
    });

    it("is FAILED at once where its time is over and a freeze window goes on, however young the verdict", async () => {
      const end = addSeconds(expiresAt, verificationGraceSeconds);
      const promotion = signed(0);
      const freezeWindows = [
        { name: "Year end", zone: "UTC", when: { from: now, until: addSeconds(end, 3600) }, exceptions: [] },
      ];
      const { promotions, run } = scene({
        promotion: { ...promotion, verdict: { sha256, result: "PASSED", at: addSeconds(end, -60) } },
        ports: { policy: { ...policy, matrix: { ...policy.matrix, freezeWindows } }, now: () => end },
      });
      expect(await run()).toEqual({ outcome: "blocked" });
      expect(promotions.stored(id)).toMatchObject({
        reason: "The promotion was approved, and expired before it was deployed.",
        verdict: { result: "FAILED" },
      });
    });

    it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
      "comes to one more verdict when it dies at call %i and runs again",
      async (call) => {
        const { promotions, ports, run } = scene({ promotion: signed(3600) });
        const dying = verifySignOffs(crashing(ports, { call, moment: "after" }).ports)({ promotionId: id });
        await expect(dying).rejects.toBeInstanceOf(Crashed);
        expect(await run()).toEqual({ outcome: "passed" });
        expect(promotions.moves).toHaveLength(1);
      },
    );
  });

  it("judges nobody while the outside is away", async () => {
    const { promotions, run } = scene({
      ports: {
        requireCandidate: async () => {
          throw new Failure("unavailable", "S3 is away.");
        },
      },
    });
    await expect(run()).rejects.toThrow("S3 is away.");
    expect(promotions.moves).toEqual([]);
  });

  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    "comes to the same when it dies at call %i and runs again",
    async (call) => {
      const { promotions, ports, run } = scene();
      const dying = verifySignOffs(crashing(ports, { call, moment: "after" }).ports)({ promotionId: id });
      await expect(dying).rejects.toBeInstanceOf(Crashed);
      expect(await run()).toEqual({ outcome: "passed" });
      expect(promotions.moves).toHaveLength(1);
    },
  );
});

describe("where the candidate's bytes take longer than one run to read", () => {
  it("goes on behind those that were read, and neither signs nor moves anything before that", async () => {
    const readings: CandidateReading[] = [];
    const requireCandidate = async (_: unknown, reading: CandidateReading) => {
      readings.push(reading);
      if (reading.before < 3) reading.goesOnAt = 3;
    };
    const { promotions, run } = scene({ ports: { requireCandidate } });
    const before = promotions.stored(id);
    expect(await run({ understands: ["verifying"] })).toEqual({ outcome: "verifying", hashed: 3 });
    expect(promotions.stored(id)).toEqual(before);
    expect(await run({ understands: ["verifying"], hashed: 3 })).toEqual({ outcome: "passed" });
    expect(readings.map(({ before: hashed, time }) => [hashed, time !== undefined])).toEqual([
      [0, true],
      [3, true],
    ]);
  });
});
