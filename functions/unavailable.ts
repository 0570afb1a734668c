import { Failure } from "../core/failure.ts";

/**
 * Middleware of an SDK client (step `initialize`): once its own attempts are used up by throttling, server errors or
 * the network, it says `unavailable`. The state machine tries that again, and nothing else.
 */
export function orUnavailable(service: string) {
  return <Given, Answer>(next: (given: Given) => Promise<Answer>) =>
    async (given: Given): Promise<Answer> => {
      try {
        return await next(given);
      } catch (error) {
        if (!mayPass(error)) throw error;
        throw new Failure("unavailable", `${service} does not answer at the moment.`, { cause: error });
      }
    };
}

/** The same of any error that comes from a service, whichever it is: as `unavailable`, or `undefined` where no second attempt helps. */
export function asUnavailable(error: unknown): Failure | undefined {
  if (error instanceof Failure || !mayPass(error)) return undefined;
  return new Failure("unavailable", "A service that this rests on does not answer at the moment.", { cause: error });
}

/** Whether trying again may help: throttled, a fault of the service, or no answer at all. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/throttl|throughputexceeded|toomanyrequests|requestlimitexceeded|timeout/i.test(error.name)) return true;
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  if (typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata) {
    const status = Number(metadata.httpStatusCode);
    if (!Number.isNaN(status)) return status === 429 || status >= 500;
  }
  // What Node calls a connection that was refused, reset or lost; its own errors begin with ERR_.
  return "code" in error && typeof error.code === "string" && /^E(?!RR_)[A-Z_]+$/.test(error.code);
}
