import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { absenceStore } from "../../../adapters/dynamodb/absences.ts";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { rememberedDirectory } from "../../people/remembered-directory.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { planAbsence } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const directory = rememberedDirectory(reviewerDirectory(env), now);

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    planAbsence({
      now,
      attestationBase: env.ATTESTATION_BASE,
      policy,
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      directory,
      delegations: delegationStore(dynamodb, env.PROMOTIONS_TABLE),
      absences: absenceStore(dynamodb, env.PROMOTIONS_TABLE),
    }),
  ),
  log,
);
