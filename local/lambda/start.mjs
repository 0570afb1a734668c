// Plain JavaScript, so that what it loads is kept compiled from the first TypeScript file on: four environments of a function, or
// of fifty, need not each strip and compile the same.
import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";

if (workerData.compiled !== undefined) enableCompileCache(workerData.compiled);
await import("./worker.ts");
