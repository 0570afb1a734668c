import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { installationStore } from "../../adapters/dynamodb/installation-store.ts";
import { reviewerTokens } from "../../adapters/oidc/reviewer-tokens.ts";
import type { SignIns } from "../../core/attestation/installations-in-force.ts";
import { now } from "../clock.ts";
import { settingsTold } from "../ledger/settings-told.ts";

/** Verifies the sign-ins of what is recorded with them: they count for whoever verifies the log once that tells of these settings. */
export function recordedSignIns(
  dynamodb: DynamoDBClient,
  { LEDGER_TABLE: table }: { readonly LEDGER_TABLE: string },
  signIns: SignIns,
): ReturnType<typeof reviewerTokens> {
  const verify = reviewerTokens(signIns);
  const requireTold = settingsTold({ now, signIns, told: installationStore(dynamodb, table).load });
  return async (token, expected) => {
    const reviewer = await verify(token, expected);
    await requireTold();
    return reviewer;
  };
}
