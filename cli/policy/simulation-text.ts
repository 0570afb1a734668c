import { renderExplanation } from "../../core/approval/render-explanation.ts";
import { minuteText } from "../../core/encoding/instant.ts";
import { blocks } from "../../core/gates/gate-report.ts";
import type { Simulation } from "../../core/policy/simulation.ts";
import { oneLine } from "../terminal-text.ts";

/** A simulation for people: what would become of the request first, then why, gate by gate and seat by seat. */
export function simulationLines(simulation: Simulation): readonly string[] {
  const { outcome, why, rule, gates, excluded, explanation, notes } = simulation;
  return [
    headline(outcome),
    ...why.map((each) => `  ${oneLine(each, 2000)}`),
    ...(rule === undefined
      ? []
      : [
          "",
          `Rule ${rule.number} of the matrix: ${rule.modelType} in ${rule.target}, over at ${minuteText(rule.expiresAt)}`,
          ...(rule.riskTier === undefined ? [] : [`  risk tier ${rule.riskTier}`]),
          ...(rule.dataClass === undefined ? [] : [`  data class ${rule.dataClass}`]),
          `  requirements ${rule.requirements}`,
        ]),
    ...(gates === undefined || gates.findings.length === 0
      ? []
      : [
          "",
          `Gates: ${gates.outcome}`,
          ...gates.findings.map((finding) => {
            const mark = gates.undecided.includes(finding.rule)
              ? "?"
              : finding.status === "passed"
                ? "✔"
                : blocks(finding)
                  ? "✖"
                  : "~";
            return `  ${mark} ${oneLine(finding.sentence, 1000)}`;
          }),
        ]),
    ...(excluded.length === 0
      ? []
      : ["", "May not approve", ...excluded.map((each) => `  ${oneLine(each.name, 120)} ${oneLine(each.why)}`)]),
    ...(explanation === undefined
      ? []
      : [
          "",
          "Approval",
          ...renderExplanation(explanation)
            .split("\n")
            .map((line) => `  ${line}`),
        ]),
    ...(notes.length === 0 ? [] : ["", "Taken for granted", ...notes.map((note) => `  – ${oneLine(note, 1000)}`)]),
  ];
}

function headline(outcome: Simulation["outcome"]): string {
  switch (outcome) {
    case "would-pass":
      return "✔ Would pass: the gates and every seat.";
    case "would-be-blocked":
      return "✖ Would be blocked:";
    case "would-wait":
      return "○ Would wait:";
    default:
      return outcome satisfies never;
  }
}
