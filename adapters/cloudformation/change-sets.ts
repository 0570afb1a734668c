import {
  type CloudFormationClient,
  DescribeChangeSetCommand,
  type DescribeChangeSetOutput,
  DescribeStacksCommand,
} from "@aws-sdk/client-cloudformation";
import type { SeenChangeSet } from "../../core/deployment/change-set.ts";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";

/** A page holds up to a megabyte; a description that was signed holds sixteen at most. */
const mostPages = 64;

/**
 * Describes a change set by its ARN, with the values of the properties where what was signed has them; `undefined` where
 * it is not there. Throws `deployment-refused` where it may not be looked at.
 */
export function changeSets(client: CloudFormationClient) {
  return async (id: string, withValues: boolean): Promise<SeenChangeSet | undefined> => {
    const [first, ...others] = await pages(id, withValues);
    if (first === undefined) return undefined;
    const changes = [first, ...others].flatMap(({ Changes = [] }) => Changes);
    const { ExecutionStatus: executionStatus = "unknown", StackId } = first;
    const stack = StackId === undefined ? undefined : await stackOf(StackId);
    return {
      // Dates become text, and what is not there is left out, as where the description was printed.
      document: JSON.parse(JSON.stringify({ ...first, Changes: changes })) as Json,
      executionStatus,
      ...(stack === undefined ? {} : { stack }),
    };
  };

  async function pages(id: string, withValues: boolean): Promise<readonly DescribeChangeSetOutput[]> {
    const found: DescribeChangeSetOutput[] = [];
    let NextToken: string | undefined;
    do {
      const input = { ChangeSetName: id, IncludePropertyValues: withValues, NextToken };
      const page = await unlessAbsent(() => client.send(new DescribeChangeSetCommand(input)));
      if (page === undefined) return [];
      found.push(page);
      NextToken = page.NextToken;
    } while (NextToken !== undefined && found.length < mostPages);
    return found;
  }

  async function stackOf(StackName: string): Promise<SeenChangeSet["stack"]> {
    const answer = await unlessAbsent(() => client.send(new DescribeStacksCommand({ StackName })));
    const [stack] = answer?.Stacks ?? [];
    if (stack?.StackStatus === undefined) return undefined;
    const { StackStatus: status, ChangeSetId } = stack;
    return { status, ...(ChangeSetId === undefined ? {} : { changeSet: ChangeSetId }) };
  }
}

async function unlessAbsent<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (/^ChangeSetNotFound/.test(error.name)) return undefined;
    // CloudFormation has no error of its own for a stack that is not there, or an ARN of another region.
    if (error.name === "ValidationError" && /does not exist|invalid/i.test(error.message)) return undefined;
    if (/^AccessDenied/.test(error.name))
      throw new Failure(
        "deployment-refused",
        "Countersign may not look at the change set that was signed, so nobody knows whether it is applied.",
        { cause: error },
      );
    throw error;
  }
}
