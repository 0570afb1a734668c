import { Failure } from "../core/failure.ts";
import { buildCandidate } from "../examples/credit-scoring/candidate.ts";
import { isDone } from "../examples/credit-scoring/demo/acts.ts";
import { outputOf, Pipeline } from "../examples/credit-scoring/demo/pipeline.ts";
import { ReviewerAtTerminal } from "../examples/credit-scoring/demo/reviewer.ts";
import { peopleIn } from "./people.ts";
import type { RunningStack } from "./stack.ts";

/**
 * Puts example promotions into a new stack through its public API, as CI and reviewers would: a champion that serves,
 * a candidate that waits for compliance, and one that its gates stopped. Throws `invalid-policy` where the policies are others than
 * those that are shipped, and refuse them.
 */
export async function seed(
  stack: RunningStack,
  pipeline: Pick<Pipeline, "submit" | "until"> = new Pipeline(stack),
): Promise<void> {
  const champion = await submit(pipeline, "champion", "1.0.0");
  const sign = (username: string, role: string) => signAs(stack, champion, username, role);
  await pipeline.until(champion, "the first stage", ({ stage }) => stage?.index === 0 && stage.open);
  await sign("ines", "compliance-officer");
  await pipeline.until(champion, "the second stage", ({ stage }) => stage?.index === 1 && stage.open);
  await sign("lars", "lead-data-scientist");
  await sign("mira", "sre");
  await pipeline.until(champion, "the deployment", ({ status }) => status === "deployed");
  await submit(pipeline, "weak", "2.0.0-weak");
  await submit(pipeline, "candidate", "2.0.0");
}

async function submit(
  pipeline: Pick<Pipeline, "submit">,
  variant: "champion" | "candidate" | "weak",
  version: string,
): Promise<string> {
  const answer = await pipeline.submit(buildCandidate(variant, undefined, version), version);
  const { status, body } = answer;
  if (!isDone(answer, 202))
    throw refusedWith(status, `The example ${version} was answered ${status}: ${String(body["detail"])}`);
  return String(body["id"]);
}

async function signAs(stack: RunningStack, promotion: string, username: string, role: string): Promise<void> {
  const person = peopleIn(stack.peopleFile).byUsername(username);
  if (person === undefined)
    throw new Failure("invalid-person", `There is nobody called '${username}' to sign the example.`);
  const reviewer = new ReviewerAtTerminal(stack, outputOf(stack, "CliClientId"), username, person.password);
  const reason = "Seeded example: the champion that runs now.";
  const answer = await reviewer.decide(promotion, { result: "approve", roles: [role], reason });
  const { status, body } = answer;
  if (!isDone(answer, 201))
    throw refusedWith(status, `The example's sign-off was answered ${status}: ${String(body["detail"])}`);
}

/** What the service refuses, it refuses by its policies: the example is the same in every checkout. */
function refusedWith(status: number, sentence: string): Failure {
  return new Failure(status >= 400 && status < 500 ? "invalid-policy" : "internal", sentence);
}
