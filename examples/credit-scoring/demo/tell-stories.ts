import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../../core/failure.ts";
import type { LocalImage } from "../../../local/sagemaker/container.ts";
import { type RunningStack, type StackOptions, startStack } from "../../../local/stack.ts";
import { localImage, scorerUrl } from "../artifacts.ts";
import { exampleCluster } from "../cluster.ts";
import { canaryBreach, failingImage } from "./canary-breach.ts";
import { type Cast, castOf } from "./cast.ts";
import { conditional } from "./conditional.ts";
import { delegation } from "./delegation.ts";
import { drift } from "./drift.ts";
import { intruder } from "./intruder.ts";
import { kubernetesRollout } from "./kubernetes-rollout.ts";
import { loan } from "./loan.ts";
import { changedPlan, passport } from "./passport.ts";
import { policyChange } from "./policy-change.ts";
import { shadow } from "./shadow.ts";
import { blocked, deployed, rejected, type StoryResult, selfApproval, supersede, tampered } from "./stories.ts";

const people = fileURLToPath(new URL("../../../local/people.json", import.meta.url));

/** A stack for the example: its people, and its scorer in the image registry. Its state lies below `folder`. */
export function startExampleStack(
  folder: string,
  cdkOut: string,
  options: Partial<StackOptions> = {},
): Promise<RunningStack> {
  return startStack({
    stateDirectory: join(folder, "state"),
    cdkOut,
    ports: "free",
    people,
    images: exampleImages(),
    cluster: exampleCluster(),
    // Five minutes of baking take half a second.
    pace: 600,
    ...options,
  });
}

/** What the stories' registry holds. */
export function exampleImages(): readonly LocalImage[] {
  return [{ ...localImage(), program: fileURLToPath(scorerUrl) }, failingImage];
}

/** What happens, after another story of the same model and target or as the first one. */
type Story = (cast: Cast, before: StoryResult | undefined) => Promise<StoryResult>;
type Group = Readonly<Record<string, Story>>;

/**
 * What happens to one model in one target: one story after the other, for a newer candidate supersedes an older one. The
 * groups run beside each other.
 */
const groups: readonly Group[] = [
  {
    deployed,
    "canary-breach": canaryBreach,
    conditional,
    blocked,
    rejected,
    tampered,
    supersede,
    delegation,
    "self-approval": selfApproval,
  },
  // The longest first: it waits for the end of the loan.
  { loan },
  { shadow },
  { kubernetes: kubernetesRollout },
  { passport, "changed-plan": changedPlan },
  // The second is of the model that has just been approved again.
  { drift, intruder: (cast, before) => intruder(cast, before?.promotionId ?? "") },
];

/** Tells the stories, each group of them in its order, and `others` beside them. Throws where one goes otherwise than it should. */
export async function tellStories(
  stack: RunningStack,
  say: (sentence: string) => void,
  others: readonly Group[] = [],
): Promise<readonly StoryResult[]> {
  const cast = castOf(stack, say);
  // On AWS the schedule rings within five minutes of the deployment; the stories are over by then.
  await stack.ring("PublishKeysSchedule");
  await stack.ring("AdoptPolicySchedule");
  const told = await Promise.allSettled([...groups, ...others].map((group) => tellInTurn(cast, group)));
  const results = told.flatMap((group) => {
    if (group.status === "rejected") throw group.reason;
    return group.value;
  });
  // Other policies hold for everybody, so nothing is beside it.
  return [...results, ...(await tellInTurn(cast, { "policy-change": policyChange }))];
}

async function tellInTurn(cast: Cast, group: Group): Promise<readonly StoryResult[]> {
  const results: StoryResult[] = [];
  for (const [name, story] of Object.entries(group)) {
    const say = (sentence: string): void => cast.say(`${name.padEnd(13)} ${sentence}`);
    const result = await story({ ...cast, say }, results.at(-1)).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(error.code, `The story '${name}' went otherwise: ${error.message}`, { cause: error });
    });
    say(`${result.status}: ${result.explanation}`);
    results.push(result);
  }
  return results;
}
