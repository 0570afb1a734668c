import * as v from "valibot";

import type { AwsCallLog, LocalService } from "./aws-call.ts";
import { type AwsJsonRequest, AwsRefusal, serveAwsJson } from "./aws-json-server.ts";
import type { JsonObject } from "./json-shape.ts";

/** One permission that IAM would ask for, with the condition keys of the request. */
export interface JudgedAction {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** One operation of a service: takes the request's body, notes what IAM judges, answers a document. */
export type AwsOperation = (body: JsonObject, need: (judged: JudgedAction) => void) => JsonObject | Promise<JsonObject>;

/**
 * An operation whose body must have exactly the shape of `schema`; anything else is refused with the service's own
 * `invalidCode`, unknown members included, because ignoring one would change what was asked for.
 */
export function operation<Schema extends v.GenericSchema>(
  schema: Schema,
  invalidCode: string,
  run: (input: v.InferOutput<Schema>, need: (judged: JudgedAction) => void) => JsonObject | Promise<JsonObject>,
): AwsOperation {
  return (body, need) => {
    const parsed = v.safeParse(schema, body);
    if (parsed.success) return run(parsed.output, need);
    const [issue] = parsed.issues;
    throw new AwsRefusal(invalidCode, `${v.getDotPath(issue) ?? "The request"}: ${issue.message}`);
  };
}

/** Serves `operations` under the `X-Amz-Target` prefix `target`, and logs each call with all that IAM would judge. */
export function serveOperations(options: {
  readonly target: string;
  readonly operations: Readonly<Record<string, AwsOperation>>;
  readonly log: AwsCallLog;
  readonly port?: number | undefined;
  readonly clock: () => number;
}): Promise<LocalService> {
  const { target, operations, log, port, clock } = options;
  const run = async (request: AwsJsonRequest) => {
    const needs: JudgedAction[] = [];
    let status = 500;
    try {
      const body = await operations[request.operation]?.(request.body, (judged) => needs.push(judged));
      status = 200;
      return { status, body: body ?? {} };
    } catch (error) {
      if (error instanceof AwsRefusal) status = error.status;
      throw error;
    } finally {
      const at = new Date(clock()).toISOString();
      for (const { action, resource, context = {} } of needs) {
        log.record({ at, principal: request.principal, action, resource, context, status });
      }
    }
  };
  return serveAwsJson(
    // The calls are logged above, where their condition keys are known.
    { target, operations: new Set(Object.keys(operations)), authorize: () => [], handle: run },
    { port, log, now: clock },
  );
}

/** The bytes of a base64 blob (Smithy `blob`) between `least` and `most` long. */
export function blob(least: number, most: number) {
  return v.pipe(
    v.string(),
    v.base64(),
    v.transform((text) => Buffer.from(text, "base64")),
    v.check((bytes) => bytes.length >= least && bytes.length <= most, `must have ${least} to ${most} bytes`),
  );
}
