import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { absenceStore } from "../../../adapters/dynamodb/absences.ts";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { loanBooks } from "../../../adapters/dynamodb/loan-books.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { sequencerStore } from "../../../adapters/dynamodb/sequencer-store.ts";
import { claimsMachineIssuer, machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { blobReader } from "../../../adapters/s3/blobs.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { standsInFor } from "../../people/delegations.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { rememberedDirectory } from "../../people/remembered-directory.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { readPromotions } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const issuers = readMachineIssuers(env.MACHINE_ISSUERS);
const dynamodb = new DynamoDBClient({});
const delegations = delegationStore(dynamodb, env.PROMOTIONS_TABLE);
const directory = rememberedDirectory(reviewerDirectory(env), now);
const verifyMachine = machineTokens(issuers);

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    readPromotions({
      now,
      policy,
      groups: policy.groups,
      attestationBase: env.ATTESTATION_BASE,
      claimsMachine: (token) => claimsMachineIssuer(issuers, token),
      verifyMachine: async (token) => identifyMachine(policy.machines, await verifyMachine(token)).identity,
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      loanBooks: loanBooks(dynamodb, env.PROMOTIONS_TABLE),
      delegations,
      absences: absenceStore(dynamodb, env.PROMOTIONS_TABLE),
      standsIn: async (person) =>
        standsInFor(person, await delegations.notOver(now()), now(), { roles: policy.matrix.roles, directory }),
      directory,
      ledger: sequencerStore(dynamodb, env.LEDGER_TABLE),
      blobs: blobReader(new S3Client({}), env.LEDGER_BUCKET),
    }),
  ),
  log,
);
