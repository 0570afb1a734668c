import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { installationStore } from "../../adapters/dynamodb/installation-store.ts";
import type { SubjectClaim } from "../../core/attestation/id-token.ts";
import { type Installation, readInstallationRecord } from "../../core/attestation/installation-record.ts";
import { installationsAt } from "../../core/attestation/installations-in-force.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { now } from "../clock.ts";
import { reviewerSignIns } from "../people/reviewer-sign-ins.ts";
import { installationFacts } from "./installation-facts.ts";

interface InstallationEnvironment {
  readonly OIDC_ISSUER: string;
  readonly OIDC_SUBJECT_CLAIM: SubjectClaim;
  readonly PORTAL_CLIENT_ID: string;
  readonly CLI_CLIENT_ID: string;
  readonly PORTAL_URL: string;
  readonly ATTESTATION_BASE: string;
  readonly LOG_ORIGIN: string;
}

/** What the ledger tells of the installation, for a function that appends to it. */
export function installationHere(
  dynamodb: DynamoDBClient,
  env: InstallationEnvironment & { readonly LEDGER_TABLE: string },
) {
  return installationFacts({
    now,
    installation: installationOf(env),
    told: installationStore(dynamodb, env.LEDGER_TABLE),
  });
}

/** The settings under which something may have been recorded at an instant: as the ledger told them, and those of here. */
export function installationsInForce(
  dynamodb: DynamoDBClient,
  env: InstallationEnvironment & { readonly LEDGER_TABLE: string },
) {
  const store = installationStore(dynamodb, env.LEDGER_TABLE);
  return async (at: Instant): Promise<readonly Installation[]> => {
    const told = (await store.load()).map((fact) => ({ ...readInstallationRecord(fact), at: fact.at }));
    return installationsAt(told, installationOf(env), at);
  };
}

/** What a function of this deployment works by. */
export function installationOf(env: InstallationEnvironment): Installation {
  const portal = new URL(env.PORTAL_URL);
  return {
    ...reviewerSignIns(env),
    passkeys: { rpId: portal.hostname, origins: [portal.origin] },
    attestationBase: env.ATTESTATION_BASE,
    logOrigin: env.LOG_ORIGIN,
  };
}
