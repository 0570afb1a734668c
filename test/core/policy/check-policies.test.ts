import { describe, expect, it } from "vitest";
import { channelKinds } from "../../../cli/policy/channel-kinds.ts";
import { checkPolicies } from "../../../core/policy/check-policies.ts";
import type { PolicyTexts } from "../../../core/policy/policy-files.ts";
import { changed, check, now } from "./checked-policies.ts";
import { everybody, shippedTexts } from "./policy-texts.ts";

const anotherRule = `
  - modelType: fraud
    target: production
    expiresAfter: 1d
    stages: [{ name: look, requires: { role: sre } }]
`;

describe("checking policies", () => {
  it("finds nothing in the shipped ones, with two people for every role", () => {
    expect(check()).toMatchObject({ holds: true, findings: [], notes: [] });
    expect(check().rules.map(({ number, seats, reachable }) => [number, seats, reachable])).toEqual([
      [1, 1, "always"],
      [2, 3, "always"],
      [3, 1, "always"],
      [4, 1, "always"],
      [5, 1, "always"],
      [6, 2, "always"],
    ]);
  });

  it("says what it did not look at without a directory", () => {
    const { holds, rules, notes } = checkPolicies(shippedTexts, undefined, now, channelKinds);
    expect(holds).toBe(true);
    expect(rules[1]).toEqual({ number: 2, modelType: "credit-scoring", target: "production", seats: 3, cases: 1 });
    expect(notes).toEqual([expect.stringContaining("no directory was given")]);
  });

  it("names a file that is not there, and goes on with the others", () => {
    const { "targets.yaml": _, ...texts } = shippedTexts;
    const { holds, findings, rules } = checkPolicies(texts, everybody, now, channelKinds);
    expect(holds).toBe(false);
    expect(findings).toMatchObject([
      {
        ...{ severity: "error", file: "targets.yaml" },
        sentence:
          "The file is not there. A folder of policies has all of its files: begin with those that Countersign ships.",
      },
    ]);
    expect(rules).toHaveLength(6);
  });

  it("finds targets by which what another asks for could be got round", () => {
    const twin = `${shippedTexts["targets.yaml"]}  twin:
    kind: sagemaker-endpoint
    endpoint: "{model}"
    instanceType: ml.m5.large
    instanceCount: 1
`;
    expect(check({ "targets.yaml": twin }).told).toContainEqual(
      expect.stringMatching(
        /^error targets\.yaml:\d+ targets\.twin\.endpoint: 'production' and 'twin' are one place, so what one asks for could be got round by way of the other\.$/,
      ),
    );
  });

  it("finds a target in which one model would take the place of another that was approved for it", () => {
    const fixed = changed("targets.yaml", 'endpoint: "{model}"', "endpoint: scoring");
    const crowded = (over: PolicyTexts) =>
      check({ ...fixed, ...over }).told.filter((each) => each.includes("each replaces"));
    expect(crowded({})).toEqual([
      "warning targets.yaml:8 targets.production.endpoint: 'credit-scoring', 'product-recommendation', 'home-recommendation' and 'overdraft-scoring' are one place in 'production', so each replaces what was approved of another: let the endpoint hold {model}.",
    ]);
    // Of models that no rule lets come there nothing is said.
    expect(
      crowded(
        changed(
          "machines.yaml",
          "submits: [credit-scoring, product-recommendation, home-recommendation, overdraft-scoring]",
          "submits: [credit-scoring]",
        ),
      ),
    ).toEqual([]);
  });

  it("is warned of a container of an InferenceService that KServe calls otherwise", () => {
    const kserve = changed("targets.yaml", "workload: deployment", "workload: inference-service");
    expect(check(kserve).told).toEqual([
      expect.stringMatching(
        /^warning targets\.yaml:21 targets\.cluster\.container: KServe calls the container of an InferenceService 'kserve-container' where it has one: 'scorer' is found only beside another/,
      ),
    ]);
    const named = kserve["targets.yaml"]?.replace("container: scorer", "container: kserve-container");
    expect(check({ ...kserve, "targets.yaml": named ?? "" }).told).toEqual([]);
  });

  it("finds a run in shadow whose candidate could reach the network before anybody approved it", () => {
    const open = changed("targets.yaml", '"{model}-offers"', '"{model}-offers"\n    network: open');
    expect(check(open).told).toContainEqual(
      expect.stringMatching(/matrix\.yaml:\d+ .*containers may reach the network: every candidate/),
    );
  });

  it("finds a run in shadow of an asynchronous endpoint, of which SageMaker has none", () => {
    const queued = changed(
      "targets.yaml",
      '"{model}-offers"',
      '"{model}-offers"\n    asynchronous: { output: s3://a-b-c/d }',
    );
    expect(check(queued).told).toContainEqual(
      expect.stringMatching(/matrix\.yaml:\d+ .*which is asynchronous, and SageMaker has no shadow of one: every/),
    );
  });

  it.each([
    ["that mirrors no requests", "", "which names no 'mirror'"],
    [
      "where nobody sees what is answered",
      `
    metrics: { prometheus: "m/p:80", requests: "r$pods$window", errors: "e$pods$window" }
    mirror: { route: "{model}", service: "{model}" }`,
      "where nobody sees what both answer, so that neither agreement nor psi can be judged",
    ],
  ])("finds a run in shadow on a cluster %s", (_, more, why) => {
    const there = changed("matrix.yaml", "target: offers", "target: cluster-shadow");
    const target = shippedTexts["targets.yaml"]?.match(/ {2}cluster:\n(?: {4}.*\n)+/)?.[0] ?? expect.unreachable();
    const beside = `${target.trimEnd().replace("  cluster:", "  cluster-shadow:").replace('"{model}"', '"{model}-b"')}${more}\n`;
    const { told } = check({ ...there, "targets.yaml": `${shippedTexts["targets.yaml"]}${beside}` });
    expect(told).toContainEqual(
      expect.stringContaining(
        `Nothing runs in shadow in 'cluster-shadow', ${why}: every candidate of this rule is blocked.`,
      ),
    );
  });

  it("tells every problem of every file, with its line", () => {
    const { told } = check({
      ...changed("matrix.yaml", "expiresAfter: 5d", "expiresAfter: soon"),
      ...changed("targets.yaml", "instanceCount: 2", "instanceCount: 0"),
    });
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^error matrix\.yaml:42 rules\[0\]\.expiresAfter: This must be a duration/);
    expect(told[1]).toMatch(/^error targets\.yaml:\d+ targets\.production\.instanceCount: /);
  });

  it("tells what is wrong with who is told what, and in which words", () => {
    const { told, holds } = check({
      "channels.yaml": "channelsVersion: 1\nchannels:\n  - { name: x, kind: pigeon }\n",
      "messages.yaml": "messagesVersion: 2\n",
    });
    expect(holds).toBe(false);
    expect(told).toContainEqual(
      expect.stringMatching(/^error channels\.yaml:3 channels\[0\]\.kind: A channel has a 'kind', one of 'email'/),
    );
    expect(told.filter((each) => each.startsWith("error messages.yaml:"))).not.toEqual([]);
    const { "channels.yaml": _, ...texts } = shippedTexts;
    expect(checkPolicies(texts, everybody, now, channelKinds).findings).toMatchObject([{ file: "channels.yaml" }]);
  });

  it("finds a rule whose model type has no thresholds", () => {
    const { told } = check(changed("matrix.yaml", "\n# Who signs before", `${anotherRule}\n# Who signs before`));
    expect(told).toEqual([
      expect.stringMatching(
        /^error matrix\.yaml:\d+ rules\[5\]: thresholds\.yaml says nothing about 'fraud' in 'production'/,
      ),
    ]);
  });

  it("warns of models whose type is the request's to say, where rules of several types ask for different things", () => {
    const { told, holds } = check(changed("matrix.yaml", "    product-recommendation: { type: recommendation }\n", ""));
    expect(holds).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(
        /^warning machines\.yaml:\d+ machines\[0\]\.submits\[1\]: The matrix does not say of which type 'product-recommendation' is/,
      ),
    ]);
  });

  const placed = "      environment: production\n      ref: refs/heads/main\n";

  it("warns of a pipeline that any branch of its project is", () => {
    const { told, holds } = check(changed("machines.yaml", placed, ""));
    expect(holds).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(
        /^warning machines\.yaml:\d+ machines\[0\]\.match: Whoever may push to any branch of its project is 'credit-scoring-pipeline'/,
      ),
    ]);
  });

  it.each(["environment: production", "ref: refs/heads/main", "job_workflow_ref: bank/ci/x.yml@refs/heads/main"])(
    "does not where it is matched by its %s",
    (claim) => {
      expect(check(changed("machines.yaml", placed, `      ${claim}\n`)).told).toEqual([]);
    },
  );

  it("finds thresholds to which no rule leads", () => {
    const { told, holds } = check(changed("thresholds.yaml", "modelType: recommendation", "modelType: ranking"));
    expect(holds).toBe(false);
    expect(told).toEqual([
      expect.stringMatching(/^error matrix\.yaml:\d+ rules\[0\]: thresholds\.yaml says nothing about 'recommendation'/),
      expect.stringMatching(/^warning thresholds\.yaml:\d+ rules\[1\]: No rule of the matrix is for 'ranking'/),
    ]);
  });

  it("finds targets that only one of two files knows", () => {
    const { told } = check(changed("targets.yaml", "  production:", "  live:"));
    expect(told.map((each) => each.replace(/:\d+ /, " "))).toEqual([
      "error matrix.yaml rules[0].target: targets.yaml has no 'production'; it has 'live', 'cluster', 'offers' and 'edge'.",
      "error matrix.yaml rules[1].target: targets.yaml has no 'production'; it has 'live', 'cluster', 'offers' and 'edge'.",
      "warning targets.yaml targets.live: No rule of the matrix is for 'live', so nothing may run in it.",
    ]);
  });

  it("finds a machine that the gates cannot weigh a model against", () => {
    const { told } = check(changed("targets.yaml", "ml.m5.large", "ml.z9.large"));
    expect(told).toEqual([
      expect.stringMatching(
        /^error targets\.yaml:\d+ .*instanceType: instance-types\.yaml does not know 'ml\.z9\.large'/,
      ),
    ]);
  });

  it("finds a trial and a freeze window that are over", () => {
    const trial = changed(
      "thresholds.yaml",
      "    security: { critical: 0, high: 10 }",
      "    security: { critical: 0, high: 10 }\n    dryRun: [{ rule: quality, until: 2026-11-20 }]",
    );
    const window = `
freezeWindows:
  - { name: summer, zone: Europe/Berlin, from: "2026-08-01 00:00", until: "2026-09-01 00:00" }
`;
    const { told, holds } = check({ ...trial, "matrix.yaml": shippedTexts["matrix.yaml"] + window });
    expect(holds).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(/^warning matrix\.yaml:\d+ freezeWindows\[0\]: The window 'summer' ended at 2026-08-31T22/),
      expect.stringMatching(/^warning thresholds\.yaml:\d+ rules\[1\]\.dryRun\[0\]: The trial of 'quality' ended/),
    ]);
  });
});
