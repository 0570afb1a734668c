import { onOneLine } from "../encoding/on-one-line.ts";
import { type Explanation, type ExplanationStatus, type NamedPerson, personText } from "./explanation.ts";

const marks: Readonly<Record<ExplanationStatus, string>> = {
  met: "✔ met",
  open: "○ open",
  waiting: "○ waiting",
  rejected: "✖ rejected",
  unreachable: "✖ unreachable",
};

/** Names shown of those who could fill a seat; the tree itself has them all. */
const namesShown = 5;

/** The explanation as indented lines for a terminal: the same text for the same tree. `over`: nobody can sign any more. */
export function renderExplanation(explanation: Explanation, over = false): string {
  return linesOf(explanation, over, 0).join("\n");
}

function linesOf(
  { name, status, why, children, seats, dismissed }: Explanation,
  over: boolean,
  depth: number,
): readonly string[] {
  const indent = "  ".repeat(depth);
  const below = `${indent}    `;
  const undecided = over && (status === "open" || status === "waiting");
  return [
    undecided
      ? `${indent}– not decided  ${onOneLine(name)}`
      : `${indent}${marks[status]}  ${onOneLine(name)}: ${onOneLine(why)}`,
    ...(seats ?? []).flatMap(({ filledBy, couldBeFilledBy }) => {
      if (filledBy !== undefined) return `${below}seat filled by ${onOneLine(personText(filledBy))}`;
      if (over) return `${below}nobody signed`;
      return couldBeFilledBy.length === 0 ? [] : `${below}seat free; could be filled by ${names(couldBeFilledBy)}`;
    }),
    ...(dismissed ?? []).map(
      ({ person, why: reason }) => `${below}does not count: ${onOneLine(person.name)} ${onOneLine(reason)}`,
    ),
    ...children.flatMap((child) => linesOf(child, over, depth + 1)),
  ];
}

function names(people: readonly NamedPerson[]): string {
  const shown = people.slice(0, namesShown).map((person) => onOneLine(personText(person)));
  return people.length > shown.length
    ? `${shown.join(", ")} and ${people.length - shown.length} more`
    : shown.join(", ");
}
