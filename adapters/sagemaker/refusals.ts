import { ResourceNotFound } from "@aws-sdk/client-sagemaker";

/** Creates something unless it is there already. */
export async function createOnce(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isRefusal(error, /already exist/i)) throw error;
  }
}

/** What a call answers, or `undefined` where the thing that it is about is not there. */
export async function unlessAbsent<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    // SageMaker has an error of its own for jobs alone: of anything else it is a ValidationException with this sentence.
    if (error instanceof ResourceNotFound) return undefined;
    if (isRefusal(error, /could not find|does not exist/i)) return undefined;
    throw error;
  }
}

/** Whether SageMaker refused because somebody else got there first: made the endpoint, or is changing it. */
export function isOvertaken(error: unknown): boolean {
  return isRefusal(error, /already exist|in-progress|cannot update/i);
}

/** Whether SageMaker refused because a variant is registered for auto scaling, and would get other instances or go. */
export function isScaled(error: unknown): error is Error {
  return isRefusal(error, /scalable target|auto ?scaling/i);
}

function isRefusal(error: unknown, sentence: RegExp): error is Error {
  return error instanceof Error && error.name === "ValidationException" && sentence.test(error.message);
}
