import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { Status } from "../../../core/promotion/promotion.ts";
import type { Target } from "../../../core/promotion/target.ts";

const answering = {
  "sagemaker-endpoint": "endpoint",
  "sagemaker-inference-component": "inference component",
  kubernetes: "workload",
} as const satisfies Partial<Record<Target["kind"], string>>;

/** What a candidate asks for is ahead, is there for as long as a loan lasts, has come, or never came to stay. */
type Stands = "ahead" | "lent" | "come" | "over";

function standOf(status: Status): Stands {
  if (status === "loaned") return "lent";
  if (status === "deployed" || status === "restricted") return "come";
  return hasEnded(status) ? "over" : "ahead";
}

const headings: Readonly<Record<Stands, string>> = {
  ahead: "What would change",
  lent: "What changes while it is lent",
  come: "What changed",
  over: "What was to change",
};

const policies: Readonly<Record<Exclude<Stands, "lent">, string>> = {
  ahead: "These policies would be in force: who must sign, and what the gates ask, from then on.",
  come: "These policies came in force: who must sign, and what the gates ask, until others take their place.",
  over: "These policies were to be in force: who must sign, and what the gates ask, from then on.",
};

/** What would change in production, or did. Of a released version it is not said that it runs: another may run since. */
export function changeSentence(
  { name, version }: { readonly name: string; readonly version: string },
  { kind, name: target, endpoint }: Pick<Target, "name" | "kind" | "endpoint">,
  status: Status,
  /** It ran, drifted, and is asked for again. */
  drifted = false,
): string {
  const stands = standOf(status);
  if (kind === "policy") return policies[stands === "lent" ? "ahead" : stands];
  const what =
    kind === "pipeline" || kind === "webhook"
      ? `run in ${target} (${endpoint})`
      : `answer all requests to the ${answering[kind]} ${endpoint} in ${target}`;
  const candidate = `Version ${version} of ${name}`;
  switch (stands) {
    case "ahead":
      return drifted
        ? `${candidate} has drifted; approved again, it would ${what} all the same.`
        : `${candidate} would ${what}.`;
    case "lent":
      return `${candidate} is lent, to ${what} until the loan ends.`;
    case "come":
      return `${candidate} was released to ${what}.${status === "restricted" ? " It has been restricted since." : ""}`;
    case "over":
      return status === "rolled-back"
        ? `${candidate} was released to ${what}, and was taken back.`
        : `${candidate} was to ${what}.`;
    default:
      return stands satisfies never;
  }
}

export const changeHeading = (status: Status): string => headings[standOf(status)];
