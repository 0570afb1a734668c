import { describe, expect, it } from "vitest";
import type { PromotionRequest } from "../../core/promotion/request.ts";
import { refused, send } from "./refusals.ts";
import { forged, reissued, unsigned } from "./tokens.ts";
import type { Trial } from "./trial.ts";

/** What `POST /v1/promotions` refuses. `files` are those of a good candidate. */
export function describeBadSubmissions(trial: Trial, files: () => ReadonlyMap<string, string>): void {
  const path = "/v1/promotions";
  const good = (): PromotionRequest => trial.cast.pipeline.requestFor(files(), "9.0.0", "900");

  describe("a submission", () => {
    it.each<[string, () => unknown, Parameters<typeof refused>[2]]>([
      ["cut off in the middle", () => '{"model":', [400, "malformed-json", /^Send one JSON object as the body\.$/]],
      ["that is a list", () => [], [400, "malformed-json", /one JSON object/]],
      [
        "with a field twice",
        () => JSON.stringify(good()).replace('{"model":', '{"target":"production","model":'),
        [400, "malformed-json", /at '\/target'/],
      ],
      ["with an unknown field", () => ({ ...good(), approve: true }), [400, "invalid-request", /approve/]],
      [
        "with a digest that is none",
        () => ({ ...good(), artifacts: good().artifacts.map((each) => ({ ...each, sha256: "abc" })) }),
        [400, "invalid-request", /64 lower-case hexadecimal digits/],
      ],
      [
        "of more than 128 KiB",
        () => ({ ...good(), padding: "x".repeat(600_000) }),
        [413, "body-too-large", /at most 131072 are taken/],
      ],
      ["of more than 10 MiB", () => `"${"x".repeat(11_000_000)}"`, [413, "body-too-large", /exchange bucket/]],
      [
        "of another model type than the matrix says the model is of",
        () => ({ ...good(), model: { ...good().model, type: "product-recommendation" } }),
        [400, "invalid-request", /is of the type 'credit-scoring' by the approval matrix/],
      ],
      ["for an unknown target", () => ({ ...good(), target: "moon" }), [422, "unknown-target", /there is: production/]],
      [
        "without evidence that the gates need",
        () => ({ ...good(), evidence: good().evidence.filter(({ kind }) => kind !== "bias") }),
        [422, "missing-evidence", /does not name: bias/],
      ],
      [
        "of a model that is not the pipeline's",
        () => ({ ...good(), model: { ...good().model, name: "payroll" } }),
        [403, "forbidden", /'credit-scoring-pipeline' may not submit the model 'payroll'/],
      ],
      [
        "by an author whom nobody knows",
        () => ({ ...good(), lineage: { ...good().lineage, trainedBy: [{ address: "ghost@example.com" }] } }),
        [422, "invalid-person", /g…@example\.com had a hand/],
      ],
    ])("%s is refused", async (_name, body, expected) => {
      await refused(trial, { path, body: body(), token: await trial.cast.pipeline.token() }, expected);
    });

    it("of another content type is refused", async () => {
      const token = await trial.cast.pipeline.token();
      const body = JSON.stringify(good());
      await refused(trial, { path, body, token, contentType: "text/plain" }, [
        415,
        "unsupported-media-type",
        /application\/json/,
      ]);
    });
  });

  describe("a pipeline's token", () => {
    const token = () => trial.cast.pipeline.token();
    const now = () => Math.floor(Date.now() / 1000);
    const reissuedWith = async (changes: Readonly<Record<string, unknown>>) =>
      reissued(trial.stack, "ci-issuer", await token(), changes);

    it.each<[string, () => Promise<string | undefined>, Parameters<typeof refused>[2]]>([
      ["that is not there", async () => undefined, [401, "unauthenticated", /bearer token/]],
      ["that is none", async () => "hello", [401, "token-invalid", /not a signed JSON Web Token/]],
      [
        "that has expired",
        () => reissuedWith({ iat: now() - 900, nbf: now() - 900, exp: now() - 1 }),
        [401, "token-expired", /ask the CI system for a new one/],
      ],
      [
        "of a foreign issuer",
        async () => forged(await token(), { iss: "https://ci.elsewhere.example" }),
        [401, "token-invalid", /not trusted here/],
      ],
      ["signed by somebody else", async () => forged(await token()), [401, "token-invalid", /trusted issuer/]],
      ["signed by nobody", async () => unsigned(await token()), [401, "token-invalid", /trusted issuer/]],
      [
        "for another audience",
        () => reissuedWith({ aud: "https://other.example" }),
        [401, "token-invalid", /another audience; ask for one for 'http/],
      ],
      [
        "without an id, which could be used again",
        () => reissuedWith({ jti: undefined }),
        [401, "token-invalid", /\(jti\)/],
      ],
      [
        "of a pipeline that may not submit",
        () => reissuedWith({ repository_id: "666" }),
        [403, "forbidden", /machines\.yaml/],
      ],
      [
        "in whose place a person's is sent",
        () => trial.cast.compliance.signIn("session"),
        [401, "token-invalid", /CI system that is not trusted/],
      ],
    ])("%s is refused", async (_name, made, expected) => {
      const bearer = await made();
      await refused(trial, { path, body: good(), ...(bearer === undefined ? {} : { token: bearer }) }, expected);
    });

    it("serves one request only, however often that is sent", async () => {
      const { pipeline } = trial.cast;
      const run = pipeline.nextRun();
      await pipeline.upload(files(), run);
      const request = { path, body: pipeline.requestFor(files(), "9.1.0", run), token: await pipeline.token(run) };
      expect((await send(trial, request)).status).toBe(202);
      expect((await send(trial, request)).status).toBe(200);
      const other = { ...request, body: pipeline.requestFor(files(), "9.2.0", run) };
      await refused(trial, other, [401, "token-replayed", /ask the CI system for a new one/]);
    });
  });
}
