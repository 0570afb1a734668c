import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadTargets, resolveTarget } from "../../../../core/approval/loading/load-targets.ts";

const schema = new Ajv2020().compile(
  JSON.parse(readFileSync(new URL("../../../../policies/schema/targets.schema.json", import.meta.url), "utf8")),
);
const good = 'endpoint: "edge/{model}"\nurl: https://deploy.example/in\nsecret: edge-deployer\nwithin: 2h';
const textOf = (fields: string) => `targets:\n  edge:\n    kind: webhook\n${fields.replace(/^/gm, "    ")}\n`;

describe("a target of the kind webhook", () => {
  it("says where its messages go, what signs them, and how long its receiver has", () => {
    const loaded = loadTargets(textOf(good));
    if (loaded.kind !== "loaded") throw new Error(JSON.stringify(loaded));
    expect(schema(parse(textOf(good)))).toBe(true);
    const rule = loaded.value["edge"] ?? expect.unreachable();
    expect(resolveTarget("edge", rule, { name: "credit-scoring", type: "credit-scoring", version: "1" })).toEqual({
      name: "edge",
      kind: "webhook",
      endpoint: "edge/credit-scoring",
      url: "https://deploy.example/in",
      secret: "edge-deployer",
      withinSeconds: 7200,
    });
  });

  it.each([
    ["http", good.replace("https:", "http:"), /begins with https/],
    ["a password in its address", good.replace("deploy.", "me:secret@deploy."), /holds no name, password or query/],
    ["a key in its address", good.replace("/in", "/in?key=1"), /holds no name, password or query/],
    ["no secret", good.replace("secret: edge-deployer\n", ""), /'secret' is missing/],
    ["a secret in clear", good.replace("edge-deployer", "whsec_AbC="), /lower-case letters/],
    ["two days", good.replace("2h", "2d"), /between 1m and 1d/],
    ["traffic", `${good}\ntraffic: all-at-once`, /'traffic' is not a field here/],
  ])("is refused with %s", (_, fields, why) => {
    expect(JSON.stringify(loadTargets(textOf(fields)))).toMatch(why);
  });
});
