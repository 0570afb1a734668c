import { describe, expect, it } from "vitest";
import { reviewLink } from "../../core/attestation/review-link.ts";
import { addSeconds, instantFromMs } from "../../core/encoding/instant.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { Operator } from "./operator.ts";
import { refused, send } from "./refusals.ts";
import { reissued } from "./tokens.ts";
import type { Trial } from "./trial.ts";

type Expected = Parameters<typeof refused>[2];

/** What review links, reads and routes refuse. `open` is a promotion in review. */
export function describeBadAddresses(trial: Trial, open: () => string): void {
  const linkUntil = (seconds: number) => {
    const target = { promotion: open() as PromotionId, stage: 0, reviewer: "somebody" };
    const operator = new Operator(trial.stack);
    return reviewLink(target, addSeconds(instantFromMs(Date.now()), seconds), (message) => operator.linkMac(message));
  };
  const altered = "link-invalid" as const;

  describe("a review link", () => {
    it.each<[string, () => Promise<string>, Expected]>([
      ["that was altered", async () => `${(await linkUntil(60)).slice(0, -2)}AA`, [404, altered, /altered on its way/]],
      [
        "that somebody prolonged",
        async () => (await linkUntil(60)).replace(/\.\d+\./, ".99999999999."),
        [404, altered, /altered on its way/],
      ],
      [
        "of another installation",
        () =>
          reviewLink(
            { promotion: open() as PromotionId, stage: 0, reviewer: "somebody" },
            addSeconds(instantFromMs(Date.now()), 60),
            async () => new Uint8Array(32),
          ),
        [404, altered, /not one of ours/],
      ],
      ["that is none", async () => "hello", [404, altered, /not one of ours/]],
      ["whose time is over", () => linkUntil(-1), [410, "link-expired", /Sign in to the portal/]],
    ])("%s is refused to programs, and explained to people by the portal", async (_name, made, expected) => {
      const path = `/r/${await made()}`;
      await refused(trial, { method: "GET", path }, expected);
      const inBrowser = await send(trial, { method: "GET", path }, { accept: "text/html,*/*;q=0.8" });
      expect(inBrowser.status).toBe(303);
      const about = expected[1] === "link-expired" ? `/${open()}` : "";
      expect(inBrowser.headers.get("location")).toBe(`${trial.stack.addresses.portal}/#/${expected[1]}${about}`);
      expect((await send(trial, { method: "HEAD", path })).status).toBe(expected[0]);
    });

    it.each(["", "hello/there", "hello/"])(
      "of which nothing is left but '/r/%s' is answered as one that is none",
      async (rest) => {
        const path = `/r/${rest}`;
        const toProgram = await send(trial, { method: "GET", path });
        expect([toProgram.status, toProgram.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
        expect(await toProgram.json()).toMatchObject({ code: altered });
        const inBrowser = await send(trial, { method: "GET", path }, { accept: "text/html,*/*;q=0.8" });
        expect(inBrowser.headers.get("location")).toBe(`${trial.stack.addresses.portal}/#/${altered}`);
      },
    );

    it("that is good leads to the page and nowhere else, and decides nothing", async () => {
      const path = `/r/${await linkUntil(60)}`;
      expect((await send(trial, { method: "HEAD", path })).status).toBe(303);
      // The distribution itself takes no other method here: nothing reaches the API.
      expect((await send(trial, { path, body: { decision: "approve" } })).status).toBe(403);
    });
  });

  describe("an address", () => {
    it.each<["GET" | "POST" | "PUT" | "DELETE", string]>([
      ["GET", "/v1/nothing"],
      ["GET", "/v1/promotions/a/b/c"],
      ["DELETE", "/v1/promotions"],
      ["PUT", "/v1/promotions/p-00000000000000000000000000000000-1"],
      ["GET", "/v1/promotions/p-00000000000000000000000000000000-1/sign-offs"],
      ["POST", "/v1/audit/checkpoint"],
    ])("%s %s that there is not is a problem document too", async (method, path) => {
      const body = method === "GET" ? {} : { body: {} };
      await refused(trial, { method, path, ...body }, [404, "not-found", /nothing at this address for this method/]);
    });

    it.each<[string, string, Expected]>([
      ["a status that is none", "/v1/promotions?status=lost", [400, "invalid-request", /in-review/]],
      ["a page of nothing", "/v1/promotions?limit=0", [400, "invalid-request", /from 1 to 100/]],
      ["a cursor that no listing gave", "/v1/promotions?cursor=bm9uc2Vuc2U", [400, "invalid-request", /cursor/]],
      [
        "a promotion that there is not",
        "/v1/promotions/p-00000000000000000000000000000000-1",
        [404, "not-found", /no such promotion/],
      ],
      ["an id that is none", "/v1/promotions/%2e%2e%2f", [404, "not-found", /no such promotion/]],
    ])("that asks for %s is refused", async (_name, path, expected) => {
      await refused(trial, { method: "GET", path, token: await trial.cast.compliance.signIn("session") }, expected);
    });

    it("shows nothing to whoever does not say who they are", async () => {
      for (const path of ["/v1/promotions", `/v1/promotions/${open()}`, `/v1/promotions/${open()}/attestations`]) {
        await refused(trial, { method: "GET", path }, [401, "unauthenticated", /bearer token/]);
      }
    });

    it("of a promotion does not exist for another pipeline, which cannot withdraw it either", async () => {
      const token = await reissued(trial.stack, "ci-issuer", await trial.cast.pipeline.token(), {
        ref: "refs/heads/x",
      });
      const path = `/v1/promotions/${open()}`;
      await refused(trial, { method: "GET", path, token }, [403, "forbidden", /machines\.yaml/]);
      await refused(trial, { path: `${path}/withdrawal`, body: {}, token }, [403, "forbidden", /machines\.yaml/]);
    });
  });
}
