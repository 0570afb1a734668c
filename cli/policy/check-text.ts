import type { PolicyCheck } from "../../core/policy/check-policies.ts";
import { oneLine } from "../terminal-text.ts";

/** What a check of a folder comes to. */
export interface CheckedFolder extends PolicyCheck {
  /** Where the compiled gates are not what the Rego says. */
  readonly notCompiled: readonly string[];
  /** Why the service could not keep it. */
  readonly notKept?: string;
}

/** Every finding where an editor turns it into a link. */
export function findingLines({ findings, notCompiled, notKept }: CheckedFolder, folder: string): readonly string[] {
  return [
    ...(notKept === undefined ? [] : [`✘ ${oneLine(folder, 300)}: ${oneLine(notKept, 1000)}`]),
    ...notCompiled.map((sentence) => `✘ ${oneLine(folder, 300)}/${oneLine(sentence, 1000)}`),
    ...findings.map(
      ({ severity, file, line, path, sentence }) =>
        `${severity === "error" ? "✘" : "!"} ${oneLine(folder, 300)}/${file}:${line}: ${path === "" ? "" : `${oneLine(path, 200)}: `}${oneLine(sentence, 1000)}`,
    ),
  ];
}

/** A check for people: every finding, then the rules, then what it comes to. */
export function checkLines(checked: CheckedFolder, folder: string): readonly string[] {
  const { findings, rules, roles, notes, holds, notCompiled, notKept } = checked;
  const count = (severity: string) => findings.filter((each) => each.severity === severity).length;
  const errors = count("error") + notCompiled.length + (notKept === undefined ? 0 : 1);
  return [
    ...findingLines(checked, folder),
    ...rules.map(ruleLine),
    ...roles.flatMap(({ title, holders }) =>
      holders === undefined
        ? []
        : [
            `  ${oneLine(title)}: ${
              holders.length === 0
                ? "nobody"
                : holders
                    .slice(0, 8)
                    .map((each) => oneLine(each, 80))
                    .join(", ")
            }${holders.length > 8 ? ` and ${holders.length - 8} more` : ""}`,
          ],
    ),
    ...notes.map((note) => `– ${note}`),
    `${holds ? "The policies hold" : "The policies do not hold"}: ${counted(errors, "error")} and ${counted(count("warning"), "warning")}.`,
  ];
}

function ruleLine({ number, modelType, target, seats, cases, reachable }: PolicyCheck["rules"][number]): string {
  const ways = cases === undefined || cases === 1 ? "" : `, ${cases} cases`;
  const reach = reachable === undefined ? "" : `; ${reachText(reachable)}`;
  return `  rule ${number}: ${modelType} in ${target}: up to ${seats} ${seats === 1 ? "seat" : "seats"}${ways}${reach}`;
}

function reachText(reachable: NonNullable<PolicyCheck["rules"][number]["reachable"]>): string {
  switch (reachable) {
    case "always":
      return "there are people for every seat";
    case "in-some-cases":
      return "in some cases nobody is there for a seat";
    case "never":
      return "nobody is there for a seat";
    default:
      return reachable satisfies never;
  }
}

function counted(count: number, what: string): string {
  return count === 0 ? `no ${what}s` : count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
