import { describe, expect, it } from "vitest";
import type { ApiClient, Problem } from "../../portal/src/api/client.ts";
import type { AttestationsAnswer } from "../../portal/src/api/contract.ts";
import { fetchAttestations } from "../../portal/src/receipts/fetch-attestations.ts";
import { ownReceipts } from "../../portal/src/receipts/receipt.ts";
import { mock } from "../functions/mock.ts";

const signed = (id: string) => ({ id, envelope: { payload: id, payloadType: "x", signatures: [] } });

/** What the service answers page by page; an answer that is a problem is one. */
function answering(pages: Readonly<Record<string, AttestationsAnswer | Problem>>): ApiClient {
  const get = async (path: string) => {
    const page = pages[path];
    if (page === undefined) throw new Error(`Nobody asks for ${path}.`);
    return "code" in page
      ? { kind: "problem" as const, problem: page }
      : { kind: "ok" as const, value: page, headers: new Headers() };
  };
  return mock<ApiClient>("client", { get: get as ApiClient["get"] });
}

const path = "/v1/promotions/p-1/attestations?own=true";
const first: AttestationsAnswer = { promotion: "p-1", signOffs: [signed("a")], loans: [signed("loan")], next: 1 };

describe("what somebody signed in a promotion", () => {
  it("is asked for however many pages that is, and kept as a whole", async () => {
    const client = answering({
      [path]: first,
      [`${path}&from=1`]: { promotion: "p-1", signOffs: [signed("b")], next: 2 },
      [`${path}&from=2`]: { promotion: "p-1", signOffs: [signed("c")] },
    });
    const reply = await fetchAttestations(client, "p-1", { own: true });
    if (reply.kind === "problem") throw new Error(reply.problem.sentence);
    const { name, text } = ownReceipts(reply.value) ?? expect.unreachable();
    expect(name).toBe("receipts-p-1.json");
    expect(JSON.parse(text)).toEqual({
      promotion: "p-1",
      signOffs: ["a", "b", "c"].map(signed),
      loans: [signed("loan")],
    });
  });

  it("is nothing to keep where a page of it does not come", async () => {
    const problem = { code: "unreachable", sentence: "Countersign cannot be reached at the moment." };
    const reply = await fetchAttestations(answering({ [path]: first, [`${path}&from=1`]: problem }), "p-1", {
      own: true,
    });
    expect(reply).toEqual({ kind: "problem", problem });
  });

  it("may be a request for a loan alone", () => {
    expect(ownReceipts({ promotion: "p-1", signOffs: [], loans: [signed("loan")] })?.text).toContain('"loan"');
    expect(ownReceipts({ promotion: "p-1", signOffs: [] })).toBeUndefined();
  });
});
