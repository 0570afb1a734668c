import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { passportKeys } from "../../../adapters/kms/signer.ts";
import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { passportIssuer } from "../../../core/attestation/passport.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { redeemPassport } from "./handler.ts";

const env = readEnvironment(environment, process.env);

export const handler = answering(
  redeemPassport({
    now,
    issuer: passportIssuer(env.PORTAL_URL),
    keys: passportKeys(new KMSClient({}), env.PASSPORT_KEY_IDS.split(",")),
    verify: verifyJws,
    promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
  }),
  log,
);
