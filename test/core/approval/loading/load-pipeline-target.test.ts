import { describe, expect, it } from "vitest";
import { loadTargets, resolveTarget } from "../../../../core/approval/loading/load-targets.ts";

const model = { name: "credit-scoring", type: "credit-scoring", version: "1.0.0" };

function read(fields: string) {
  return loadTargets(`targets:\n  edge:\n    kind: pipeline\n${fields.replace(/^/gm, "    ")}\n`);
}

describe("a target of the kind pipeline", () => {
  it("says who may be shown a passport, and how long the pipeline has", () => {
    const loaded = read('endpoint: "edge/{model}"\naudiences: [vault, sts.amazonaws.com]\nwithin: 2h');
    if (loaded.kind !== "loaded") throw new Error(JSON.stringify(loaded));
    const rule = loaded.value["edge"];
    if (rule === undefined) throw new Error("There is no such target.");
    expect(resolveTarget("edge", rule, model)).toEqual({
      name: "edge",
      kind: "pipeline",
      endpoint: "edge/credit-scoring",
      audiences: ["vault", "sts.amazonaws.com"],
      withinSeconds: 7200,
    });
  });

  it.each([
    ["endpoint: edge\naudiences: []\nwithin: 2h", /audiences/],
    ["endpoint: edge\naudiences: [vault, vault]\nwithin: 2h", /vault/],
    ["endpoint: edge\naudiences: ['two words']\nwithin: 2h", /an audience such as/],
    ["endpoint: edge\naudiences: [vault]\nwithin: 2d", /between 5m and 1d/],
    ["endpoint: edge\naudiences: [vault]\nwithin: 1m", /between 5m and 1d/],
    ["endpoint: 'edge fleet'\naudiences: [vault]\nwithin: 2h", /named with letters/],
    ["endpoint: edge\naudiences: [vault]\nwithin: 2h\ntraffic: {}", /traffic/],
    ["endpoint: edge\nwithin: 2h", /audiences/],
  ])("is refused as %j", (fields, why) => {
    expect(JSON.stringify(read(fields))).toMatch(why);
  });
});
