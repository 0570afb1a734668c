import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { policyStore } from "../../adapters/dynamodb/policies.ts";
import { readPolicyFolder } from "../../adapters/policies/policy-folder.ts";
import type { Policies } from "../../core/policy/load-policies.ts";
import { policyInForce } from "./policy-in-force.ts";

/** The policies of the deployment, which lie beside a function's bundle, of which this is a part. */
export function deployedHere(): Policies {
  return readPolicyFolder(new URL("./policies/", import.meta.url));
}

/** The policies in force, for a function. */
export function policiesHere(
  dynamodb: DynamoDBClient,
  table: string,
  deployed = deployedHere(),
): () => Promise<Policies> {
  return policyInForce({ deployed, policies: policyStore(dynamodb, table) });
}
