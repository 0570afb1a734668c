import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadTargets, resolveTarget } from "../../../../core/approval/loading/load-targets.ts";
import type { ComponentTarget } from "../../../../core/promotion/target.ts";

const base = `targets:
  shared:
    kind: sagemaker-inference-component
    endpoint: "{model}"
    host: "models-{model}"
    copies: 4
    resources: { memoryMegabytes: 2048, mostMemoryMegabytes: 4096, cpuCores: 0.5 }
    traffic: { rolling: { copies: 1, wait: 5m } }
    alarms: { errorPercent: 2 }
`;
const model = { name: "fraud", type: "scoring", version: "7" };

const policies = new URL("../../../../policies/", import.meta.url);
const schema = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(new URL("schema/targets.schema.json", policies), "utf8")),
);

function shared(text: string): ComponentTarget {
  expect(schema(parse(text))).toBe(true);
  const loaded = loadTargets(text);
  if (loaded.kind === "refused") throw new Error(JSON.stringify(loaded.problems));
  const rule = loaded.value["shared"];
  if (rule === undefined) throw new Error("There is no such target.");
  return resolveTarget("shared", rule, model) as ComponentTarget;
}
function complaints(text: string): readonly string[] {
  const loaded = loadTargets(text);
  return loaded.kind === "loaded" ? [] : loaded.problems.map(({ line, sentence }) => `${line}: ${sentence}`);
}
const without = (line: string) => base.replace(new RegExp(`^ *${line}:.*\n`, "m"), "");
const saying = (line: string, says: string) => base.replace(new RegExp(`^( *${line}:).*$`, "m"), `$1 ${says}`);

