import { peopleIn } from "../../../local/people.ts";
import type { RunningStack } from "../../../local/stack.ts";
import { outputOf, Pipeline } from "./pipeline.ts";
import { ReviewerAtTerminal } from "./reviewer.ts";

/** Everybody and everything in the stories. */
export interface Cast {
  readonly stack: RunningStack;
  readonly pipeline: Pipeline;
  readonly compliance: ReviewerAtTerminal;
  readonly leadDataScientist: ReviewerAtTerminal;
  readonly reliabilityEngineer: ReviewerAtTerminal;
  /** A lead data scientist too, who trained the model. */
  readonly trainer: ReviewerAtTerminal;
  /** Two who may lend the seats that are missing. */
  readonly incidentCommander: ReviewerAtTerminal;
  readonly secondCommander: ReviewerAtTerminal;
  readonly say: (sentence: string) => void;
}

/** The people of local/people.json, at a running stack. */
export function castOf(stack: RunningStack, say: (sentence: string) => void): Cast {
  return {
    stack,
    pipeline: new Pipeline(stack),
    compliance: reviewerAt(stack, "ines"),
    leadDataScientist: reviewerAt(stack, "lars"),
    reliabilityEngineer: reviewerAt(stack, "mira"),
    trainer: reviewerAt(stack, "tomas"),
    incidentCommander: reviewerAt(stack, "noor"),
    secondCommander: reviewerAt(stack, "kofi"),
    say,
  };
}

/** One of the stack's people, with the command line's client. Throws where nobody has that name. */
export function reviewerAt(stack: RunningStack, username: string): ReviewerAtTerminal {
  const person = peopleIn(stack.peopleFile).byUsername(username);
  if (person === undefined) throw new Error(`Nobody in ${stack.peopleFile} is called ${username}.`);
  return new ReviewerAtTerminal(stack, outputOf(stack, "CliClientId"), username, person.password);
}
