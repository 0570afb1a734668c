import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SignOffStatement } from "../../core/attestation/sign-off-statement.ts";
import type { PromotionRequest } from "../../core/promotion/request.ts";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import { ended, taken } from "../../examples/credit-scoring/demo/acts.ts";
import { reviewerAt } from "../../examples/credit-scoring/demo/cast.ts";
import { stillUnused } from "../grants/explained-grants.ts";
import { deniedCalls } from "../grants/judge-calls.ts";
import { unusedGrants } from "../grants/unused-grants.ts";
import { AlteredAssembly } from "./altered-assembly.ts";
import { describeBadAddresses } from "./bad-addresses.ts";
import { describeBadAnything } from "./bad-anything.ts";
import { describeBadSignOffs } from "./bad-sign-offs.ts";
import { describeBadSubmissions } from "./bad-submissions.ts";
import { Operator } from "./operator.ts";
import { refused } from "./refusals.ts";
import { describeSecurityHeaders } from "./security-headers.ts";
import { Trial } from "./trial.ts";

const trial = new Trial();
const altered = new AlteredAssembly(trial.folder);
const models = ["open-scoring", "other-scoring", "rejected-scoring"] as const;
const files = buildCandidate("candidate", undefined, "2.0.0");
let open: string;
let other: string;
let rejected: string;
let beforeRejection: SignOffStatement;

beforeAll(async () => {
  altered.letSubmit(...models);
  const { pipeline, compliance } = await trial.start(altered.path);
  [open, other, rejected] = (await Promise.all(models.map(submitted))) as [string, string, string];
  for (const id of [open, other, rejected]) {
    await pipeline.until(id, "its review", ({ stage }) => stage?.open === true);
  }
  const officer = { roles: ["compliance-officer"], reason: "Not this one." } as const;
  beforeRejection = await compliance.statement(rejected, { ...officer, result: "approve" });
  await taken(compliance.decide(rejected, { ...officer, result: "reject" }));
  await ended(trial.cast, rejected, "rejected");
});

afterAll(() => trial.remove());

describeBadSubmissions(trial, () => files);
describeBadSignOffs(trial, () => ({ open, other, rejected, beforeRejection }));
describeBadAddresses(trial, () => open);
describeBadAnything(trial);
describeSecurityHeaders(trial);

describe("a candidate", () => {
  it.each<[string, (request: PromotionRequest) => Partial<PromotionRequest>, RegExp]>([
    [
      "whose bytes are others than declared",
      (request) => withModel(request, { sha256: digest("0") }),
      /^The bytes of 'model\.json' are not the declared ones: they do not hash to 0{64}\.$/,
    ],
    [
      "whose evidence is other than declared",
      ({ evidence }) => ({ evidence: evidence.map((each) => ({ ...each, sha256: digest("1") })) }),
      /^The bytes of 'evidence\..*' are not the declared ones/,
    ],
    [
      "whose model is not where the request says",
      (request) => withModel(request, { uri: `${modelOf(request)?.uri}.moved` }),
      /^'model\.json' is not where the request says it is\.$/,
    ],
    [
      "that lies in a bucket of its own",
      (request) => withModel(request, { uri: "s3://elsewhere/model.json" }),
      /^'model\.json' does not lie under incoming\/ of the exchange bucket/,
    ],
  ])("%s is blocked, and says why", async (name, change, reason) => {
    const { pipeline } = trial.cast;
    const run = pipeline.nextRun();
    await pipeline.upload(files, run);
    const request = pipeline.requestFor(files, `3.${run}.0`, run);
    const body = { ...request, ...change(request) };
    const answer = await pipeline.post("/v1/promotions", body, await pipeline.token(run));
    expect(answer.status, name).toBe(202);
    const promotion = await ended(trial.cast, String(answer.body["id"]), "blocked");
    expect(promotion.reason).toMatch(reason);
    expect(promotion.signOffs).toEqual([]);
  });
});

describe("a withdrawal", () => {
  it("of a promotion that has ended is refused", async () => {
    const request = {
      path: `/v1/promotions/${rejected}/withdrawal`,
      body: {},
      token: await trial.cast.pipeline.token(),
    };
    await refused(trial, request, [409, "already-decided", /is rejected; it cannot be withdrawn any more/]);
  });
});

describe("an export", () => {
  it("is refused to people without a role, and for a time that ends before it begins", async () => {
    const path = "/v1/audit/exports";
    const token = await reviewerAt(trial.stack, "priya").signIn("session");
    await refused(trial, { path, body: {}, token }, [403, "forbidden", /hold no role/]);
    const body = { from: "2026-11-02T00:00:00.000Z", to: "2026-11-01T00:00:00.000Z" };
    const officer = await trial.cast.compliance.signIn("session");
    await refused(trial, { path, body, token: officer }, [400, "invalid-request", /'from' must be before 'to'/]);
  });
});

describe("after all of it", () => {
  it("the promotion in review is as it was", async () => {
    expect(await trial.cast.pipeline.promotion(open)).toMatchObject({
      status: "in-review",
      stage: { index: 0, open: true },
      signOffs: [],
    });
  });

  it("there is one execution for each promotion that was accepted, and no other", async () => {
    const token = await trial.cast.compliance.signIn("session");
    const accepted: string[] = [];
    for (const model of ["credit-scoring", ...models]) {
      const answer = await fetch(
        `${trial.stack.addresses.portal}/v1/promotions?model=${model}&target=production&limit=100`,
        { headers: { authorization: `Bearer ${token}` } },
      );
      const { promotions } = (await answer.json()) as { readonly promotions: readonly { readonly id: string }[] };
      accepted.push(...promotions.map(({ id }) => id));
    }
    const executions = await new Operator(trial.stack).executions();
    expect(executions.toSorted()).toEqual(accepted.toSorted());
    // Three in review, one whose token was used twice, four that were blocked.
    expect(executions).toHaveLength(8);
  });

  it("no call was made that AWS would have denied", async () => {
    expect(await deniedCalls(trial.evidence())).toEqual([]);
    expect(stillUnused(unusedGrants(trial.evidence()), "bad-input")).toEqual([]);
  });
});

async function submitted(model: string): Promise<string> {
  const { pipeline } = trial.cast;
  const answer = await pipeline.submit(files, "2.0.0", model);
  expect(answer.status).toBe(202);
  return String(answer.body["id"]);
}

type DeclaredArtifact = PromotionRequest["artifacts"][number];

function modelOf({ artifacts }: PromotionRequest): DeclaredArtifact | undefined {
  return artifacts.find(({ role }) => role === "model");
}

function withModel(request: PromotionRequest, change: Partial<DeclaredArtifact>): Partial<PromotionRequest> {
  const model = modelOf(request);
  return { artifacts: request.artifacts.map((each) => (each === model ? { ...each, ...change } : each)) };
}

function digest(digit: string) {
  return digit.repeat(64) as PromotionRequest["artifacts"][number]["sha256"];
}