describe("a target that is an inference component", () => {
  it("says what it is called, where it is put, what each copy has, and how copies are replaced", () => {
    expect(shared(base)).toEqual({
      name: "shared",
      kind: "sagemaker-inference-component",
      endpoint: "fraud",
      host: "models-fraud",
      copies: 4,
      resources: { memoryMegabytes: 2048, mostMemoryMegabytes: 4096, cpuCores: 0.5 },
      traffic: { kind: "rolling", copies: 1, of: 4, waitSeconds: 300 },
      alarms: { kind: "own", errorPercent: 2 },
    });
  });

  it("may be replaced all at once, said by name, and watched by us; may have accelerators, a registry and an open network", () => {
    const text = saying("traffic", "all-at-once").replace("cpuCores: 0.5", "accelerators: 2");
    const arn = "arn:aws:sagemaker:eu-central-1:111122223333:model-package-group/{model}";
    expect(shared(`${text}    watch: 1h\n    network: open\n    registry: ${arn}\n`)).toMatchObject({
      traffic: { kind: "all-at-once", waitSeconds: 0 },
      alarms: { kind: "own", errorPercent: 2 },
      watchSeconds: 3600,
      network: "open",
      resources: { accelerators: 2 },
      registry: "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/7",
    });
  });

  it("may say how copies start, are kept and placed", () => {
    const says = "{ download: 20m, start: 10m, caching: true, placement: pack, zoneImbalance: 0 }";
    expect(shared(`${base}    handling: ${says}\n`).handling).toEqual({
      downloadSeconds: 1200,
      startSeconds: 600,
      caching: true,
      placement: "pack",
      zoneImbalance: 0,
    });
    const spread = "{ placement: spread, zoneImbalance: 3 }";
    expect(shared(`${base}    handling: ${spread}\n`).handling).toEqual({ placement: "spread", zoneImbalance: 3 });
  });

  it("may be in another account, and wait for the signed plan", () => {
    const role = (name: string) => `arn:aws-cn:iam::222233334444:role/${name}`;
    const account = { role: role("enters"), externalId: "of-the-bank-7", servingRole: role("serves") };
    expect(shared(`${base}    account: ${JSON.stringify(account)}\n    infrastructure: applied\n`)).toMatchObject({
      account,
      infrastructure: "applied",
    });
  });

  it.each([
    ["next to nothing", base.replace("2048", "128").replace("4096", "128").replace("0.5", "0.25")],
    ["as many cores as there are", base.replace("0.5", "1000")],
    ["half of its copies replaced at a time", saying("traffic", "{ rolling: { copies: 2, wait: 5m } }")],
    ["one of two", saying("copies", "2")],
    ["a twentieth of them", saying("copies", "20")],
    ["waits for as long as SageMaker's time allows", saying("copies", "9").replace("wait: 5m", "wait: 50m")],
  ])("may have %s", (_, text) => {
    expect(complaints(text)).toEqual([]);
    expect(schema(parse(text))).toBe(true);
  });

  it.each([
    ["a cache that is none", `${base}    handling: { caching: false }\n`, /^10: This must be true, or nothing at all/],
    ["a placement of another kind", `${base}    handling: { placement: random }\n`, /^10: This must be spread or pack/],
    ["a start of two hours", `${base}    handling: { start: 2h }\n`, /^10: /],
    [
      "zones and no placement",
      `${base}    handling: { zoneImbalance: 1 }\n`,
      /^10: SageMaker balances zones only beside/,
    ],
    ["no traffic", without("traffic"), /^2: The field 'traffic' is missing/],
    ["no host", without("host"), /^2: The field 'host' is missing/],
    [
      "a canary",
      saying("traffic", "{ canary: { percent: 10, wait: 5m } }"),
      /^8: Copies of an inference component are replaced in batches/,
    ],
    [
      "steps",
      saying("traffic", "{ linear: { percent: 10, wait: 5m } }"),
      /^8: Copies of an inference component are replaced in batches/,
    ],
    [
      "a wait after all at once",
      saying("traffic", "{ all-at-once: { wait: 5m } }"),
      /^8: Copies of an inference component/,
    ],
    [
      "more than half of the copies at a time",
      saying("traffic", "{ rolling: { copies: 3, wait: 5m } }"),
      /^8: A batch is half of the copies at most, of 4 so many as 2/,
    ],
    [
      "too few at a time",
      saying("copies", "41"),
      /^8: A batch is a twentieth of the copies at least, of 41 so many as 3/,
    ],
    [
      "batches of the only copy",
      saying("copies", "1"),
      /^8: One copy is not replaced in batches: say all-at-once by name/,
    ],
    [
      "waits for longer than an hour",
      saying("traffic", "{ rolling: { copies: 1, wait: 2h } }"),
      /^8: The duration must be between 1s and 1h/,
    ],
    [
      "more waits than SageMaker sits out",
      saying("copies", "12").replace("wait: 5m", "wait: 1h"),
      /^8: The waits come to 12h together; SageMaker's time allows 450m/,
    ],
    ["batches that nothing would take back", without("alarms"), /^8: Nothing would ever take this release back/],
    [
      "alarms that nobody heeds",
      saying("traffic", "all-at-once"),
      /^9: SageMaker heeds no alarm where all copies are replaced at once/,
    ],
    [
      "a watch over nothing",
      `${saying("traffic", "all-at-once").replace(/^ *alarms:.*\n/m, "")}    watch: 1h\n`,
      /^9: There is nothing to watch/,
    ],
    ["less memory at most than in any case", base.replace("4096", "1024"), /^7: It may take 2048 MB in any case/],
    [
      "next to no memory",
      base.replace("memoryMegabytes: 2048", "memoryMegabytes: 64"),
      /^7: SageMaker gives a copy 128 MB at least/,
    ],
    [
      "a part of a core that there is not",
      base.replace("0.5", "0.3"),
      /^7: This must be a number of cores in quarters/,
    ],
    ["more cores than there are", base.replace("0.5", "1000.25"), /^7: This must be a number of cores in quarters/],
    ["no core at all", base.replace("0.5", "0"), /^7: This must be a number of cores in quarters/],
    ["cores in words", base.replace("0.5", "'0.5'"), /^7: This must be a number of cores in quarters/],
    ["an endpoint's instances", `${base}    instanceType: ml.m5.large\n`, /^10: .*instanceType/],
    ["another name than SageMaker takes", saying("endpoint", "a_b"), /^4: An inference component's name holds letters/],
    ["a host of such a name", saying("host", "a_b"), /^5: An endpoint's name holds letters/],
  ])("is refused with its line for %s", (_, text, why) => {
    expect(complaints(text)).toEqual([expect.stringMatching(why)]);
  });
});
