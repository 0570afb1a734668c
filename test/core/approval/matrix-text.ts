import { expect } from "vitest";
import { loadMatrix } from "../../../core/approval/loading/load-matrix.ts";

export const base = `matrixVersion: 1
roles:
  sre:
    title: SRE
    groups: [sre]
    judges: [infrastructure]
  officer:
    title: Officer
    groups: [officers]
rules:
  - modelType: scoring
    target: production
    expiresAfter: 5d
    stages:
      - name: first look
        requires: { role: officer, count: 2 }
        minimumReview: 90m
        deadline: 2d
        rejectionsToStop: 3
      - name: operations
        requires:
          any:
            - role: sre
            - all: [{ role: officer }, { role: sre }]
`;

/** The problems of the base with one passage replaced, as `line path: sentence`. */
export function problems(from: string | RegExp, to: string): readonly string[] {
  const text = base.replace(from, to);
  expect(text).not.toBe(base);
  const loaded = loadMatrix(text);
  return loaded.kind === "loaded"
    ? []
    : loaded.problems.map(({ line, path, sentence }) => `${line} ${path}: ${sentence}`);
}
