import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { secondsUntil } from "../../../core/approval/calendar.ts";
import {
  type ApprovalPolicy,
  requirementsNow,
  verificationGraceSeconds,
} from "../../../core/approval/promotion-approval.ts";
import { envelopeDigest, type RecordedSignOff, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { requireVerdict } from "../../../core/attestation/verdict.ts";
import { hex } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { leafHash } from "../../../core/ledger/merkle.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import type { InLedger } from "../../../functions/ledger/told-otherwise.ts";
import type { CandidateReading } from "../../../functions/steps/verify-sign-offs/candidate.ts";
import { verifySignOffs } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { signOffCheck } from "../../../functions/steps/verify-sign-offs/sign-off-check.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  dana,
  digestOf,
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
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { approved, byCora, byDana, bySam, type Scene, scene, signOffs } from "./verify-scene.ts";

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

  const running = { ...approved, status: "loaned", loan: { ...loan, runningSince: now } } as const;

  it("is ratified once it serves", async () => {
    const { promotions, run } = scene({ promotion: running });
    expect(await run()).toEqual({ outcome: "ratified" });
    expect(promotions.stored(id)).toMatchObject({ status: "deployed", loan: { ratifiedAt: now } });
  });

  it("is not verified while a seat is empty, and may be signed until the loan is over", async () => {
    const [compliance = expect.unreachable()] = approved.settled;
    const { promotions, run } = scene({ promotion: { ...running, settled: [compliance] } });
    expect(await run()).toEqual({ outcome: "reopened", seconds: secondsUntil(approved.expiresAt, now) });
    expect(promotions.moves).toEqual([]);
  });

  it("is ratified under the conditions that it was released under, and no stricter ones", async () => {
    const conditions = { forSeconds: 3600, errorPercent: 1 };
    const recorded = [byCora, byDana, { ...bySam, signOff: { ...bySam.signOff, conditions } }];
    const released = async (release: Partial<Release>) => {
      const deployment: Promotion["deployment"] = {
        startedAt: now,
        serves: { image: "scorer@sha256:0", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } },
        release: { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 }, ...release },
      };
      const promotion = { ...running, deployment };
      const { promotions, run } = scene({ promotion, recorded, ports: { requireSignOff: async () => {} } });
      const { outcome } = await run();
      return [outcome, promotions.stored(id).reason];
    };
    const alarms = { kind: "own", errorPercent: 1 } as const;
    expect(await released({ watchSeconds: 3600, alarms })).toEqual(["ratified", undefined]);
    expect(await released({ watchSeconds: 3599, alarms })).toEqual([
      "blocked",
      expect.stringMatching(/^What runs on loan was not released under these conditions: it was watched for /),
    ]);
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
  const opened: Fact = {
    ...{ id: `${id}/0`, promotion: id, type: "stage-opened", at: now },
    ...{ summary: "The stage 'compliance' is open.", body: {}, attachments: [] },
  };
  const opening = { ...approved, history: [opened] };
  const ledgerWith =
    (fact: Fact): InLedger =>
    async (ids) =>
      new Map(ids.includes(fact.id) ? [[fact.id, { leafHash: hex(leafHash(ledgerEntry(fact))) as Sha256 }]] : []);
  const rejected: RecordedSignOff = {
    ...bySam,
    signOff: { ...bySam.signOff, id: digestOf("rejection"), result: "reject", reviewer: tom.identity },
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
      "a history that goes on in the ledger, since the table was restored",
      { promotion: opening, ports: { inLedger: ledgerWith({ ...opened, id: `${id}/1` }) } },
      /^The ledger tells p-\w+-1\/1 otherwise than the table, or it alone does: .* submit the candidate again\.$/,
    ],
    [
      "a fact that the ledger tells otherwise",
      { promotion: opening, ports: { inLedger: ledgerWith({ ...opened, summary: "Another stage is open." }) } },
      /^The ledger tells p-\w+-1\/0 otherwise than the table, or it alone does: /,
    ],
    [
      "a row that was edited, so that it is over later than its request says",
      { promotion: { ...approved, history: [{ ...opened, type: "request", body: { expiresAt: now } }] } },
      /^The table and the promotion's own history differ \(until when it can be signed\): somebody changed the table by hand\./,
    ],
    [
      "a rejection that somebody wrote over in the table, so that it counts for nothing",
      {
        recorded: [...signOffs, { ...rejected, signOff: { ...rejected.signOff, groups: [] } }],
        ports: { inLedger: ledgerWith(signOffFact(rejected)) },
      },
      /^The ledger tells p-\w+-1\/sign-off\/\w+ otherwise than the table, or it alone does: /,
    ],
    [
      "policies that are not to be judged by",
      { ports: { requirePolicies: () => Promise.reject(new Failure("conflict", "The ledger tells of others.")) } },
      /^The ledger tells of others\.$/,
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

  it("waits while it cannot be told by which policies it is judged", async () => {
    const requirePolicies = () => Promise.reject(new Failure("unavailable", "The ledger does not tell yet."));
    const { promotions, run } = scene({ ports: { requirePolicies } });
    await expect(run()).rejects.toMatchObject({ code: "unavailable" });
    expect(promotions.moves).toEqual([]);
  });

  it("passes where the ledger tells what the table tells", async () => {
    const { run } = scene({ promotion: opening, ports: { inLedger: ledgerWith(opened) } });
    expect(await run()).toEqual({ outcome: "passed" });
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
