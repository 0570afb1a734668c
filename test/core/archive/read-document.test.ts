import { describe, expect, it } from "vitest";
import {
  canonicalDigest,
  jsonOf,
  readFreezeManifest,
  readJson,
  readPeopleSnapshot,
  readRequirements,
} from "../../../core/archive/read-document.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { freezeManifestBytes } from "../../../core/promotion/freeze-manifest.ts";
import { digestOf, manifest, requirements } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";

const spaced = (value: object) => utf8(JSON.stringify(value, undefined, 1));

describe("the JSON of a document", () => {
  it("is the same value for the same bytes, of small documents", () => {
    const bytes = utf8('{"a":[1]}');
    const [one, two] = [jsonOf(bytes), jsonOf(bytes)];
    expect(one).toEqual({ kind: "value", value: { a: [1] } });
    expect(one.kind === "value" && two.kind === "value" && one.value === two.value).toBe(true);
    const large = utf8(JSON.stringify({ a: "x".repeat(64 * 1024) }));
    const [three, four] = [jsonOf(large), jsonOf(large)];
    expect(three).toEqual(four);
    expect(three.kind === "value" && four.kind === "value" && three.value === four.value).toBe(false);
  });

  it("may be written in any way, and says what is wrong where it is none", () => {
    expect(jsonOf(spaced({ a: 1 }))).toEqual({ kind: "value", value: { a: 1 } });
    expect(readJson("a.json", spaced({ a: 1 }))).toEqual({ a: 1 });
    const { code, sentence } = codeOf(() => readJson("a.json", utf8('{"a":1,"a":2}')));
    expect(code).toBe("pack-invalid");
    expect(sentence).toMatch(/^a\.json is not JSON that can be taken: ./);
  });

  it("has the digest of its canonical form, which is its own where it is written so", () => {
    const canonical = utf8('{"a":1}');
    jsonOf(canonical);
    expect(canonicalDigest(canonical, digestOf("as told"), { a: 1 })).toBe(digestOf("as told"));
    const other = spaced({ a: 1 });
    jsonOf(other);
    expect(canonicalDigest(other, digestOf("as told"), { a: 1 })).toBe(sha256Hex(canonical));
    expect(canonicalDigest(utf8("?"), digestOf("as told"), { a: 1 })).toBe(sha256Hex(canonical));
  });
});

const people = { peopleVersion: 1, members: [], people: [] };
const { document } = requirements;
const asked = JSON.parse(fromUtf8(canonicalJsonBytes({ ...document })));
const frozen = JSON.parse(fromUtf8(freezeManifestBytes(manifest)));
const readers: readonly (readonly [string, (bytes: Uint8Array) => unknown, Record<string, unknown>, string])[] = [
  [
    "requirements.json",
    readRequirements,
    { ...asked, gates: { ...asked.gates, wasm: digestOf("gates.wasm") } },
    "requirementsVersion",
  ],
  ["freeze.json", readFreezeManifest, frozen, "manifestVersion"],
  ["people.json", readPeopleSnapshot, people, "peopleVersion"],
];

describe.each(readers)("%s", (name, read, value, member) => {
  it("is read as it is", () => {
    expect(read(canonicalJsonBytes({ ...value } as never))).toEqual(value);
  });

  it("of a later version is not checked", () => {
    expect(codeOf(() => read(canonicalJsonBytes({ ...value, [member]: 2 } as never)))).toEqual({
      code: "newer-version",
      sentence: `${name} is of version 2: it could not be checked, since a newer Countersign made it.`,
    });
  });

  it("of another form is refused with the place", () => {
    expect(codeOf(() => read(canonicalJsonBytes({ ...value, more: true } as never)))).toEqual({
      code: "pack-invalid",
      sentence: `${name} is not of the form that is known here (more).`,
    });
    expect(codeOf(() => read(utf8("7"))).sentence).toBe(`${name} is not of the form that is known here (as a whole).`);
    expect(codeOf(() => read(utf8("{"))).sentence).toMatch(new RegExp(`^${name} is not JSON that can be taken: `));
  });

  it("in another spelling is refused", () => {
    const { code, sentence } = codeOf(() => read(spaced(value)));
    expect([code, sentence]).toEqual(["pack-invalid", `${name} is not written in canonical JSON.`]);
  });
});

