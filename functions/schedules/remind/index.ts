import { readEnvironment } from "../../environment.ts";
import { tellingUnderPolicy } from "../../telling/telling-ports.ts";
import { environment } from "./env.ts";
import { remind } from "./handler.ts";

export const handler = tellingUnderPolicy(readEnvironment(environment, process.env), remind);
