import { type PolicyProblem, readPolicyFile } from "../encoding/policy-file.ts";
import type { Member } from "../promotion/identity.ts";
import { givesRole } from "./entitlement.ts";
import { loadMatrix } from "./load-matrix.ts";
import type { Person } from "./people.ts";
import { reachable } from "./reachability.ts";

/**
 * What of a matrix that loads the directory as it is now cannot fill: roles that nobody holds, and rules whose quorum
 * distinct people cannot make even where nobody is excluded. Every condition is taken to hold, also those that exclude
 * each other, so this is the most that a rule can ask. Each with its line.
 */
export function checkDirectory(
  text: string,
  members: readonly Member[],
  people: readonly Person[],
): readonly PolicyProblem[] {
  const loaded = loadMatrix(text);
  if (loaded.kind === "refused") return loaded.problems;
  const { roles, rules } = loaded.value;
  const enabled = members.filter((member) => member.enabled);
  const problems: { readonly path: readonly (string | number)[]; readonly sentence: string }[] = [];
  for (const [name, { groups }] of Object.entries(roles)) {
    if (enabled.some((member) => givesRole(roles, name, member))) continue;
    problems.push({ path: ["roles", name], sentence: `Nobody in the directory is in ${groups.join(", ")}.` });
  }
  for (const [index, rule] of rules.entries()) {
    const quorum = reachable({ rule, roles, excluded: new Map(), members: enabled, people });
    if (quorum.kind === "unreachable") problems.push({ path: ["rules", index], sentence: quorum.why });
  }
  return withLines(text, problems);
}

function withLines(
  text: string,
  problems: readonly { readonly path: readonly (string | number)[]; readonly sentence: string }[],
): readonly PolicyProblem[] {
  const lines: PolicyProblem[] = [];
  readPolicyFile(text, ({ file }) => {
    for (const { path, sentence } of problems) {
      const [kind, which] = path;
      lines.push({
        line: file.lineOf([...path]),
        path: typeof which === "number" ? `${kind}[${which}]` : path.join("."),
        sentence,
      });
    }
  });
  return lines.toSorted((a, b) => a.line - b.line);
}
