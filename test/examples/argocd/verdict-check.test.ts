import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { annotation } from "../../../adapters/kubernetes/served-release.ts";
import { verdictCommand } from "../../../cli/commands/verdict.ts";
import { recordedSurroundings } from "../../cli/recorded-surroundings.ts";
import { unknownToTheCommandLine } from "../ci/named-commands.ts";

const job = parse(readFileSync("examples/argocd/verdict-check.yaml", "utf8")) as {
  readonly metadata: { readonly namespace: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly restartPolicy: string;
        readonly containers: readonly [
          {
            readonly args: readonly [string];
            readonly env: readonly {
              readonly name: string;
              readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
            }[];
          },
        ];
      };
    };
  };
};
const [{ args, env }] = job.spec.template.spec.containers;

describe("the hook before a sync of Argo CD", () => {
  it("runs before, and is made anew each time", () => {
    expect(job.metadata.annotations).toEqual({
      "argocd.argoproj.io/hook": "PreSync",
      "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    });
    expect(job.metadata.namespace).not.toBe("models");
  });

  it("asks for all that the command line takes, by what a release puts into its annotations", () => {
    expect(unknownToTheCommandLine(args[0])).toEqual([]);
    for (const { long, mandatory } of verdictCommand(recordedSurroundings()).options)
      if (mandatory && long !== "--url") expect(args[0]).toContain(`${long} "$${long?.slice(2).toUpperCase()}"`);
    const read = env.map(({ name, valueFrom }) => [name, valueFrom?.fieldRef.fieldPath]);
    const { promotion, verdict, modelDigest, image, target } = annotation;
    const told = { PROMOTION: promotion, TARGET: target, VERDICT: verdict, IMAGE: image, MODEL: modelDigest };
    expect(Object.fromEntries(read)).toEqual({
      COUNTERSIGN_URL: undefined,
      ...Object.fromEntries(Object.entries(told).map(([name, each]) => [name, `metadata.annotations['${each}']`])),
    });
  });

  it("fails where the command does, and where it is told nothing", () => {
    const shell = (command: string) =>
      spawnSync("sh", ["-ec", args[0].replace("exec countersign", command).replace(/\$\(cat [^)]+\)/, "t")], {
        env: { PATH: process.env["PATH"] },
      }).status;
    expect(shell("exec true")).toBe(0);
    expect(shell("exec false")).not.toBe(0);
    const silent = spawnSync("sh", ["-ec", args[0]], { env: { PATH: "/nonexistent" } });
    expect(silent.status).not.toBe(0);
  });
});
