import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { completedRequest, draftRequest } from "../../../cli/candidate-files.ts";
import { exitCodes, type Outcome, outcomeWords, signalCodes } from "../../../cli/exit-codes.ts";
import { loadMachines, machineProviders } from "../../../core/approval/loading/load-machines.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { parsePromotionRequest } from "../../../core/promotion/request.ts";
import { namedCommands, unknownToTheCommandLine } from "./named-commands.ts";

const folder = "examples/ci";
const read = (path: string) => readFileSync(path, "utf8");
const files = globSync(`${folder}/{github,gitlab,jenkins}/*`);
const guide = read("docs/ci.md");

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** Why bash cannot read a script; empty where it can. */
function syntaxErrors(script: string): string {
  return spawnSync("bash", ["-n"], { input: script, encoding: "utf8" }).stderr;
}

describe("the examples for CI systems", () => {
  it.each(files)("%s names only what the command line has", (file) => {
    expect(unknownToTheCommandLine(read(file))).toEqual([]);
  });

  it("submit and wait on every system", () => {
    for (const file of ["github/action.yml", "gitlab/countersign.gitlab-ci.yml", "jenkins/Jenkinsfile"]) {
      const names = namedCommands(read(`${folder}/${file}`)).map(({ name }) => name);
      expect([file, ...names]).toEqual([file, "submit", "wait"]);
    }
  });

  it.each(files)("%s needs no secret that is kept anywhere", (file) => {
    expect(read(file)).not.toMatch(/secrets\.|password|AWS_SECRET_ACCESS_KEY|usernamePassword/i);
  });
});

describe("the package that an example installs", () => {
  const { install = "" } = Object.fromEntries(
    (parse(read(`${folder}/github/action.yml`)) as { runs: { steps: readonly Step[] } }).runs.steps.map(
      ({ id = "", run }) => [id, run],
    ),
  );
  const { before_script: before } = (
    parse(read(`${folder}/gitlab/countersign.gitlab-ci.yml`)) as Record<string, { before_script: readonly string[] }>
  )[".countersign"] ?? { before_script: [] };
  const [, jenkins = ""] = /'''\n(.+?)'''/s.exec(read(`${folder}/jenkins/Jenkinsfile`)) ?? [];
  const content = "of a newer deployment";
  const known = sha256Hex(new TextEncoder().encode(content));

  /** What a job says and how it ends, where the deployment hands out a package of these bytes. */
  function installing(script: string, sha256: string, url = "https://sign.example") {
    const job = mkdtempSync(join(tmpdir(), "countersign-job-"));
    onTestFinished(() => rmSync(job, { recursive: true }));
    const doubles = `curl() { printf '%s' '${content}' > countersign.tgz; }; npm() { echo installed; }\n`;
    const variables = { SHA256: sha256, COUNTERSIGN_SHA256: sha256, COUNTERSIGN_URL: url, PACKAGE: "" };
    const { status, stdout } = spawnSync("bash", ["-eo", "pipefail"], {
      input: doubles + script,
      cwd: job,
      env: {
        PATH: process.env["PATH"],
        ...variables,
        RUNNER_TEMP: job,
        WORKSPACE: job,
        GITHUB_PATH: join(job, "path"),
      },
      encoding: "utf8",
    });
    return { status, stdout };
  }

  it.each([
    ["GitHub Actions", install],
    ["GitLab", before.join("\n")],
    ["Jenkins", jenkins],
  ])("is run by %s where its bytes are known alone, and says what to do where they are not", (_, script) => {
    expect(installing(script, known)).toEqual({ status: 0, stdout: "installed\n" });
    const { status, stdout } = installing(
      script,
      known.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
    );
    expect(status).toBe(1);
    expect(stdout).not.toContain("installed");
    expect(stdout).toContain("A new deployment has a new one, so review it, and change the digest.");
  });

  it("is not looked for where nobody said which deployment it is of", () => {
    const { status, stdout } = installing(install, known, "");
    expect([status, stdout]).toEqual([1, "::error::The input url is empty. Is the variable set that it comes from?\n"]);
    const gitlab = installing(before.join("\n"), known, "");
    expect(gitlab.status).toBe(1);
    expect(gitlab.stdout).toMatch(/^COUNTERSIGN_URL or COUNTERSIGN_SHA256 is empty: set both .*\n$/);
  });

  it("is not called another one where nobody said which its bytes are", () => {
    const { status, stdout } = installing(install, "");
    expect([status, stdout]).toEqual([
      1,
      "::error::The input sha256 is empty. Is the variable set that it comes from?\n",
    ]);
    const gitlab = installing(before.join("\n"), "");
    expect(gitlab.status).toBe(1);
    expect(gitlab.stdout).toMatch(/^COUNTERSIGN_URL or COUNTERSIGN_SHA256 is empty: set both .*\n$/);
  });
});

