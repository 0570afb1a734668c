import { SFNClient } from "@aws-sdk/client-sfn";
import * as v from "valibot";
import { executionStarter } from "./executions.ts";
import { hearApproval } from "./handler.ts";

const seconds = v.pipe(v.string(), v.digits(), v.transform(Number));
const env = v.parse(v.object({ STATE_MACHINE_ARN: v.string(), EVERY_SECONDS: seconds }), process.env);

export const handler = hearApproval(executionStarter(new SFNClient({}), env.STATE_MACHINE_ARN, env.EVERY_SECONDS));
