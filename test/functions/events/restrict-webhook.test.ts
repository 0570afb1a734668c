import { expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { webhookTarget } from "../../../adapters/webhooks/deployment-target.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import type { Exchange } from "../../../core/notification/channel.ts";
import { deploymentReportFact } from "../../../core/promotion/deployment-report.ts";
import { restrict } from "../../../functions/events/restrict/handler.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, now } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion, environment, restriction } from "../approved-promotion.ts";
import { everyKind } from "../memory-target.ts";
import { machines, scene, strict, targets } from "../schedules/audit-scene.ts";

const target = {
  name: "production",
  kind: "webhook",
  endpoint: "edge/credit-scoring",
  url: "https://edge.example/",
  secret: "edge",
  withinSeconds: 3600,
} as const;
const clock = { "detail-type": "Scheduled Event", detail: {} };

/** A receiver that takes so long to go back, and every five minutes the clock, until it is done. */
async function goesBack({ takes, saysChanging }: { readonly takes: number; readonly saysChanging: boolean }) {
  const former = await approvedPromotion("1.3.0", {
    candidate: { target },
    over: { submittedAt: addSeconds(now, -90 * 86_400) },
  });
  const drifted = await approvedPromotion("1.4.0", {
    candidate: { target },
    over: {
      submittedAt: addSeconds(now, -86_400),
      status: "restricted",
      restriction: restriction({ remedy: "previous" }),
    },
  });
  const { promotions, blobs } = scene([former.promotion, drifted.promotion], {});
  for (const { bytes, promotion } of [former, drifted]) {
    await blobs.put(bytes);
    await promotions.recordFact(deploymentReportFact(promotion, { outcome: "deployed", detail: "It runs." }, now));
  }
  let seconds = 0;
  let since: number | undefined;
  const asked: string[] = [];
  const exchange: Exchange = async ({ headers, body }) => {
    const { type } = JSON.parse(body ?? "") as { readonly type: string };
    if (type === "deployment.requested") {
      since ??= seconds;
      asked.push(headers["webhook-id"] ?? "");
    }
    const { id } = former.promotion;
    const changing = since !== undefined && saysChanging ? { changingTo: id } : {};
    const there = since !== undefined && seconds >= since + takes;
    const answer = there
      ? { revision: "r-3", promotion: id }
      : { revision: "r-4", promotion: drifted.promotion.id, ...changing };
    return { status: 200, headers: {}, body: JSON.stringify(answer) };
  };
  const webhook = webhookTarget({
    exchange,
    secret: async () => `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
    nowMs: () => msOfInstant(addSeconds(now, seconds)),
    reports: promotions,
    verdict: async () => ({}),
  });
  const errors: string[] = [];
  const work = restrict({
    now: () => addSeconds(now, seconds),
    log: (level, message) => void (level === "error" && errors.push(message)),
    policies: { ...strict, machines, targets },
    attestationBase,
    promotions,
    blobs,
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(webhook),
    lost: { take: async () => [], remove: async () => {} },
    monitored: async () => {},
    reapprove: async () => {},
    start: async () => {},
    artifactsBucket: "artifacts",
    inLedger: async () => new Map(),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
  });
  for (; seconds <= takes; seconds += 300) await work(clock);
  const states = promotions
    .stored(drifted.promotion.id)
    .history.filter(({ type }) => type === "remedy")
    .map(({ body }) => body["state"]);
  return { states, errors, asked };
}

it.each([true, false])(
  "a receiver that takes its time to go back has not failed, and is asked once (says so: %s)",
  async (saysChanging) => {
    const { states, errors, asked } = await goesBack({ takes: 1800, saysChanging });
    expect([states, errors]).toEqual([["started", "done"], []]);
    expect(new Set(asked).size).toBe(1);
  },
);

it("a receiver that has not gone back in its time has failed, and is asked anew", async () => {
  const { states, errors, asked } = await goesBack({ takes: 3900, saysChanging: false });
  expect(states).toEqual(["started", "failed", "done"]);
  expect(new Set(errors)).toEqual(new Set(["remedy failed"]));
  expect(new Set(asked).size).toBe(2);
});