describe("an example that names what is not there", () => {
  it.each([
    ["npx countersign wait p-1 --patience 5d", ["wait --patience"]],
    ["npx countersign approve p-1", ["approve"]],
    ['answer=$(countersign submit --files x --upload "$D")', ["submit --files"]],
    ["script: 'countersign/bin/countersign watch p-1'", ["watch"]],
  ])("is seen: %s", (text, unknown) => {
    expect(unknownToTheCommandLine(text)).toEqual(unknown);
  });
});

describe("the GitHub action", () => {
  const action = parse(read(`${folder}/github/action.yml`)) as {
    readonly inputs: Readonly<Record<string, { readonly required: boolean; readonly default?: string }>>;
    readonly outputs: Readonly<Record<string, { readonly value: string }>>;
    readonly runs: { readonly using: string; readonly steps: readonly Step[] };
  };
  const workflow = parse(read(`${folder}/github/promote.yml`)) as {
    readonly permissions: unknown;
    readonly jobs: {
      readonly train: { readonly permissions: unknown; readonly steps: readonly Step[] };
      readonly promote: {
        readonly permissions: unknown;
        readonly environment: string;
        readonly steps: readonly Step[];
      };
    };
  };

  it("is composed of scripts that bash can read, with nothing written into them by GitHub", () => {
    expect(action.runs.using).toBe("composite");
    for (const { run = "", shell } of action.runs.steps.filter(({ uses }) => uses === undefined)) {
      expect(shell).toBe("bash");
      expect(run).not.toContain("${{");
      expect(syntaxErrors(run)).toBe("");
    }
  });

  it("says where the promotion is, and of nobody that they are waited for before the gates are passed", () => {
    const job = mkdtempSync(join(tmpdir(), "countersign-job-"));
    onTestFinished(() => rmSync(job, { recursive: true }));
    const [summary, output] = [join(job, "summary"), join(job, "output")];
    const { status } = spawnSync("bash", ["-eo", "pipefail"], {
      input: action.runs.steps.find(({ id }) => id === "submit")?.run ?? "exit 9",
      env: {
        PATH: process.env["PATH"],
        COUNTERSIGN_URL: "https://sign.example/",
        PROMOTION: "p-1",
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      },
      encoding: "utf8",
    });
    expect([status, read(summary)]).toEqual([
      0,
      "Promotion [p-1](https://sign.example/#/promotions/p-1): its gates come first, and then people decide.\n",
    ]);
    expect(read(output)).toBe("promotion=p-1\npage=https://sign.example/#/promotions/p-1\n");
  });

  it("gives out what its steps say", () => {
    for (const [name, { value }] of Object.entries(action.outputs)) {
      const [, id = "", output = ""] = /^\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}$/.exec(value) ?? [];
      expect(output).toBe(name);
      expect(action.runs.steps.find((step) => step.id === id)?.run).toContain(`"${output}=`);
    }
  });

  // GitHub's runners have jq; whoever runs the tests need not.
  const jq = spawnSync("jq", ["--version"]).status === 0;
  it.runIf(jq)("ends a job with the reason of whoever said no, which is no command of its own", () => {
    const { run = "" } = action.runs.steps.find(({ id }) => id === "wait") ?? {};
    const job = mkdtempSync(join(tmpdir(), "countersign-job-"));
    onTestFinished(() => rmSync(job, { recursive: true }));
    const waited = (answer: string, code: number) => {
      const double = `countersign() { printf '%s' "$ANSWER"; return ${code}; }\n`;
      const { status, stdout } = spawnSync("bash", ["-eo", "pipefail"], {
        input: double + run,
        env: {
          ...{ PATH: process.env["PATH"], ANSWER: answer, PROMOTION: "p-1", TIMEOUT: "1m" },
          ...{ GITHUB_OUTPUT: join(job, "output"), GITHUB_STEP_SUMMARY: join(job, "summary") },
        },
        encoding: "utf8",
      });
      return { status, stdout };
    };
    const reason = "90% of it is wrong.\n::set-output name=outcome::deployed";
    expect(waited(JSON.stringify({ status: "rejected", reason }), exitCodes.rejected)).toEqual({
      status: exitCodes.rejected,
      stdout: "::error title=Countersign, rejected::90%25 of it is wrong.%0A::set-output name=outcome::deployed\n",
    });
    expect(waited("", exitCodes.unreachable).stdout).toBe(
      "::error title=Countersign, unknown::The log of this step says why.\n",
    );
    expect(waited(JSON.stringify({ status: "deployed" }), 0)).toEqual({ status: 0, stdout: "" });
    expect(readFileSync(join(job, "output"), "utf8")).toBe("outcome=rejected\noutcome=unknown\noutcome=deployed\n");
  });

  it("is used with inputs that it has, and with all that it must have", () => {
    const use = workflow.jobs.promote.steps.find(({ uses }) => uses?.startsWith("example/countersign/") ?? false);
    const given = Object.keys(use?.with ?? {});
    expect(given.filter((name) => !(name in action.inputs))).toEqual([]);
    const needed = Object.entries(action.inputs).filter(([, { required }]) => required);
    expect(needed.filter(([name]) => !given.includes(name))).toEqual([]);
  });

  it("is run by a job that may ask GitHub who it is, and may do nothing else", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect(workflow.jobs.promote.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(workflow.jobs.promote.environment).toBe("production");
  });

  it("keeps what trains from asking GitHub who it is", () => {
    expect(workflow.jobs.train.permissions).toEqual({ contents: "read" });
    expect(workflow.jobs.promote.steps.flatMap(({ run = [] }) => run)).toEqual([]);
  });

  it("takes the actions of others by their commits", () => {
    const steps = [...Object.values(workflow.jobs).flatMap((job) => job.steps), ...action.runs.steps];
    const others = steps.flatMap(({ uses = [] }) => uses);
    expect(others).toHaveLength(6);
    for (const each of others) expect(each).toMatch(/^[\w-]+\/[\w-]+(?:\/[\w/-]+)?@[0-9a-f]{40}$/);
  });
});

