import { writeFileSync } from "node:fs";
import { hex } from "../core/encoding/bytes.ts";
import { parseCheckpoint } from "../core/ledger/checkpoint.ts";
import { BusyHouse } from "./audit-pack.ts";

// `node make-since-packs.ts <old records> <promotions> <folder>`: a log of old records, its head of then, and the pack
// of what came since; beside it the same promotions in a log of their own.

const [, , old = "", promotions = "", folder = ""] = process.argv;
const house = await BusyHouse.open();
await house.age(Number(old));
const { head } = house;
const { size, root } = parseCheckpoint(head).checkpoint;
await house.promote(Number(promotions));
await house.export(`${folder}since.zip`, { scope: { kind: "since", size, root: hex(root) } });
const alone = await BusyHouse.open();
await alone.promote(Number(promotions));
await alone.export(`${folder}alone.zip`);
// Last: where it is there, the packs are whole.
writeFileSync(`${folder}checkpoint`, head);
