import { nothingToMake } from "../carried-by-nobody.ts";
import { apiCreators } from "./create-api.ts";
import { flowCreators } from "./create-flow.ts";
import { frontCreators } from "./create-front.ts";
import { functionCreators } from "./create-functions.ts";
import { identityCreators } from "./create-identity.ts";
import type { Creators } from "./create-resources.ts";
import { storageCreators } from "./create-storage.ts";

/** Every CloudFormation type that this machine carries. */
export const allCreators: Creators = new Map(
  [
    nothingToMake,
    storageCreators,
    identityCreators,
    functionCreators,
    flowCreators,
    apiCreators,
    frontCreators,
  ].flatMap((creators) => Object.entries(creators)),
);
