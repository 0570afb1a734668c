import { JwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { describe, expect, it, onTestFinished } from "vitest";

import { type CiJob, startCiIssuer } from "../../local/ci-issuer.ts";
import { scratchDirectory } from "./recorded-calls.ts";

const job: CiJob = {
  audience: "https://countersign.example",
  repository: "acme/credit-scoring",
  repository_id: "456789",
  repository_owner_id: "123456",
  sha: "a".repeat(40),
  environment: "production",
  job_workflow_ref: "acme/credit-scoring/.github/workflows/promote.yml@refs/heads/main",
  run_id: "42",
  actor: "ada",
  actor_id: "7",
};

async function open(directory = scratchDirectory()) {
  const ci = await startCiIssuer({ directory });
  onTestFinished(() => ci.close());
  const ask = (body: unknown, token = ci.requestToken) =>
    fetch(`${ci.url}/token`, {
      method: "POST",
      headers: { authorization: `bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const verify = (token: string, audience = job.audience) => {
    const fetcher = { fetch: async (uri: string) => (await fetch(uri)).arrayBuffer() };
    const settings = { issuer: ci.issuer, audience, jwksUri: ci.jwksUri };
    return JwtVerifier.create(settings, { jwksCache: new SimpleJwksCache({ fetcher }) }).verify(token);
  };
  return { ci, ask, verify, directory };
}

describe("a job's token", () => {
  it("has the claims that GitHub documents, under the new kind of subject", async () => {
    const { ci, verify } = await open();
    const claims = await verify(await ci.issueToken(job));
    expect(claims).toMatchObject({
      iss: ci.issuer,
      aud: job.audience,
      sub: "repo:acme-123456/credit-scoring-456789:environment:production",
      repository: "acme/credit-scoring",
      repository_id: "456789",
      repository_owner: "acme",
      repository_owner_id: "123456",
      environment: "production",
      ref: "refs/heads/main",
      sha: job.sha,
      job_workflow_ref: job.job_workflow_ref,
      run_id: "42",
      run_attempt: "1",
      actor: "ada",
      actor_id: "7",
      jti: expect.any(String),
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(300);
  });

  it("names the branch where the job names no environment", async () => {
    const { ci, verify } = await open();
    const { environment: _, ...bare } = job;
    const claims = await verify(await ci.issueToken(bare));
    expect(claims.sub).toBe("repo:acme-123456/credit-scoring-456789:ref:refs/heads/main");
    expect(claims).not.toHaveProperty("environment");
  });

  it("is for one audience and never the same twice", async () => {
    const { ci, verify } = await open();
    const [one, two] = await Promise.all([ci.issueToken(job), ci.issueToken(job)]);
    expect(one).not.toBe(two);
    await expect(verify(one, "https://elsewhere.example")).rejects.toThrow("Audience");
  });

  it("is given over HTTP to those who know the request token, before and after a restart", async () => {
    const { ask, directory, ci } = await open();
    const { value } = (await (await ask(job)).json()) as { value: string };
    const restarted = await open(directory);
    expect(restarted.ci.requestToken).toBe(ci.requestToken);
    const [header] = value.split(".");
    expect((await restarted.ci.issueToken(job)).split(".")[0]).toBe(header);
    expect((await ask(job, "guess")).status).toBe(401);
  });

  it("is given as a GitHub runner asks for it, with the job in the runner's address", async () => {
    const { ci, verify } = await open();
    const { audience, ...rest } = job;
    const runner = `${ci.url}/token?${new URLSearchParams(rest as Record<string, string>)}`;
    const get = (address: string, token: string) => fetch(address, { headers: { authorization: `Bearer ${token}` } });
    const { value } = (await (
      await get(`${runner}&audience=${encodeURIComponent(audience)}`, ci.requestToken)
    ).json()) as {
      value: string;
    };
    expect(await verify(value)).toMatchObject({ aud: audience, repository_id: "456789", run_id: "42" });
    expect((await get(runner, ci.requestToken)).status).toBe(400);
    expect((await get(runner, "guess")).status).toBe(401);
  });

  it.each([
    ["an unknown claim", { ...job, admin: "true" }, "admin"],
    ["an id that is a number", { ...job, run_id: 42 }, "run_id"],
    ["no commit", { ...job, sha: "main" }, "sha: must be a commit"],
  ])("is refused for %s", async (_what, body, reason) => {
    const response = await (await open()).ask(body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain(reason);
  });

  it("can be verified from the issuer's discovery document", async () => {
    const { ci } = await open();
    const discovery = await (await fetch(`${ci.issuer}/.well-known/openid-configuration`)).json();
    expect(discovery).toMatchObject({ issuer: ci.issuer, jwks_uri: ci.jwksUri });
  });
});
