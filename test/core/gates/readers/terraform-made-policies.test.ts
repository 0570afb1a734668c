import { expect, it } from "vitest";
import { facts } from "./read.ts";

const allowing = JSON.stringify({
  Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::a/b" },
});

function changed(type: string, name: string, module_address: string | undefined, after: object, after_unknown: object) {
  const change = { actions: ["create"], before: null, after, after_unknown };
  const address = [module_address, type, name].filter((each) => each !== undefined).join(".");
  return { address, mode: "managed", type, name, ...(module_address === undefined ? {} : { module_address }), change };
}

/** What an attachment in a module allows whose policy is known later. */
function allowed(
  { root_module, inside, made = [] }: { root_module: object; inside?: string; made?: readonly object[] },
  attribute = "policy_arn",
) {
  const type = attribute === "policy_arn" ? "aws_iam_role_policy_attachment" : "aws_iam_role";
  const attachment = changed(
    type,
    "it",
    inside,
    {},
    { [attribute]: attribute === "policy_arn" ? true : [false, true] },
  );
  const plan = { format_version: "1.2", resource_changes: [...made, attachment], configuration: { root_module } };
  return facts("iac-plan", "terraform-plan", plan).plans?.[0]?.changes.at(-1)?.allows;
}

const own = changed("aws_iam_policy", "own", undefined, { policy: allowing }, { arn: true });
const resources = (references: readonly string[], more: object = {}, attribute = "policy_arn") => {
  const type = attribute === "policy_arn" ? "aws_iam_role_policy_attachment" : "aws_iam_role";
  return [{ address: `${type}.it`, type, name: "it", expressions: { [attribute]: { references } }, ...more }];
};
const refersTo = (...references: readonly string[]) => ({ root_module: { resources: resources(references) } });

it.each([
  ["one that the plan makes", refersTo("aws_iam_policy.own.arn", "aws_iam_policy.own")],
  [
    "one of several that it makes",
    refersTo('aws_iam_policy.own["a.b"].arn', 'aws_iam_policy.own["a.b"]', "count.index"),
  ],
  [
    "what 'for_each' goes through",
    {
      root_module: {
        resources: resources(["each.value"], { for_each_expression: { references: ["aws_iam_policy.own"] } }),
      },
    },
  ],
])("may be attached: %s", (_, given) => {
  expect(allowed({ ...given, made: [own] })).toEqual([]);
});

it("may be attached: what a module makes and gives, to a module that takes it", () => {
  const references = ["module.makes.arns[0].value", "module.makes.arns", "module.makes"];
  const makes = { outputs: { arns: { expression: { references: ["aws_iam_policy.own.arn", "aws_iam_policy.own"] } } } };
  const takes = { resources: resources(["var.arns"], {}, "managed_policy_arns") };
  const root_module = {
    module_calls: { makes: { module: makes }, takes: { expressions: { arns: { references } }, module: takes } },
  };
  const made = [changed("aws_iam_policy", "own", 'module.makes["x.y"]', { policy: allowing }, { arn: true })];
  const inside = "module.takes[0]";
  expect(allowed({ root_module, inside, made }, "managed_policy_arns")).toEqual([]);
  // Of the same name elsewhere.
  expect(allowed({ root_module, inside, made: [own] }, "managed_policy_arns")).toBeNull();
});

it.each([
  ["one that is looked up as the plan is applied", refersTo("data.aws_iam_policy.own.arn", "data.aws_iam_policy.own")],
  [
    "one beside that",
    refersTo("aws_iam_policy.own.arn", "aws_iam_policy.own", "data.http.it.response_body", "data.http.it"),
  ],
  ["one that it does not make", refersTo("aws_iam_policy.other.arn", "aws_iam_policy.other")],
  ["what is made of its name", refersTo("aws_iam_policy.own.name", "aws_iam_policy.own")],
  ["what the plan does not tell", refersTo("local.arn")],
  ["a variable of nobody", refersTo("var.arn")],
  ["nothing that is named", refersTo()],
  ["a place in a list alone", refersTo("count.index")],
  ["no configuration", { root_module: {} }],
  [
    "modules that hand it to each other",
    {
      root_module: {
        resources: resources(["module.a.out", "module.a"]),
        module_calls: {
          a: {
            expressions: { arn: { references: ["module.a.out", "module.a"] } },
            module: { outputs: { out: { expression: { references: ["var.arn"] } } } },
          },
        },
      },
    },
  ],
])("leaves open what is attached: %s", (_, given) => {
  expect(allowed({ ...given, made: [own] })).toBeNull();
});

it("are found where references fan out and meet again, by more ways than anybody could go", () => {
  // Each output of the module names ten of its variables, and its call gives each of them the next output.
  const levels = [...Array(9).keys()];
  const variables = (level: number) => [...Array(10).keys()].map((each) => `v${level}x${each}`);
  const given = (level: number) => (level === levels.length - 1 ? "aws_iam_policy.own" : `module.m.o${level + 1}`);
  const m = {
    expressions: Object.fromEntries(
      levels.flatMap((level) => variables(level).map((name) => [name, { references: [given(level)] }])),
    ),
    module: {
      outputs: Object.fromEntries(
        levels.map((level) => [
          `o${level}`,
          { expression: { references: variables(level).map((name) => `var.${name}`) } },
        ]),
      ),
    },
  };
  const root_module = { resources: resources(["module.m.o0"]), module_calls: { m } };
  expect(allowed({ root_module, made: [own] })).toEqual([]);
  expect(allowed({ root_module })).toBeNull();
});

it.each([
  ["brackets that nothing closes", "[".repeat(300_000)],
  ["a module deeper than anybody nests them", "module.m.".repeat(100_000)],
])("are none in %s", (_, inside) => {
  expect(allowed({ root_module: { resources: resources(["aws_iam_policy.own"]) }, inside })).toBeNull();
});
