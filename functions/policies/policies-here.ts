import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { policyStore } from "../../adapters/dynamodb/policies.ts";
import { readPolicyFolder } from "../../adapters/policies/policy-folder.ts";
import type { Policies } from "../../core/policy/load-policies.ts";
import { policyInForce } from "./policy-in-force.ts";

/** The policies in force, for a function: those of the deployment lie beside its bundle, of which this is a part. */
export function policiesHere(dynamodb: DynamoDBClient, table: string): () => Promise<Policies> {
  const deployed = readPolicyFolder(new URL("./policies/", import.meta.url));
  return policyInForce({ deployed, policies: policyStore(dynamodb, table) });
}
