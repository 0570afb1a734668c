import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { passkeyStore } from "../../../adapters/dynamodb/passkeys.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { turnBooks } from "../../../adapters/dynamodb/turn-books.ts";
import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { verifyAssertionTwice } from "../../../adapters/webauthn/passkeys.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { signerInUse } from "../../keys/signer-in-use.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { recordedSignIns } from "../recorded-sign-ins.ts";
import { environment } from "./env.ts";
import { recordDelegation } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const signer = signerInUse(new KMSClient({}), env, promotionStore(dynamodb, env.PROMOTIONS_TABLE));

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    recordDelegation({
      now,
      turns: turnBooks(dynamodb, env.REPLAYS_TABLE),
      attestationBase: env.ATTESTATION_BASE,
      policy,
      delegations: delegationStore(dynamodb, env.PROMOTIONS_TABLE),
      passkeys: passkeyStore(dynamodb, env.PROMOTIONS_TABLE),
      verifyAssertion: (assertion, expected) => verifyAssertionTwice(assertion, expected, verifyJws),
      directory: reviewerDirectory(env),
      verifyReviewer: recordedSignIns(dynamodb, env, reviewerSignIns(env)),
      sign: signer.sign,
      verifyingKey: signer.verifyingKey,
    }),
  ),
  log,
);