describe("the GitLab template", () => {
  type Job = Readonly<Record<string, unknown>> & { readonly extends?: string; readonly script?: readonly string[] };
  const { stages, ...all } = parse(read(`${folder}/gitlab/countersign.gitlab-ci.yml`)) as {
    stages: readonly string[];
  } & Readonly<Record<string, Job>>;
  const jobs = Object.entries(all as Readonly<Record<string, Job>>).filter(([name]) => !name.startsWith("."));
  const whole = ([, job]: (typeof jobs)[number]): Job => ({ ...(all[job.extends ?? ""] as Job | undefined), ...job });

  it("has a job to submit and one to wait, each in a stage of its own", () => {
    expect(jobs.map(([name]) => name)).toEqual(["submit-candidate", "await-decision"]);
    expect(jobs.map(([, { stage }]) => stage)).toEqual(stages);
  });

  it("has a token for the deployment in each of them, on the protected default branch only", () => {
    for (const job of jobs.map(whole)) {
      expect(job["id_tokens"]).toMatchObject({ COUNTERSIGN_TOKEN: { aud: "$COUNTERSIGN_URL" } });
      expect(job["rules"]).toEqual([
        { if: '$CI_COMMIT_REF_PROTECTED == "true" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' },
      ]);
    }
  });

  it("has scripts that bash can read, and tries again only what may pass", () => {
    for (const job of jobs.map(whole)) {
      expect(syntaxErrors((job.script ?? []).join("\n"))).toBe("");
      expect(job["retry"]).toMatchObject({ exit_codes: [exitCodes.unreachable] });
    }
  });
});

