import { STSClient } from "@aws-sdk/client-sts";
import * as v from "valibot";
import { fetchPromotion } from "../../../../cli/fetch-promotion.ts";
import { apiClient } from "../../../../cli/service/api-client.ts";
import { webIdentity } from "../web-identity.ts";
import { lookAtPromotion } from "./handler.ts";

const env = v.parse(v.object({ COUNTERSIGN_URL: v.pipe(v.string(), v.url()) }), process.env);
const api = apiClient(env.COUNTERSIGN_URL);
const token = webIdentity(new STSClient({}), new URL(api.base).origin);

export const handler = lookAtPromotion(async (id) => (await fetchPromotion(api, id, await token())).promotion);
