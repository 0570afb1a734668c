import { describe, expect, it } from "vitest";
import { type Machine, mayReport } from "../../../core/approval/loading/load-machines.ts";
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
const jenkins: Machine = {
  ...github,
  name: "butler",
  provider: "jenkins",
  issuer: "butler",
  match: { sub: "https://jenkins.example.org/job/churn/job/main/" },
};
const job = { sub: "https://jenkins.example.org/job/churn/job/main/", build_number: 17, jti: undefined };
// As https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html shows a token.
const workload = {
  sub: "arn:aws:iam::123456789012:role/ChurnPipeline",
  "https://sts.amazonaws.com/": {
    aws_account: "123456789012",
    principal_tags: { team: "risk" },
    request_tags: { run: "churn:2f9c" },
  },
};
const aws: Machine = {
  ...github,
  name: "cloud",
  provider: "aws",
  issuer: "cloud",
  match: { sub: workload.sub, aws_account: "123456789012", "principal_tags.team": "risk" },
};
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
const stranger = (said: string) =>
  `forbidden: This pipeline is not among those that may submit here (policies/machines.yaml). ${said}`;
const says = (...claims: readonly string[]) => `Its token says: ${claims.join(", ")}.`;
const [project, main] = ["repository_id '74001'", "ref 'refs/heads/main'"];
const [role, account, team] = [`sub '${workload.sub}'`, "aws_account '123456789012'", "principal_tags.team 'risk'"];
const replayable = "token-invalid: The pipeline's token has no id (jti) or no end; it could be used again by others.";

