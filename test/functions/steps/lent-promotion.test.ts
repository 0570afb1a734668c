import { describe, expect, it } from "vitest";
import { addSeconds, minuteText } from "../../../core/encoding/instant.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { Target } from "../../../core/promotion/target.ts";
import { type CleanUpPorts, cleanUp } from "../../../functions/steps/clean-up/handler.ts";
import { type WatchDeploymentPorts, watchDeployment } from "../../../functions/steps/watch-deployment/handler.ts";
import { type DecidePorts, decide } from "../../../functions/streams/decide/handler.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  dana,
  deadline,
  digestOf,
  everybody,
  id,
  manifest,
  member,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionInReview,
  sam,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { type Crash, Crashed, crashing } from "../crash.ts";
import { keptRequirements } from "../kept-requirements.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

const loan: Loan = {
  terms: { seconds: 3600, incident: "https://incidents.example/7" },
  lenders: [member("Ida"), member("Olaf")].map(({ identity }, at) => ({
    role: "sre",
    person: identity,
    signature: digestOf(`${at}`),
  })),
  at: now,
  until: deadline,
  verdict: { sha256: digestOf("verdict"), at: now },
};
const deployment: NonNullable<Promotion["deployment"]> = {
  startedAt: now,
  serves: { image: "scorer@sha256:0", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } },
  release: { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 300 } },
  previous: "p-before",
};
const over = promotionInReview({ status: "expired", loan, deployment, stage: openStage(1, { open: false }) });

function takingBack(promotion = over, running: MemoryTarget["running"] = { revision: id }) {
  const promotions = new MemoryPromotions([promotion]);
  const target = new MemoryTarget(running);
  const ports: CleanUpPorts = {
    now: () => now,
    watchSeconds: 5,
    promotions: { load: promotions.load, move: promotions.move },
    policies: { inForce: async () => undefined },
    targets: everyKind(target),
    shadows: {},
  };
  /** As the machine does: again and again until nothing is left, and once more after a crash. */
  const run = async (using = ports): Promise<number> => {
    for (let rounds = 1; ; rounds += 1)
      if ((await cleanUp(using)({ promotionId: id })).outcome === "cleaned") return rounds;
  };
  const told = () => promotions.stored(id).history.map(({ type, summary }) => `${type}: ${summary}`);
  return { promotions, target, ports, run, told };
}

describe("what was lent, once the loan is over,", () => {
  it("is taken back, looked at until it is gone, and reviewed; then what was staged is removed", async () => {
    const { target, run, told } = takingBack();
    expect(await run()).toBe(2);
    expect(target.rolledBack).toHaveLength(1);
    expect(told()).toEqual([
      "loan-taken-back: What was lent is taken back: the endpoint 'credit-scoring' serves another model again.",
      expect.stringMatching(/^loan-review-opened: /),
      expect.stringMatching(/^clean-up: /),
    ]);
  });

  it("leaves nothing where nothing ran before", async () => {
    const { previous: _, ...first } = deployment;
    const { run, told } = takingBack({ ...over, deployment: first });
    await run();
    expect(told()[0]).toBe(
      "loan-taken-back: What was lent is taken back: the endpoint 'credit-scoring' is gone, as it was before.",
    );
  });

  it("waits, less and less often, while a candidate answers beside it, and is taken back once that one's part has ended", async () => {
    const candidate = promotionId(digestOf("a newer candidate"), 1);
    const sharing = { revision: `share-${candidate}`, promotion: candidate, changingTo: candidate, beside: id };
    const ended: Promotion["history"][number] = {
      ...{ id: `${id}/0`, type: "loan-ended", at: now, promotion: id, summary: "" },
      ...{ body: {}, attachments: [] },
    };
    const { target, ports, run, told } = takingBack({ ...over, history: [ended] }, sharing);
    let age = 0;
    let looks = 0;
    for (; age < 180 * 86_400; looks += 1) {
      const answer = await cleanUp({ ...ports, now: () => addSeconds(now, age) })({ promotionId: id });
      if (answer.outcome !== "taking-back") return expect.unreachable();
      if (looks < 16) expect(answer.seconds).toBe(5);
      age += answer.seconds;
    }
    // Nine events each, of 25,000 that an execution has.
    expect(looks).toBeLessThan(250);
    expect([target.rolledBack, told()]).toEqual([[], ["loan-ended: "]]);
    target.running = { revision: id, promotion: id };
    await run();
    expect(target.rolledBack).toHaveLength(1);
    expect(told()).toContainEqual(expect.stringMatching(/^loan-taken-back: /));
  });

  it("is called by what it is on a cluster", async () => {
    const target: Target = {
      name: "cluster",
      kind: "kubernetes",
      endpoint: "scoring",
      cluster: "c",
      namespace: "models",
      workload: "deployment",
      container: "scorer",
      fetcher: "fetch",
      port: 8080,
      readinessPath: "/ping",
    };
    const { run, told } = takingBack({ ...over, manifest: { ...manifest, target } });
    await run();
    expect(told()[0]).toBe(
      "loan-taken-back: What was lent is taken back: the Deployment 'models/scoring' serves another model again.",
    );
  });

  it("is taken back, and told of once, after a crash between any two of the steps", async () => {
    const sound = takingBack();
    await sound.run();
    const counting = crashing(takingBack().ports);
    await takingBack().run(counting.ports);
    expect(counting.calls()).toBeGreaterThan(8);
    for (let call = 1; call <= counting.calls(); call += 1) {
      for (const moment of ["before", "after"] as const) {
        const { promotions, target, ports, run } = takingBack();
        await expect(run(crashing(ports, { call, moment }).ports), `${moment} ${call}`).rejects.toThrow(Crashed);
        await run();
        expect(promotions.stored(id), `${moment} ${call}`).toEqual(sound.promotions.stored(id));
        expect(target.running).toEqual({ revision: "p-before" });
      }
    }
  });
});

