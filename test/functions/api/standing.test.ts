import { describe, expect, it } from "vitest";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type StandingPorts, standings } from "../../../functions/api/read-promotions/standing.ts";
import type { Reader } from "../../../functions/api/readers.ts";
import { asked, ida, olaf, people, withLoans } from "../../core/approval/lenders.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { provider } from "../../core/attestation/signing-keys.ts";
import {
  bo,
  cora,
  digestOf,
  everybody,
  manifest,
  matrix,
  member,
  now,
  openStage,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { byCora } from "./reading-scene.ts";

const emil = member("Emil", "visitors");
const asReader = (who: typeof sam): Reader => ({ kind: "person", person: { ...who, authenticatedAt: now } });

/** How promotions stand for a reader, where Cora signed hers. */
function standing(
  promotions: readonly Promotion[],
  reader: Reader = asReader(cora),
  over: Partial<StandingPorts> = {},
  signOffs = [byCora],
) {
  const store = new MemoryPromotions(promotions, signOffs);
  const ports: StandingPorts = {
    now: () => now,
    policy,
    groups: ["compliance-officers", "lead-data-scientists", "sre"],
    promotions: store,
    delegations: new MemoryDelegations(),
    directory: memoryDirectory([...everybody, emil]),
    loanBooks: new MemoryLoanBooks(),
    blobs: { get: () => expect.unreachable("Nothing is kept.") },
    ...over,
  };
  return { store, told: () => standings(promotions, reader, ports) };
}

/** In its second stage, under policies. */
function inOperations(under = policy, over: Partial<Promotion> = {}): Promotion {
  const seats = [{ role: "compliance-officer", person: cora.identity, signOff: byCora.signOff.id }];
  const { sha256 } = requirementsNow(under, { manifest });
  return promotionInReview({
    ...{ stage: openStage(1), settled: [{ index: 0, seats }], requirements: { sha256 } },
    ...over,
  });
}

describe("how promotions stand", () => {
  it("is told of each, whether or not it takes decisions, by the reader's latest one", async () => {
    const over = promotionInReview({ id: promotionId(digestOf("over"), 1), status: "rejected" });
    const earlier = await givenSignOff(inOperations(), cora, {
      result: "reject",
      reason: "No.",
      recordedAt: addSeconds(now, -300),
    });
    const { told } = standing([over, inOperations()], asReader(cora), {}, [byCora, earlier]);
    const [first, second] = await told();
    expect(first).toEqual({});
    expect(second).toMatchObject({ waits: { forReader: false }, decided: { result: "approve" } });
    const { told: ofNone } = standing([over], asReader(cora), {
      directory: { everybody: () => expect.unreachable("Nobody is asked for.") },
    });
    expect(await ofNone()).toEqual([{}]);
  });

  it.each([
    [3600, undefined],
    [3601, addSeconds(now, 1)],
  ])(
    "says from when approvals are taken, an hour after the stage opened, of one that asks for %i seconds",
    async (minimumReviewSeconds, from) => {
      const rules = matrix.rules.map((rule) => ({
        ...rule,
        stages: rule.stages.map((stage) => ({ ...stage, minimumReviewSeconds })),
      }));
      const slow = { ...policy, matrix: { ...matrix, rules } };
      const [one] = await standing([inOperations(slow)], asReader(cora), { policy: slow }).told();
      expect(one?.waits?.approvalsFrom).toEqual(from);
      expect(one?.waits !== undefined && "approvalsFrom" in one.waits).toBe(from !== undefined);
    },
  );

  it("says of one in a freeze window that approvals are taken from its end on", async () => {
    const when = { from: addSeconds(now, -60), until: addSeconds(now, 60) };
    const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
    const frozen = { ...policy, matrix: { ...matrix, freezeWindows } };
    const [one] = await standing([inOperations(frozen)], asReader(cora), { policy: frozen }).told();
    expect(one?.waits?.approvalsFrom).toEqual(when.until);
  });

  it("names in whose place a delegate is asked", async () => {
    const given = await delegationDeed("delegate", delegationDocument(sam, emil, "sre"), sam, addSeconds(now, -1800));
    const [one] = await standing([inOperations()], asReader(emil), {
      delegations: new MemoryDelegations(given),
    }).told();
    expect(one?.waits?.forReader).toBe(true);
    expect(one?.waits?.roles.find(({ title }) => title === "SRE")?.people).toEqual([
      { name: bo.name },
      { name: sam.name },
      { name: emil.name, inPlaceOf: sam.name },
    ]);
  });

  describe("while somebody asks for a loan", () => {
    const lending = { ...policy, matrix: withLoans() };
    const { envelope, jwks } = byCora;
    const idToken = provider.token({ email: ida.address });
    const toConfirm = async (reader: Reader, promotion = inOperations(lending)) => {
      const { store, told } = standing([promotion], reader, {
        policy: lending,
        groups: ["commanders", "sre"],
        directory: memoryDirectory(people),
      });
      await store.recordLoan({ signature: asked, envelope, idToken, jwks });
      return (await told())[0]?.waits?.loanToConfirm;
    };

    it("says so to whoever may confirm it", async () => {
      expect(await toConfirm(asReader(olaf))).toEqual({ until: addSeconds(now, 3600) });
    });

    it("says so to no pipeline, to nobody whom the directory does not know, and of nothing that is lent already", async () => {
      expect(await toConfirm({ kind: "machine", identity: manifest.requester })).toBeUndefined();
      expect(await toConfirm(asReader({ ...olaf, identity: emil.identity }))).toBeUndefined();
      expect(await toConfirm(asReader(olaf), inOperations(lending, { status: "loaned" }))).toBeUndefined();
    });
  });
});
