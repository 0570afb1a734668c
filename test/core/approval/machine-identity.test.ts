import { describe, expect, it } from "vitest";
import { type Machine, mayReport } from "../../../core/approval/load-machines.ts";
import { identifyMachine, type MachineClaims } from "../../../core/approval/machine-identity.ts";
import { codeOf, told } from "../refusal.ts";

const github: Machine = {
  name: "pipeline",
  issuer: "ci",
  provider: "github",
  match: { repository_id: "74001", ref: "refs/heads/main" },
  submits: ["churn"],
  reports: ["scoring"],
};
const gitlab: Machine = { ...github, name: "lab", provider: "gitlab", issuer: "lab", match: { project_id: "7" } };
const claims = {
  repository_id: "74001",
  ref: "refs/heads/main",
  actor_id: "4007",
  user_id: "8",
  run_id: "55",
  pipeline_id: "9",
  jti: "t-1",
  exp: 1_790_000_000,
};
const token = (over: Record<string, unknown> = {}, issuerName = "ci"): MachineClaims => ({
  issuerName,
  issuer: "https://ci.example",
  claims: { ...claims, ...over },
});
const stranger = "forbidden: This pipeline is not among those that may submit here (policies/machines.yaml).";
const replayable = "token-invalid: The pipeline's token has no id (jti) or no end; it could be used again by others.";

describe("a pipeline", () => {
  it("is known by its claims, with its run and whoever started it", () => {
    expect(identifyMachine([gitlab, github], token())).toEqual({
      machine: github,
      identity: { issuer: "https://ci.example", subject: "machine/pipeline" },
      startedBy: { account: { provider: "github", id: "4007" } },
      run: { issuer: "https://ci.example", id: "55" },
      token: { issuer: "https://ci.example", id: "t-1", expiresAtSeconds: 1_790_000_000 },
    });
  });

  it("of GitLab is known by numbers as well", () => {
    expect(identifyMachine([github, gitlab], token({ project_id: 7, user_id: 8 }, "lab"))).toMatchObject({
      machine: gitlab,
      startedBy: { account: { provider: "gitlab", id: "8" } },
      run: { id: "9" },
    });
  });

  it("need not say who started it, nor in which run", () => {
    const known = identifyMachine([github], token({ actor_id: "", run_id: 1.5 }));
    expect(known).not.toHaveProperty("startedBy");
    expect(known).not.toHaveProperty("run");
  });

  it.each<[string, MachineClaims, string]>([
    ["of another project", token({ repository_id: "74002" }), stranger],
    ["on another branch", token({ ref: "refs/heads/other" }), stranger],
    ["that does not say its project", token({ repository_id: undefined }), stranger],
    ["of another CI system with the same claims", token({}, "other"), stranger],
    ["whose token has no id", token({ jti: undefined }), replayable],
    ["whose token has an empty id", token({ jti: "" }), replayable],
    ["whose token has an endless id", token({ jti: "x".repeat(256) }), replayable],
    ["whose token has no end", token({ exp: undefined }), replayable],
    ["whose token ends in words", token({ exp: "1790000000" }), replayable],
  ])("%s is refused", (_, given, refusal) => {
    expect(told(codeOf(() => identifyMachine([github], given)))).toBe(refusal);
  });

  it("may use the longest id that is kept", () => {
    expect(identifyMachine([github], token({ jti: "x".repeat(255) })).token.id).toHaveLength(255);
  });

  it("reports about what it submits, and about what it may report on", () => {
    expect(["churn", "scoring", "fraud"].map((model) => mayReport(github, model))).toEqual([true, true, false]);
  });
});
