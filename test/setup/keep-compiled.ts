import { flushCompileCache } from "node:module";

/**
 * Before each file: what those before it loaded is kept compiled (NODE_COMPILE_CACHE in vitest.config.ts). Node does so as a process
 * ends, but vitest ends its workers before they come to it.
 */
flushCompileCache();
