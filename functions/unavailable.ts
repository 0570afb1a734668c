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

/**
 * What services call it that there are too many requests, or that somebody else is at the same item or object this very
 * moment. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * So does what KMS says of a key that somebody disabled, or scheduled for deletion: whoever has signed is not asked again for that.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
 */
const passing =
  /throttl|throughputexceeded|toomanyrequests|requestlimitexceeded|timeout|transactionconflict|transactioninprogress|conditionalrequestconflict|operationaborted|^(disabledexception|kmsinvalidstateexception)$/i;

/** Whether trying again may help: throttled, overtaken, a fault of the service, or no answer at all. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (passing.test(error.name) || cancelledFor(error).some((code) => passing.test(code))) return true;
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  if (typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata) {
    const status = Number(metadata.httpStatusCode);
    if (!Number.isNaN(status)) return status === 429 || status >= 500;
  }
  // What Node calls a connection that was refused, reset or lost; its own errors begin with ERR_.
  return "code" in error && typeof error.code === "string" && /^E(?!RR_)[A-Z_]+$/.test(error.code);
}

/**
 * Why DynamoDB cancelled a transaction, where it did: the error's own name says nothing of it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
 */
function cancelledFor(error: Error): readonly string[] {
  const reasons = "CancellationReasons" in error ? error.CancellationReasons : undefined;
  if (!Array.isArray(reasons)) return [];
  return reasons.flatMap((reason: { readonly Code?: unknown } | null) =>
    typeof reason?.Code === "string" ? [reason.Code] : [],
  );
}