describe("the Jenkinsfile", () => {
  const text = read(`${folder}/jenkins/Jenkinsfile`);
  // Without comments and strings, so that what is left is the structure.
  const structure = text.replace(/^\s*\/\/.*$/gm, "").replace(/'[^'\n]*'|"[^"\n]*"/g, "");

  it("opens what it closes", () => {
    const open: string[] = [];
    const closes: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
    for (const [sign] of structure.matchAll(/[()[\]{}]/g)) {
      if (closes[sign] === undefined) open.push(sign);
      else expect(open.pop()).toBe(closes[sign]);
    }
    expect(open).toEqual([]);
  });

  it("is a declarative pipeline whose stages have steps", () => {
    expect(structure).toMatch(/^pipeline \{/m);
    expect(structure.match(/\bstage\(/g)).toHaveLength(3);
    expect(structure.match(/\bsteps \{/g)).toHaveLength(3);
  });

  it("runs the command line only where a token of the build is bound", () => {
    const bound = text.split("withCredentials([").slice(1);
    expect(bound).toHaveLength(2);
    for (const block of bound)
      expect(block).toMatch(/credentialsId: 'countersign', variable: 'COUNTERSIGN_TOKEN'[\s\S]*bin\/countersign/);
    expect(text.split("withCredentials([")[0]).not.toContain("bin/countersign");
  });

  it("waits in rounds that are shorter than its token, and goes on only after what may pass", () => {
    expect(text).toContain("--timeout 50m");
    expect(text).toContain(`code == ${exitCodes.timeout} || code == ${exitCodes.unreachable}`);
  });
});

describe("docs/ci.md", () => {
  it("shows a request that is taken once its files are measured and uploaded", () => {
    const [, shown = ""] = /^```json request\n([\s\S]*?)^```$/m.exec(guide) ?? [];
    const draft = draftRequest(JSON.parse(shown));
    const files = [...draft.artifacts, ...draft.evidence].map(({ name, mediaType, path = name }) => {
      const file = { name, mediaType, path, location: path, size: 1, sha256: "0".repeat(64) as Sha256 };
      return [name, { file, uri: `s3://exchange/incoming/1/${path}` }] as const;
    });
    expect(parsePromotionRequest(completedRequest(draft, new Map(files))).model.name).toBe("credit-scoring");
  });

  it("names only what the command line has", () => {
    expect(namedCommands(guide).length).toBeGreaterThan(1);
    expect(unknownToTheCommandLine(guide)).toEqual([]);
  });

  it("lists every exit code with its outcome, and those of signals", () => {
    const rows = (Object.entries(exitCodes) as [Outcome, number][]).map(
      ([outcome, code]) => `| ${code} | \`${outcome}\` | ${outcomeWords[outcome]} |`,
    );
    expect(
      guide
        .split("<!-- exit codes -->\n")[1]
        ?.split("\n")
        .slice(2, 2 + rows.length),
    ).toEqual(rows);
    expect(guide).toContain(`${signalCodes.SIGINT} and ${signalCodes.SIGTERM} are Ctrl-C and a cancelled job.`);
  });

  it("has a pipeline for each provider that machines.yaml knows, in a file that loads", () => {
    const [, text = ""] = /^```yaml machines\n([\s\S]*?)^```$/m.exec(guide) ?? [];
    const loaded = loadMachines(text);
    if (loaded.kind === "refused") throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.value.map(({ provider }) => provider)).toEqual([...machineProviders]);
  });
});
