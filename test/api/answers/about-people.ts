import { describe, expect, it } from "vitest";
import { delegationIdOf } from "../../../core/attestation/delegation-statement.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { readPasskeys } from "../../../functions/api/read-passkeys/handler.ts";
import { now, sam } from "../../core/promotion/promotion-in-review.ts";
import {
  routes as absenceRoutes,
  delegationRequest,
  delegationScene,
  given,
} from "../../functions/api/delegation-requests.ts";
import { device, guest, passkeyRequest, passkeyScene, routes } from "../../functions/api/passkey-requests.ts";
import { ask } from "../service-in-memory.ts";

export function answersAboutPeople(): void {
  describe("answers about passkeys are as openapi.yaml says", () => {
    it("what is done about one, and all of them", async () => {
      const { passkeys, respond } = passkeyScene();
      const parameters = { id: device.id as string };
      const done = [
        [routes.enrol, passkeyRequest("enrol"), {}],
        [routes.confirm, passkeyRequest("confirm", { by: sam }), { parameters }],
        [routes.revoke, passkeyRequest("revoke"), { parameters }],
      ] as const;
      for (const [route, body, at] of done) {
        expect((await ask(respond, "POST", route, { body, ...at })).status).toBe(201);
        expect((await ask(respond, "POST", route, { body, ...at })).status).toBe(200);
      }
      const read = (who: Member) =>
        readPasskeys({
          now: () => now,
          groups: sam.groups,
          passkeys,
          verifyPerson: async () => ({ ...who, authenticatedAt: now }),
        });
      const { json } = await ask(read(sam), "GET", routes.enrol);
      expect(json["passkeys"]).toMatchObject([{ id: device.id, revoked: { name: "Cora" } }]);
      expect((await ask(read(guest), "GET", routes.enrol)).json["code"]).toBe("forbidden");
      expect((await ask(read(sam), "GET", routes.enrol, { query: { owner: "you" } })).json["code"]).toBe(
        "invalid-request",
      );
    });

    it("refusals", async () => {
      const { respond } = passkeyScene();
      const code = async (body: object, route: string = routes.enrol) =>
        (await ask(respond, "POST", route, { body, parameters: { id: device.id } })).json["code"];
      const sent = passkeyRequest("enrol");
      expect(await code({ ...sent, assertion: device.assertion("another") })).toBe("passkey-invalid");
      expect(await code(passkeyRequest("confirm"), routes.confirm)).toBe("not-entitled");
      expect(await code(passkeyRequest("confirm", { by: sam }), routes.confirm)).toBe("not-found");
    });
  });

  describe("answers about absence are as openapi.yaml says", () => {
    it("who stands in for whom, and who is away", async () => {
      const { respond, as } = delegationScene();
      const { delegate, revoke, absence } = absenceRoutes;
      for (const [route, body, id] of [
        [delegate, delegationRequest("delegate"), undefined],
        [revoke, delegationRequest("revoke"), delegationIdOf(given)],
      ] as const) {
        const at = id === undefined ? {} : { parameters: { id } };
        expect((await ask(respond, "POST", route, { body, ...at })).status).toBe(201);
        expect((await ask(respond, "POST", route, { body, ...at })).status).toBe(200);
      }
      const until = addSeconds(now, 3600);
      expect((await ask(as(sam), "POST", absence, { body: { until } })).json).toEqual({ until });
      const { json } = await ask(as(sam), "GET", delegate);
      expect(json).toMatchObject({ absentUntil: until, delegations: [{ revokedAt: now }] });
      expect((await ask(as(guest), "POST", absence, { body: { until } })).json["code"]).toBe("forbidden");
    });
  });
}
