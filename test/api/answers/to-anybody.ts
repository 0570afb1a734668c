import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { reviewLink } from "../../../core/attestation/review-link.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { answerSlack } from "../../../functions/api/answer-slack/handler.ts";
import { describeService } from "../../../functions/api/describe-service/handler.ts";
import { followLink } from "../../../functions/api/follow-link/handler.ts";
import { readCheckpoint } from "../../../functions/api/read-checkpoint/handler.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import { testSigner } from "../../core/ledger/ed25519.ts";
import { attestationBase, issuer, now } from "../../core/promotion/promotion-in-review.ts";
import { redriveScene } from "../../functions/api/undelivered-queue.ts";
import { MemoryTurnBooks } from "../../functions/memory-turn-books.ts";
import { assertRequestMatches } from "../answer-matches.ts";
import { ask, directory, ines, service } from "../service-in-memory.ts";

export function answersToAnybody(): void {
  describe("answers to anybody are as openapi.yaml says", () => {
    const key = "a key of the test";
    const mac = (message: Uint8Array) => new Uint8Array(createHmac("sha256", key).update(message).digest());
    const { promotion, promotions } = service();
    const target = { promotion: promotion.id, stage: 0, reviewer: "A".repeat(43) };
    const follow = followLink({
      now: () => now,
      portalUrl: "https://portal.example",
      verifyMac: async (message, given) => Buffer.compare(mac(message), given) === 0,
      promotions,
    });
    const linkUntil = (seconds: number) => reviewLink(target, addSeconds(now, seconds), async (text) => mac(text));

    it("a review link, by GET and by HEAD", async () => {
      const parameters = { link: await linkUntil(3600) };
      const { status, headers } = await ask(follow, "GET", "/r/{link}", { parameters });
      expect([status, headers["location"]]).toEqual([303, `https://portal.example/#/promotions/${promotion.id}`]);
      expect((await ask(follow, "HEAD", "/r/{link}", { parameters })).status).toBe(303);
    });

    it("a review link that is over, and one that was altered", async () => {
      const over = await ask(follow, "GET", "/r/{link}", { parameters: { link: await linkUntil(-1) } });
      expect([over.status, over.json["code"]]).toEqual([410, "link-expired"]);
      const altered = await ask(follow, "GET", "/r/{link}", { parameters: { link: "nothing" } });
      expect([altered.status, altered.json["code"]]).toEqual([404, "link-invalid"]);
    });

    it("what could not be told, and that it is tried again", async () => {
      const { as } = redriveScene([
        { id: "m-1", since: addSeconds(now, -60), fact: `${promotion.id}/3` },
        { id: "m-2", since: now },
      ]);
      const { undelivered, redrive, discard } = {
        undelivered: "/v1/notifications/undelivered",
        redrive: "/v1/notifications/redrive",
        discard: "/v1/notifications/discard",
      };
      expect((await ask(as(), "GET", undelivered)).json).toMatchObject({ undelivered: [{ type: "stage-opened" }] });
      expect((await ask(as(ines), "GET", undelivered)).json["code"]).toBe("forbidden");
      const body = { before: now };
      assertRequestMatches("POST", redrive, body);
      expect((await ask(as(), "POST", redrive, { body })).json).toMatchObject({ redriven: [{ type: "stage-opened" }] });
      expect((await ask(as(), "POST", redrive, { body: {} })).json["code"]).toBe("invalid-request");
      const given = { message: "m-2", reason: "Nobody is there." };
      assertRequestMatches("POST", discard, given);
      expect((await ask(as(), "POST", discard, { body: given })).json).toMatchObject({ discarded: { message: "m-2" } });
      expect((await ask(as(), "POST", discard, { body: given })).json["code"]).toBe("not-found");
      expect((await ask(as(), "POST", discard, { body: {} })).json["code"]).toBe("invalid-request");
    });

    it("what somebody filled in in Slack, and what is refused there", async () => {
      const form = {
        kind: "filled-in",
        deed: "ask",
        promotion: promotion.id,
        user: { id: "U0" },
        dialog: "V0",
        text: "?",
      } as const;
      const respond = answerSlack({
        now: () => now,
        portalUrl: "https://portal.example",
        people: [],
        groups: [],
        directory,
        promotions,
        turns: new MemoryTurnBooks(),
        mac: async (text) => mac(text),
        receive: async ({ body }) => {
          if (body.length > 2) throw new Failure("token-invalid", "The request is not signed.");
          return { event: form, first: async () => true, show: async () => undefined };
        },
        inItsPlace: (dialog) => ({ response_action: "update", view: dialog }),
      });
      expect((await ask(respond, "POST", "/v1/slack/interactions")).json).toHaveProperty("view");
      expect((await ask(respond, "POST", "/v1/slack/interactions", { body: "payload=1" })).json["code"]).toBe(
        "token-invalid",
      );
    });

    it("the deployment", async () => {
      const settings = {
        issuer,
        portalClientId: "portal",
        cliClientId: "cli",
        attestationBase,
        logOrigin: "countersign.example/ledger",
        audiences: ["portal", "cli"],
        subjectClaim: "oid" as const,
        passkeys: { rpId: "sign.example", origins: ["https://sign.example"] },
      };
      const respond = describeService({
        settings,
        attestationKeys: async () => [attestation.key, attestationKey().key],
        checkpointKeys: async () => [7, 8].map((seed) => testSigner("countersign.example/ledger", seed).publicKey),
      });
      expect((await ask(respond, "GET", "/v1/service")).json).toMatchObject(settings);
    });

    it("the ledger's checkpoint, and that there is none yet", async () => {
      const signer = testSigner("countersign.example/ledger", 7);
      const note = await signCheckpoint({ size: 3, root: new Uint8Array(32) }, signer, addSeconds(now, 0));
      const route = "/v1/audit/checkpoint";
      expect((await ask(readCheckpoint({ readCheckpoint: async () => note }), "GET", route)).status).toBe(200);
      const empty = await ask(readCheckpoint({ readCheckpoint: async () => undefined }), "GET", route);
      expect(empty.json["code"]).toBe("not-found");
    });
  });
}
