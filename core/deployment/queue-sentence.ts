import { answerTopics, type Target } from "../promotion/target.ts";

/** Where an endpoint that queues what it is asked leaves its answers, for whoever signs; `undefined` of any other. */
export function queueSentence(target: Target): string | undefined {
  const { asynchronous } = target.kind === "sagemaker-endpoint" ? target : {};
  if (asynchronous === undefined) return undefined;
  const { output, failures, key, topics = {} } = asynchronous;
  const failed = failures === undefined ? "" : `, and what failed below ${failures}`;
  const encrypted = key === undefined ? "" : `, encrypted with ${key}`;
  const told = answerTopics.flatMap((each) => {
    const topic = topics[each];
    if (topic === undefined) return [];
    return [topics.withAnswer?.includes(each) === true ? `${topic} (with the answer)` : topic];
  });
  const tells = told.length === 0 ? "" : ` It tells ${[...new Set(told)].join(" and ")}.`;
  return `It queues what it is asked, and leaves its answers below ${output}${failed}${encrypted}.${tells}`;
}