describe("a lent model that comes to serve", () => {
  const lent = promotionInReview({ status: "loaned", loan, deployment, stage: openStage(1) });
  function watched(promotion = lent) {
    const promotions = new MemoryPromotions([promotion]);
    const target = new MemoryTarget({ revision: id });
    target.progress = { kind: "serving", why: "It serves." };
    // Its alarms are removed, and whoever looks for them cannot tell any more whether it is well.
    const settle = async () => {
      target.progress = { kind: "unhealthy", why: "The alarm 'errors' is gone." };
    };
    const blobs = new MemoryBlobs();
    const ports: WatchDeploymentPorts = {
      now: () => now,
      watchSeconds: 30,
      promotions: { load: promotions.load, move: promotions.move, signOffs: promotions.signOffs },
      blobs: { get: blobs.get, put: blobs.put },
      newer: async () => undefined,
      targets: everyKind({ ...target, rollBack: target.rollBack, settle }),
      log: () => {},
    };
    return { promotions, ports };
  }
  /** Logging asks nobody. */
  const dying = (ports: WatchDeploymentPorts, crash?: Crash) => {
    const wrapped = crashing(ports, crash);
    return { ports: { ...wrapped.ports, log: ports.log }, calls: wrapped.calls };
  };

  it("is told of once, until when it does, after a crash anywhere", async () => {
    const sound = watched();
    expect(await watchDeployment(sound.ports)({ promotionId: id })).toMatchObject({ outcome: "loaned" });
    expect(sound.promotions.stored(id).history.map(({ summary }) => summary)).toEqual([
      `From now on the endpoint 'credit-scoring' serves the lent model, until ${minuteText(deadline)} unless it is ratified.`,
    ]);
    const counting = dying(watched().ports);
    await watchDeployment(counting.ports)({ promotionId: id });
    for (let call = 1; call <= counting.calls(); call += 1) {
      const { promotions, ports } = watched();
      await expect(
        watchDeployment(dying(ports, { call, moment: "after" }).ports)({ promotionId: id }),
      ).rejects.toThrow();
      expect(await watchDeployment(ports)({ promotionId: id }), `call ${call}`).toMatchObject({ outcome: "loaned" });
      expect(promotions.stored(id), `call ${call}`).toEqual(sound.promotions.stored(id));
    }
  });
});

const byCora = await givenSignOff(promotionInReview(), cora);

describe("a loan whose requirements changed while it runs", () => {
  const second = promotionInReview({
    status: "loaned",
    loan,
    stage: openStage(1),
    settled: [{ index: 0, seats: [{ role: "compliance-officer", person: cora.identity, signOff: byCora.signOff.id }] }],
    expiresAt: addSeconds(now, 3600),
  });
  const inReview = { ...second, status: "in-review" as const };

  async function decided(inForce: DecidePorts["policy"], result: "approve" | "reject") {
    const signOffs = [
      byCora,
      await givenSignOff(inReview, dana, { roles: ["lead-data-scientist"] }),
      await givenSignOff(inReview, sam, { roles: ["sre"], result, ...(result === "reject" ? { reason: "No." } : {}) }),
    ];
    const promotions = new MemoryPromotions([second], signOffs);
    await decide({
      now: () => now,
      policy: inForce,
      promotions: {
        load: promotions.load,
        move: promotions.move,
        signOffs: promotions.signOffs,
        loans: promotions.loans,
      },
      blobs: keptRequirements(),
      loanBooks: new MemoryLoanBooks(),
      delegations: new MemoryDelegations(),
      directory: memoryDirectory(everybody),
      tokens: { find: async () => undefined, forget: async () => {} },
      ring: async () => "rung",
    })(id);
    return promotions;
  }

  it("cannot be ratified any more, and does not go back to its gates", async () => {
    const promotions = await decided(stricterPolicy, "approve");
    expect(promotions.moves).toEqual([]);
    expect(promotions.stored(id).status).toBe("loaned");
    expect((await decided(policy, "approve")).moves).not.toEqual([]);
  });

  it("can still be stopped by whoever may stop it under the new ones", async () => {
    const promotions = await decided(stricterPolicy, "reject");
    expect(promotions.stored(id)).toMatchObject({ status: "rejected", reason: "No." });
  });

  it.each(policiesWithoutRule)("is stopped by whoever did before nobody was asked any more: %s", async (_, inForce) => {
    expect((await decided(inForce, "reject")).stored(id)).toMatchObject({ status: "rejected", reason: "No." });
    expect((await decided(inForce, "approve")).moves).toEqual([]);
  });
});
