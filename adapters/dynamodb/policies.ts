import { brotliDecompressSync } from "node:zlib";
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { bundleDigest, largestBundle, type PolicyBundle, unpackBundle } from "../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../core/policy/policy-in-force.ts";
import { conditionFailed, fromItem, toItem } from "./item.ts";
import { compressed } from "./kept-policies.ts";
import { policyInForceKey, policyKey } from "./promotion-items.ts";

/** The versions of the policies, each under its digest, and which of them is in force. */
export function policyStore(client: DynamoDBClient, table: string) {
  return {
    /** Which version is in force; `undefined` before the first was put in force. Read strongly consistent. */
    async inForce(): Promise<PolicyInForce | undefined> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(policyInForceKey), ConsistentRead: true }),
      );
      return item === undefined ? undefined : fromItem<{ document: PolicyInForce }>(item).document;
    },

    /** A version by its digest. Throws `ledger-invalid` where it is gone or says something else. */
    async get(digest: Sha256): Promise<PolicyBundle> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(policyKey(digest)), ConsistentRead: true }),
      );
      const packed = item?.["brotli"]?.B;
      if (packed === undefined) throw new Failure("ledger-invalid", `The policies ${digest} are not in the table.`);
      const bundle = unpackBundle(new Uint8Array(brotliDecompressSync(packed, { maxOutputLength: largestBundle })));
      if (bundleDigest(bundle) !== digest)
        throw new Failure("ledger-invalid", `The policies ${digest} in the table are others.`);
      return bundle;
    },

    /** Keeps a version. Keeping the same one again changes nothing. Throws `invalid-policy` where it is too large. */
    async keep(bundle: PolicyBundle): Promise<Sha256> {
      const [digest, brotli] = [bundleDigest(bundle), compressed(bundle)];
      await client.send(
        new PutItemCommand({ TableName: table, Item: toItem({ ...policyKey(digest), kind: "policy", brotli }) }),
      );
      return digest;
    },

    /** Puts a version in force in the place of another; `lost` where that is not in force any more. */
    async replace(former: Sha256 | undefined, next: PolicyInForce): Promise<"replaced" | "lost"> {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem({ ...policyInForceKey, kind: "policy-in-force", digest: next.digest, document: next }),
            ...(former === undefined
              ? { ConditionExpression: "attribute_not_exists(pk)" }
              : {
                  ConditionExpression: "#digest = :former",
                  ExpressionAttributeNames: { "#digest": "digest" },
                  ExpressionAttributeValues: toItem({ ":former": former }),
                }),
          }),
        );
        return "replaced";
      } catch (error) {
        if (conditionFailed(error)) return "lost";
        throw error;
      }
    },
  };
}
