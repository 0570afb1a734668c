import { describe, expect, it } from "vitest";
import { loadMachines } from "../../../core/approval/loading/load-machines.ts";
import { allDuties, loadMatrix } from "../../../core/approval/loading/load-matrix.ts";
import { loadPeople } from "../../../core/approval/loading/load-people.ts";
import { loadTargets } from "../../../core/approval/loading/load-targets.ts";
import type { Loaded } from "../../../core/encoding/policy-file.ts";
import { mistakesTable } from "../policy-mistakes.ts";
import { type Fields, machines, matrices, people, targets } from "./policy-documents.ts";

describe("what is said about a mistake, wherever it is", () => {
  const tableOf = (name: string) => `./mistakes/${name}.txt`;

  it.each(Object.entries(matrices))("in the matrix, under %s", async (part, document) => {
    expect(loadMatrix(JSON.stringify(document))).toMatchObject({ kind: "loaded" });
    await expect(mistakesTable(document, part, loadMatrix, { duties: allDuties })).toMatchFileSnapshot(
      tableOf(`matrix-${part}`),
    );
  });

  it.each<[string, Fields, (text: string) => Loaded<unknown>]>([
    ["machines", machines, loadMachines],
    ["people", people, loadPeople],
    ["targets", targets, loadTargets],
  ])("in the file of %s", async (part, document, load) => {
    expect(load(JSON.stringify(document))).toMatchObject({ kind: "loaded" });
    await expect(mistakesTable(document, part, load)).toMatchFileSnapshot(tableOf(part));
  });
});
