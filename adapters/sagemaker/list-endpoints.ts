import { ListEndpointsCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";

/** The names of every endpoint in the account and region. */
export async function listEndpoints(client: SageMakerClient): Promise<readonly string[]> {
  const names: string[] = [];
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListEndpointsCommand({ MaxResults: 100, ...(next === undefined ? {} : { NextToken: next }) }),
    );
    names.push(...(page.Endpoints ?? []).flatMap(({ EndpointName: name }) => (name === undefined ? [] : [name])));
    next = page.NextToken;
  } while (next !== undefined);
  return names;
}
