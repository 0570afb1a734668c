import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { constructId, type FunctionName, functions } from "../../infra/functions.ts";
import { actionsOf, statementsOf, synthesize } from "./synthesized.ts";

/**
 * What functions call by their ports' usual names, and what they need for it. The stories hold calls that were made against what is
 * granted; a path that none of them takes would show what its role lacks on AWS alone.
 */
const calls: readonly { readonly call: RegExp; readonly action: string; readonly on: string }[] = [
  {
    call: /\bpromotions\.(load|fact)\(|\bpolicies\.(get|inForce)\(/,
    action: "dynamodb:GetItem",
    on: "PromotionsTable",
  },
  {
    call: /\bpromotions\.(create|recordFact|recordSignOff|recordLoan)\(|\bpolicies\.replace\(|\bjobs\.create\(/,
    action: "dynamodb:PutItem",
    on: "PromotionsTable",
  },
  {
    call: /\bmoveOn\(|\bpromotions\.(move|recordSignOff)\(|\bjobs\.move\(/,
    action: "dynamodb:UpdateItem",
    on: "PromotionsTable",
  },
  {
    call: /\bpromotions\.(signOffs|loans|facts|factsUnder)\(|\b(passkeys|delegations|store)\.deeds\(|\bdelegations\.notOver\(/,
    action: "dynamodb:Query",
    on: "PromotionsTable",
  },
  { call: /\bpromotions\.list\(/, action: "dynamodb:Query", on: "/index/" },
  { call: /\bblobs\.get\(/, action: "s3:GetObject", on: "/blobs/sha256/*" },
  { call: /\bblobs\.put\(/, action: "s3:PutObject", on: "/blobs/sha256/*" },
  { call: /\bartifacts\.(measure|recorded|currentVersion)\(/, action: "s3:GetObject", on: "/frozen/*" },
  { call: /\b(ports|input)\.directory\.everybody\(/, action: "cognito-idp:ListUsers", on: "UserPool" },
  { call: /\btokens\.keep\(/, action: "dynamodb:PutItem", on: "TaskTokensTable" },
  { call: /\btokens\.forget\(/, action: "dynamodb:DeleteItem", on: "TaskTokensTable" },
];

const { serviceTemplate: service } = synthesize();
const names = Object.keys(functions) as readonly FunctionName[];
const codeOf = handlersCode();

describe.each(calls)("the functions that call what is like $call", ({ call, action, on }) => {
  const callers = names.filter((name) => call.test(codeOf.get(name) ?? ""));

  it(`may ${action} on ${on}`, () => {
    expect(callers).not.toEqual([]);
    const without = callers.filter(
      (name) =>
        !statementsOf(service, `${constructId(name)}Role`).some(
          (statement) => actionsOf(statement).includes(action) && JSON.stringify(statement.Resource).includes(on),
        ),
    );
    expect(without).toEqual([]);
  });
});

/** By function, what of its bundle is ours and no adapter: handlers and rules, without what nobody calls of them. */
function handlersCode(): ReadonlyMap<FunctionName, string> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { outputFiles } = buildSync({
    entryPoints: names.map((name) => `functions/${name}/index.ts`),
    absWorkingDir: root,
    outdir: "functions",
    outbase: "functions",
    write: false,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return new Map(
    names.map((name) => {
      const bundle = outputFiles.find(({ path }) => path.endsWith(`/functions/${name}/index.js`))?.text ?? "";
      // Before each module esbuild names its file.
      const [, ...modules] = bundle.split(/^\/\/ (?=\S+$)/m);
      return [name, modules.filter((module) => /^(core|functions)\//.test(module)).join("")];
    }),
  );
}