const hook: Machine = {
  ...github,
  name: "sync-hook",
  issuer: "cluster",
  provider: "kubernetes",
  match: { sub: "system:serviceaccount:countersign-hooks:verdict" },
};

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

  it("of Jenkins is known by its job's URL, and its run is the build's", () => {
    const known = identifyMachine([github, jenkins], token(job, "butler"));
    expect(known).toMatchObject({
      machine: jenkins,
      run: { id: "https://jenkins.example.org/job/churn/job/main/17" },
      token: { id: expect.stringMatching(/^claims:[0-9a-f]{64}$/) },
    });
    expect(known).not.toHaveProperty("startedBy");
  });

  it("of Jenkins has tokens without an id: two are the same only if they say the same", () => {
    const idOf = (over: Record<string, unknown>) =>
      identifyMachine([jenkins], token({ ...job, ...over }, "butler")).token.id;
    expect(idOf({})).toBe(idOf({}));
    const others = [{ build_number: 18 }, { exp: claims.exp + 1 }, { iat: 1 }];
    expect(new Set([{}, ...others].map(idOf)).size).toBe(4);
  });

  it("in a cluster is known by its service account, and by no run", () => {
    const pod = { sub: hook.match["sub"], "kubernetes.io": { namespace: "countersign-hooks" } };
    const known = identifyMachine([hook], token(pod, "cluster"));
    expect(known).toMatchObject({ machine: hook, token: { id: "t-1" } });
    expect(known).not.toHaveProperty("run");
    expect(known).not.toHaveProperty("startedBy");
  });

  it("on AWS is known by its role's ARN, and by what STS says of it", () => {
    const known = identifyMachine([aws], token(workload, "cloud"));
    expect(known).toMatchObject({ machine: aws, run: { id: "churn:2f9c" }, token: { id: "t-1" } });
    expect(known).not.toHaveProperty("startedBy");
  });

  it.each([
    ["itself", workload.sub],
    ["a person", "theo@example.org"],
  ])("on AWS is known by the role that asked for the token, also where that says it acts for %s", (_, sub) => {
    const said = { ...workload["https://sts.amazonaws.com/"], principal_id: workload.sub };
    const known = identifyMachine([aws], token({ sub, "https://sts.amazonaws.com/": said }, "cloud"));
    expect(known.machine).toBe(aws);
  });

  it("on AWS need not say a run", () => {
    expect(
      identifyMachine([{ ...aws, match: { sub: workload.sub } }], token({ sub: workload.sub }, "cloud")),
    ).not.toHaveProperty("run");
  });

  it("need not say who started it, nor in which run", () => {
    const known = identifyMachine([github], token({ actor_id: "", run_id: 1.5 }));
    expect(known).not.toHaveProperty("startedBy");
    expect(known).not.toHaveProperty("run");
  });

  it.each<[string, MachineClaims, string]>([
    ["of another project", token({ repository_id: "74002" }), stranger(says("repository_id '74002'", main))],
    ["on another branch", token({ ref: "refs/heads/other" }), stranger(says(project, "ref 'refs/heads/other'"))],
    [
      "that does not say its project",
      token({ repository_id: undefined }),
      stranger(says("repository_id nothing", main)),
    ],
    ["of another CI system with the same claims", token({}, "other"), stranger("No entry is for the issuer 'other'.")],
    ["whose token has no id", token({ jti: undefined }), replayable],
    ["whose token has an empty id", token({ jti: "" }), replayable],
    ["whose token has an endless id", token({ jti: "x".repeat(256) }), replayable],
    ["whose token has no end", token({ exp: undefined }), replayable],
    ["whose token ends in words", token({ exp: "1790000000" }), replayable],
    ["of another job of Jenkins", token({ ...job, sub: `${job.sub}x` }, "butler"), stranger(says(`sub '${job.sub}x'`))],
    ["of Jenkins whose token has a strange id", token({ ...job, jti: 7 }, "butler"), replayable],
    ["of Jenkins whose token has no end", token({ ...job, exp: undefined }, "butler"), replayable],
    [
      "on AWS in another role",
      token({ ...workload, sub: `${workload.sub}2` }, "cloud"),
      stranger(says(`sub '${workload.sub}2'`, account, team)),
    ],
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_OriginIdentity.html: in the words of whoever let them in.
    [
      "on AWS in another role that acts for somebody called as ours is",
      token(
        {
          ...workload,
          "https://sts.amazonaws.com/": { ...workload["https://sts.amazonaws.com/"], principal_id: `${workload.sub}2` },
        },
        "cloud",
      ),
      stranger(says(`sub '${workload.sub}2'`, account, team)),
    ],
    [
      "on AWS of which STS says no principal that can be read",
      token({ ...workload, "https://sts.amazonaws.com/": { principal_id: {} } }, "cloud"),
      stranger(says("sub nothing", "aws_account nothing", "principal_tags.team nothing")),
    ],
    [
      "on AWS without tags",
      token({ ...workload, "https://sts.amazonaws.com/": null }, "cloud"),
      stranger(says(role, "aws_account nothing", "principal_tags.team nothing")),
    ],
    ["on AWS whose token has no id", token({ ...workload, jti: undefined }, "cloud"), replayable],
    [
      "on AWS with a tag of another kind",
      token({ ...workload, "https://sts.amazonaws.com/": { request_tags: { team: "risk" } } }, "cloud"),
      stranger(says(role, "aws_account nothing", "principal_tags.team nothing")),
    ],
  ])("%s is refused", (_, given, refusal) => {
    expect(told(codeOf(() => identifyMachine([github, jenkins, aws], given)))).toBe(refusal);
  });

  it("that is refused is not told what its entry expects, nor a claim at full length", () => {
    const refusal = told(codeOf(() => identifyMachine([github], token({ repository_id: "9".repeat(5000) }))));
    expect(refusal).not.toContain("74001");
    expect(refusal.length).toBeLessThan(500);
  });

  it("may use the longest id that is kept", () => {
    expect(identifyMachine([github], token({ jti: "x".repeat(255) })).token.id).toHaveLength(255);
  });

  it("reports about what it submits, and about what it may report on", () => {
    expect(["churn", "scoring", "fraud"].map((model) => mayReport(github, model))).toEqual([true, true, false]);
  });
});
