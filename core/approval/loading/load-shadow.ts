import {
  complain,
  countOf,
  durationText,
  fieldsOf,
  type Place,
  secondsOf,
  textOf,
} from "../../encoding/policy-file.ts";
import { type AnswerPlaces, mostCompared, type ShadowPlan } from "../../promotion/shadow.ts";

/** SageMaker's own tests in shadow end after so long: what is not known by then is another question. */
export const longestShadowSeconds = 30 * 86_400;
/** For what is slow to come in: beside the time that it runs anyway. */
const usualSlack = 86_400;

const bounds = ["agreement", "errorPercent", "p95Milliseconds", "psi"] as const;

/**
 * Reads how a rule has candidates run in shadow; `undefined` where it does not.
 * @param expiresAfterSeconds the promotion's time, in which people have to be asked yet
 */
export function shadowOf(place: Place | undefined, expiresAfterSeconds: number): ShadowPlan | undefined {
  if (place === undefined) return undefined;
  const fields = fieldsOf(place, ["duration", "requests"], ["within", ...bounds, "answers", "required"]);
  const durationSeconds = secondsOf(fields.duration, 1, longestShadowSeconds);
  const withinSeconds =
    fields.within === undefined
      ? Math.min(durationSeconds + usualSlack, longestShadowSeconds)
      : secondsOf(fields.within, 1, longestShadowSeconds);
  const { agreement, errorPercent, p95Milliseconds, psi, answers, required } = fields;
  if (fields.within !== undefined && withinSeconds < durationSeconds)
    complain(fields.within, `It runs for ${durationText(durationSeconds)} at least, so it is not over before.`);
  if (withinSeconds >= expiresAfterSeconds)
    complain(
      fields.within ?? place,
      `It may run for ${durationText(withinSeconds)}, and the promotion is over after ${durationText(expiresAfterSeconds)}: nobody could be asked in time.`,
    );
  if (bounds.every((bound) => fields[bound] === undefined))
    complain(place, "Nothing would be judged: name one at least of agreement, errorPercent, p95Milliseconds and psi.");
  if (required !== undefined && required.value !== true)
    complain(required, "This must be true; leave the field out where a first release may go on without.");
  return {
    durationSeconds,
    requests: countOf(fields.requests, 1, mostCompared),
    withinSeconds,
    ...(agreement === undefined ? {} : { agreement: numberWithin(agreement, 0, 1) }),
    ...(errorPercent === undefined ? {} : { errorPercent: numberWithin(errorPercent, 0, 100) }),
    // SageMaker gives a model 60 seconds to answer.
    ...(p95Milliseconds === undefined ? {} : { p95Milliseconds: countOf(p95Milliseconds, 1, 60_000) }),
    ...(psi === undefined ? {} : { psi: numberWithin(psi, 0, 100) }),
    ...(answers === undefined ? {} : { answers: answersOf(answers) }),
    ...(required === undefined ? {} : { required: true as const }),
  };
}

function answersOf(place: Place): AnswerPlaces {
  const { list, score, decision, threshold } = fieldsOf(place, [], ["list", "score", "decision", "threshold"]);
  if (decision !== undefined && threshold !== undefined)
    complain(threshold, "The decision is named already: a threshold is for scores alone.");
  return {
    ...(list === undefined ? {} : { list: pointerOf(list) }),
    ...(score === undefined ? {} : { score: pointerOf(score) }),
    ...(decision === undefined ? {} : { decision: pointerOf(decision) }),
    ...(threshold === undefined ? {} : { threshold: numberWithin(threshold, -1_000_000_000, 1_000_000_000) }),
  };
}

function pointerOf(place: Place): string {
  const text = textOf(place);
  if (text !== "" && !/^(\/([^~/]|~[01])*)+$/.test(text))
    complain(place, "This must be a JSON pointer (RFC 6901), such as /predictions.");
  return text;
}

function numberWithin(place: Place, least: number, most: number): number {
  const { value } = place;
  if (typeof value === "number" && value >= least && value <= most) return value;
  complain(place, `This must be a number from ${least} to ${most}.`);
  return most;
}
