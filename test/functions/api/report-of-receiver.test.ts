import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import { id, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { type PassportSceneOptions, passportScene } from "./passport-scene.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const target = {
  name: "edge",
  kind: "webhook",
  endpoint: "edge/credit-scoring",
  url: "https://deploy.example/in",
  secret: "edge-deployer",
  withinSeconds: 3600,
} as const;
const text = JSON.stringify({ promotion: id, outcome: "deployed", detail: "Rolled out to 40 devices." });

/** As a receiver signs with the standard's own library. */
function signed(body = text, at = now, by = secret) {
  const signature = new Webhook(by).sign("msg_1", new Date(at), body);
  return {
    "content-type": "application/json",
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(msOfInstant(at) / 1000)),
    "webhook-signature": signature,
  };
}
const scene = (over: PassportSceneOptions = {}) =>
  passportScene({ target, secrets: { "edge-deployer": secret }, ...over });

describe("a receiver's report of its deployment", () => {
  it("is recorded once, as its own", async () => {
    const { reportSigned, promotions } = await scene();
    expect(await reportSigned(text, signed())).toEqual({ status: 201, json: { promotion: id, outcome: "deployed" } });
    expect((await reportSigned(text, signed())).status).toBe(200);
    expect(promotions.recordedFacts()).toMatchObject([
      { type: "deployment-reported", summary: "The receiver reported of edge: deployed. Rolled out to 40 devices." },
    ]);
  });

  it("is taken while a secret is changed, with two signatures", async () => {
    const { reportSigned } = await scene();
    const other = signed(text, now, `whsec_${Buffer.alloc(32, 8).toString("base64")}`)["webhook-signature"];
    const headers = { ...signed(), "webhook-signature": `${other} ${signed()["webhook-signature"]}` };
    expect((await reportSigned(text, headers)).status).toBe(201);
  });

  it.each<[string, Readonly<Record<string, string>>, PassportSceneOptions]>([
    ["with another secret", signed(text, now, `whsec_${Buffer.alloc(32, 8).toString("base64")}`), {}],
    ["over another body", signed(`${text} `), {}],
    ["under another id", { ...signed(), "webhook-id": "msg_2" }, {}],
    ["six minutes ago", signed(text, addSeconds(now, -360)), {}],
    ["six minutes from now", signed(text, addSeconds(now, 360)), {}],
    ["by nobody", { ...signed(), "webhook-signature": "v1," }, {}],
    ["without a time", { ...signed(), "webhook-timestamp": "" }, {}],
    ["where the deployment has no such secret", signed(), { secrets: {} }],
    [
      "for a target that a pipeline deploys to",
      signed(),
      { target: { ...target, kind: "pipeline", audiences: [] } as never },
    ],
    ["for what Countersign deploys", signed(), { target: manifest.target }],
  ])("is not taken signed %s", async (_, headers, over) => {
    const { reportSigned, promotions } = await scene(over);
    expect(await refused(reportSigned(text, headers))).toEqual({
      code: "unauthenticated",
      sentence: "This is not signed by the receiver of the promotion's target.",
    });
    expect(promotions.recordedFacts()).toEqual([]);
  });

  it.each([
    ["about another promotion", { promotion: `${id}1` }, "The report is about another promotion."],
    ["about none, which could be sent again for any", {}, "The request cannot be read: promotion is missing."],
  ])("is not taken %s, however well it is signed", async (_, over, sentence) => {
    const { reportSigned, promotions } = await scene();
    const body = JSON.stringify({ ...over, outcome: "failed", detail: "It did not start." });
    expect(await refused(reportSigned(body, signed(body)))).toEqual({ code: "invalid-request", sentence });
    expect(promotions.recordedFacts()).toEqual([]);
  });

  it("is taken of what is lent and began to be deployed, and of nothing that waits for no report", async () => {
    const begun = {
      type: "deployment-started",
      at: now,
      promotion: id,
      summary: "",
      body: {},
      attachments: [],
    } as const;
    const history = [{ ...begun, id: `${id}/1` }];
    const lent = await scene({ promotion: { status: "loaned", history } });
    expect((await lent.reportSigned(text, signed())).status).toBe(201);
    const notBegun = (["loaned", "approved", "in-review"] as const).map((status) => ({ status }));
    const over = (["expired", "failed", "deployed"] as const).map((status) => ({ status, history }));
    for (const promotion of [...notBegun, ...over]) {
      const { status } = promotion;
      const { reportSigned, promotions } = await scene({ promotion });
      expect(await refused(reportSigned(text, signed()))).toEqual({
        code: "conflict",
        sentence: `The promotion is ${status}: there is nothing to report.`,
      });
      expect(promotions.recordedFacts()).toEqual([]);
    }
  });

  it("is not taken about what is not there, in the words in which no signature is", async () => {
    const { reportSigned } = await scene();
    for (const unknown of [`${id.slice(0, -1)}2`, "p-0"])
      expect(await refused(reportSigned(text, signed(), unknown))).toEqual({
        code: "unauthenticated",
        sentence: "This is not signed by the receiver of the promotion's target.",
      });
  });

  it("is not taken from the pipeline that asked for the promotion", async () => {
    const { report } = await scene();
    expect((await refused(report({ outcome: "deployed", detail: "It runs." }))).sentence).toBe(
      "The target 'edge' is not deployed by the pipeline.",
    );
  });
});
