import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readFreezeManifest } from "../../../../core/archive/documents/read-freeze-manifest.ts";
import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { freezeManifestBytes } from "../../../../core/promotion/freeze-manifest.ts";
import { targetKinds } from "../../../../core/promotion/target.ts";
import { manifest } from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";

const forms = readFileSync("test/interop/second-verifier/forms.py", "utf8");
const openApi = readFileSync("docs/api/openapi.yaml", "utf8");
const { target: _, ...rest } = JSON.parse(fromUtf8(freezeManifestBytes(manifest)));
const read = (target: object) => readFreezeManifest(canonicalJsonBytes({ ...rest, target }));

describe("a kind of target", () => {
  it.each(targetKinds)(
    "is known to whoever reads '%s' in the record, by both verifiers, and in the API's description",
    (kind) => {
      // What stands beside its kind is missing, and told; a kind that nobody knows is told otherwise.
      expect(codeOf(() => read({ kind })).sentence).toContain("(target.name)");
      expect(forms.match(/^TARGETS = \{(.*)\}$/m)?.[1]).toContain(`"${kind}"`);
      expect(openApi).toContain(`kind: { const: ${kind} }`);
    },
  );

  it("that nobody knows is told", () => {
    expect(codeOf(() => read({ kind: "batch" })).sentence).toContain("(target.kind)");
  });
});

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

  it("may have its model unpacked, of which it says so or nothing", () => {
    expect(read({ ...cluster, unpack: true }).target).toEqual({ ...cluster, unpack: true });
    expect(codeOf(() => read({ ...cluster, unpack: false })).code).toBe("pack-invalid");
  });

  it("may be in another account, in which SageMaker has no part", () => {
    expect(read({ ...cluster, account }).target).toEqual({ ...cluster, account });
    expect(codeOf(() => read({ ...cluster, account: { ...account, servingRole: account.role } })).code).toBe(
      "pack-invalid",
    );
  });
});