describe("what is read for many promotions", () => {
  it("is read for the first of them", () => {
    const bytes = freezeManifestBytes(manifest);
    expect(readFreezeManifest(bytes)).toBe(readFreezeManifest(bytes));
    expect(readFreezeManifest(bytes)).not.toBe(readFreezeManifest(bytes.slice()));
  });
});

describe("freeze.json", () => {
  it("has its lists in the one order that has a digest", () => {
    const reversed = { ...frozen, artifacts: frozen.artifacts.toReversed() };
    expect(codeOf(() => readFreezeManifest(canonicalJsonBytes(reversed)))).toEqual({
      code: "pack-invalid",
      sentence: "freeze.json is not in canonical form.",
    });
  });
});

describe("the stages of requirements", () => {
  it("are few enough to be matched", () => {
    const many = {
      all: Array.from({ length: 40 }, () => ({
        any: [
          { role: "sre", count: 1 },
          { role: "sre", count: 2 },
        ],
      })),
    };
    const stages = [{ ...asked.rule.stages[0], requires: many }];
    const wide = { ...asked, rule: { ...asked.rule, stages } };
    expect(codeOf(() => readRequirements(canonicalJsonBytes(wide))).sentence).toMatch(
      /^requirements\.json is not of the form that is known here \(rule\.stages\.0/,
    );
    const seats = [
      {
        ...asked.rule.stages[0],
        requires: {
          all: [
            { role: "sre", count: 50 },
            { role: "sre", count: 50 },
          ],
        },
      },
    ];
    const tall = { ...asked, rule: { ...asked.rule, stages: seats } };
    expect(codeOf(() => readRequirements(canonicalJsonBytes(tall))).code).toBe("pack-invalid");
  });
});

const { target: _, ...rest } = frozen;
const read = (target: object) => readFreezeManifest(canonicalJsonBytes({ ...rest, target }));

describe("a freeze manifest's inference component", () => {
  const component = {
    name: "shared",
    kind: "sagemaker-inference-component",
    endpoint: "scoring",
    host: "models",
    copies: 4,
    resources: { memoryMegabytes: 2048, cpuCores: 0.5 },
    traffic: { kind: "rolling", copies: 1, of: 4, waitSeconds: 300 },
    alarms: { kind: "own", errorPercent: 2 },
    watchSeconds: 3600,
  };

  it("says how its copies are replaced, and what each has", () => {
    expect(read(component).target).toEqual(component);
    const atOnce = { ...component, traffic: { kind: "all-at-once", waitSeconds: 0 }, network: "open" };
    expect(read(atOnce).target).toEqual(atOnce);
  });

  it.each([
    ["a canary", { traffic: { kind: "canary", percent: 10, waitSeconds: 300 } }],
    ["instances of its own", { instanceType: "ml.m5.large", instanceCount: 1 }],
    ["a host that is none", { host: 1 }],
  ])("has not %s", (_, over) => {
    expect(codeOf(() => read({ ...component, ...over })).code).toBe("pack-invalid");
  });
});

describe("a freeze manifest's cluster", () => {
  const cluster = {
    name: "elsewhere",
    kind: "kubernetes",
    endpoint: "scoring",
    cluster: "ml-platform",
    namespace: "models",
    workload: "deployment",
    container: "scorer",
    fetcher: "registry.example/aws-cli",
    port: 8080,
    readinessPath: "/ping",
  };
  const account = { role: "arn:aws:iam::222233334444:role/a", externalId: "of-the-bank-7" };

  it("may be in another account, in which SageMaker has no part", () => {
    expect(read({ ...cluster, account }).target).toEqual({ ...cluster, account });
    expect(codeOf(() => read({ ...cluster, account: { ...account, servingRole: account.role } })).code).toBe(
      "pack-invalid",
    );
  });
});
