import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { type Creators, createStacks } from "../../../local/cloudformation/create-resources.ts";
import { readTemplate } from "../../../local/cloudformation/template.ts";
import type { World } from "../../../local/world.ts";

/** Creators note the order in which they were called; a thing's `Ref` is `<logical id>!`. */
function setUp(moved: Readonly<Record<string, string>> = {}) {
  const order: string[] = [];
  const seen = new Map<string, JsonObject>();
  const creators: Creators = new Map([
    [
      "Test::Thing",
      ({ logicalId, properties }) => {
        order.push(logicalId);
        seen.set(logicalId, properties);
        return { ref: `${logicalId}!`, attributes: { Arn: `arn:${logicalId}` } };
      },
    ],
  ]);
  const world = { made: [], afterwards: [], moved: new Map(Object.entries(moved)) } as unknown as World;
  return { order, seen, creators, world };
}

function thing(properties: JsonObject = {}, more: JsonObject = {}): Json {
  return { Type: "Test::Thing", Properties: properties, ...more };
}

describe("creating a stack", () => {
  it("makes every resource after those it names", async () => {
    const { order, creators, world } = setUp();
    const template = readTemplate("S", {
      Resources: {
        Last: thing({ of: { "Fn::GetAtt": ["Middle", "Arn"] } }),
        Middle: thing({}, { DependsOn: ["First"] }),
        First: thing(),
      },
    });
    await createStacks([template], world, creators, {});
    expect(order).toEqual(["First", "Middle", "Last"]);
  });

  it("leaves out a resource whose condition does not hold", async () => {
    const { order, creators, world } = setUp();
    const template = readTemplate("S", {
      Conditions: { Never: { "Fn::Equals": ["a", "b"] } },
      Resources: { Absent: thing({}, { Condition: "Never" }), Present: thing() },
    });
    await createStacks([template], world, creators, {});
    expect(order).toEqual(["Present"]);
  });

  it("hands exports of one stack to the next", async () => {
    const { seen, creators, world } = setUp();
    const data = readTemplate("Data", {
      Resources: { Table: thing() },
      Outputs: { Out: { Value: { Ref: "Table" }, Export: { Name: "Data:Table" } } },
    });
    const service = readTemplate("Service", {
      Resources: { User: thing({ table: { "Fn::ImportValue": "Data:Table" } }) },
    });
    const outputs = await createStacks([data, service], world, creators, {});
    expect(seen.get("User")).toEqual({ table: "Table!" });
    expect(outputs["Data"]).toEqual({ Out: "Table!" });
  });

  it("puts local addresses in the place of those on AWS, also within a sentence", async () => {
    const { seen, creators, world } = setUp({ "https://pool.auth.us-east-1.amazoncognito.com": "http://localhost:7" });
    const csp = { "Fn::Join": ["", ["connect-src ", "https://pool.auth.us-east-1.", "amazoncognito.com"]] };
    await createStacks([readTemplate("S", { Resources: { A: thing({ csp }) } })], world, creators, {});
    expect(seen.get("A")).toEqual({ csp: "connect-src http://localhost:7" });
  });

  it("keeps each resource with its resolved properties", async () => {
    const { creators, world } = setUp();
    const template = readTemplate("S", { Resources: { A: thing(), B: thing({ a: { Ref: "A" } }) } });
    await createStacks([template], world, creators, {});
    expect(world.made.map(({ logicalId, properties, ref }) => ({ logicalId, properties, ref }))).toEqual([
      { logicalId: "A", properties: {}, ref: "A!" },
      { logicalId: "B", properties: { a: "A!" }, ref: "B!" },
    ]);
  });
});

describe("a template that cannot be made", () => {
  const create = (document: JsonObject, values = {}) => {
    const { creators, world } = setUp();
    return createStacks([readTemplate("S", document)], world, creators, values);
  };

  it("is refused for a type that nobody carries, with all of them named", async () => {
    const document = { Resources: { A: { Type: "AWS::EC2::Instance" }, B: { Type: "AWS::RDS::DBCluster" } } };
    await expect(create(document)).rejects.toThrow("S.A (AWS::EC2::Instance), S.B (AWS::RDS::DBCluster)");
  });

  it("is refused for resources that depend on each other in a circle", async () => {
    const document = { Resources: { A: thing({ b: { Ref: "B" } }), B: thing({ a: { Ref: "A" } }) } };
    await expect(create(document)).rejects.toThrow("A → B");
  });

  it("is refused for a name that nothing stands behind, saying whose it was", async () => {
    await expect(create({ Resources: { A: thing({ b: { Ref: "Gone" } }) } })).rejects.toThrow("A (Test::Thing): ");
  });

  it("is refused for a parameter without a value", async () => {
    await expect(create({ Parameters: { Sender: { Type: "String" } } })).rejects.toThrow("parameters Sender");
  });

  it("is refused for a value that the parameter does not allow", async () => {
    const document = { Parameters: { Sender: { Type: "String", AllowedPattern: ".+@.+" } } };
    await expect(create(document, { Sender: "nobody" })).rejects.toThrow("does not allow the value");
    await expect(create(document, { Sender: "a@b" })).resolves.toBeDefined();
  });

  it("is refused for a value of a parameter that no stack has", async () => {
    await expect(create({}, { Colour: "red" })).rejects.toThrow("No stack has the parameters Colour");
  });

  it("does not ask for the parameter of CDK's bootstrap check", async () => {
    const bootstrap = { Type: "AWS::SSM::Parameter::Value<String>", Default: "/cdk-bootstrap/version" };
    await expect(create({ Parameters: { BootstrapVersion: bootstrap } })).resolves.toBeDefined();
  });
});
