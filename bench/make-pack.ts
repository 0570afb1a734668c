import { renameSync } from "node:fs";
import { BusyHouse, signOffsEach } from "./audit-pack.ts";

// `node make-pack.ts <sign-offs> <path>`: a pack for the benchmarks, whole or not at all.

const [, , signOffs = "", path = ""] = process.argv;
const house = await BusyHouse.open();
await house.promote(Math.ceil(Number(signOffs) / signOffsEach));
await house.export(`${path}.part`);
renameSync(`${path}.part`, path);
