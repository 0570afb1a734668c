import { describe, expect, it } from "vitest";
import { id, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { apiRequest } from "./api-request.ts";
import { passportScene } from "./passport-scene.ts";

const deployed = { outcome: "deployed", detail: "Rolled out to 40 devices." };

describe("a pipeline's report of its deployment", () => {
  it("is recorded, and decides nothing by itself", async () => {
    const { report, promotions } = await passportScene();
    expect(await report(deployed)).toEqual({ status: 201, json: { promotion: id, outcome: "deployed" } });
    expect(promotions.recordedFacts()).toMatchObject([
      {
        id: `${id}/deployment-reported`,
        type: "deployment-reported",
        summary: "The pipeline reported of edge: deployed. Rolled out to 40 devices.",
        body: deployed,
      },
    ]);
    expect(promotions.moves).toEqual([]);
  });

  it("is one: the same again is a retry, another is refused", async () => {
    const { report, promotions } = await passportScene();
    await report(deployed);
    expect((await report({ ...deployed, detail: "Once more." })).status).toBe(200);
    expect(await refused(report({ outcome: "failed", detail: "After all." }))).toEqual({
      code: "conflict",
      sentence: "It was reported before that the deployment is deployed.",
    });
    expect(promotions.recordedFacts()).toHaveLength(1);
  });

  it("is a retry too when the promotion has ended meanwhile", async () => {
    const scene = await passportScene();
    await scene.report(deployed);
    scene.promotions.put({ ...scene.promotions.stored(id), status: "deployed" });
    expect((await scene.report(deployed)).status).toBe(200);
  });

  it.each(["approved", "in-review", "deployed", "failed"] as const)(
    "comes to nothing while it is %s",
    async (status) => {
      const { report } = await passportScene({ promotion: { status } });
      expect((await refused(report(deployed))).sentence).toBe(
        `The promotion is ${status}: there is nothing to report.`,
      );
    },
  );

  it("of what is lent comes to nothing: pipelines are lent nothing", async () => {
    const begun = { type: "deployment-started", at: now, summary: "", body: {}, attachments: [] } as const;
    const history = [{ ...begun, id: `${id}/1`, promotion: id }];
    const { report } = await passportScene({ promotion: { status: "loaned", history } });
    expect((await refused(report(deployed))).sentence).toBe("The promotion is loaned: there is nothing to report.");
  });

  it("is not taken about what is not there, in the words in which another's is not", async () => {
    const { functions } = await passportScene();
    for (const unknown of [`${id.slice(0, -1)}2`, "p-0"])
      expect(await refused(functions.report(apiRequest({ json: deployed, parameters: { id: unknown } })))).toEqual({
        code: "not-found",
        sentence: "There is no such promotion.",
      });
  });

  it("is not taken from another pipeline", async () => {
    const { report } = await passportScene({ machine: { issuer: "https://ci.example", subject: "machine/other" } });
    expect((await refused(report(deployed))).code).toBe("not-found");
  });

  it("is not taken about what Countersign deploys", async () => {
    const { report } = await passportScene({ target: manifest.target });
    expect((await refused(report(deployed))).sentence).toBe("The target 'production' is not deployed by the pipeline.");
  });

  it.each([[{}], [{ outcome: "great", detail: "x" }], [{ outcome: "deployed" }], [{ ...deployed, more: 1 }]])(
    "is refused as %j",
    async (json) => {
      const { report } = await passportScene();
      expect((await refused(report(json))).code).toBe("invalid-request");
    },
  );
});
