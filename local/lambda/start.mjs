// Plain JavaScript, so that what it loads is kept compiled from the first TypeScript file on: four environments of a function, or
// of fifty, need not each strip and compile the same.
import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";

// Found again by where it lies from there: another stack has the same bundles in the same place of another folder.
if (workerData.compiled !== undefined) enableCompileCache({ directory: workerData.compiled, portable: true });
await import("./worker.ts");
