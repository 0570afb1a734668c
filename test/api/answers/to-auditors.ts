import { describe, expect, it } from "vitest";
import { failedExport, finishedExport, startedExport } from "../../../core/archive/export/export-job.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Respond } from "../../../functions/api/http.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { assertRequestMatches } from "../answer-matches.ts";
import { type Asked, ask, ines, service } from "../service-in-memory.ts";

const expired = new Failure("token-expired", "The sign-in has expired.");

export function answersToAuditors(): void {
  describe("answers to auditors are as openapi.yaml says", () => {
    const route = "/v1/audit/exports";
    const one = `${route}/{id}`;
    const { jobs, exportFor, parameters: promotion } = service();

    it("an export on its way, from the request to the pack, for whoever asked", async () => {
      const own = { promotion: promotion.id, withoutPersonalData: true };
      assertRequestMatches("POST", route, own);
      const asked = await ask(exportFor("pipeline"), "POST", route, { body: own });
      expect([asked.status, asked.headers["location"]]).toEqual([202, `${route}/${asked.json["id"]}`]);
      const parameters = { id: String(asked.json["id"]) };
      const look = async () => (await ask(exportFor("pipeline"), "GET", one, { parameters })).json["status"];
      const job = jobs.all()[0];
      const running = job === undefined ? undefined : startedExport(job, now);
      if (job === undefined || running === undefined) throw new Error("Nothing was asked for.");
      jobs.put(running);
      expect(await look()).toBe("running");
      jobs.put(failedExport(running, "There is nothing.", now));
      expect(await look()).toBe("failed");
      const ledger = { origin: "countersign.example/ledger", entries: 1, rootHash: `${"A".repeat(43)}=` };
      jobs.put(
        finishedExport(running, { file: "audit.zip", bytes: 1, sha256: sha256Hex(utf8("a pack")), ledger }, now),
      );
      expect(await look()).toBe("done");
      expect((await ask(exportFor(ines), "GET", one, { parameters })).json["code"]).toBe("not-found");
    });

    it("what is asked for wrongly, by the wrong one, or is not there", async () => {
      const code = async (respond: Respond, asked: Asked) => (await ask(respond, "POST", route, asked)).json["code"];
      const both = { promotion: promotion.id, model: "credit-scoring" };
      expect(() => assertRequestMatches("POST", route, both)).toThrow();
      expect(await code(exportFor(ines), { body: both })).toBe("invalid-request");
      expect(await code(exportFor("pipeline"), { body: {} })).toBe("forbidden");
      expect(await code(exportFor(expired), { body: {} })).toBe("token-expired");
      expect(await code(exportFor(ines), { body: " ".repeat(5000) })).toBe("body-too-large");
      expect(await code(exportFor(ines), { headers: { "Content-Type": "text/csv" } })).toBe("unsupported-media-type");
      const another = { promotion: "p-00000000000000000000000000000000-1" };
      expect(await code(exportFor(ines), { body: another })).toBe("not-found");
      expect((await ask(exportFor(expired), "GET", one, { parameters: { id: "x" } })).json["code"]).toBe(
        "token-expired",
      );
      const nobody = new Failure("forbidden", "You hold no role.");
      expect((await ask(exportFor(nobody), "GET", one, { parameters: { id: "x" } })).json["code"]).toBe("forbidden");
    });
  });
}
