/**
 * Stryker switches a change of the code on when a test file's tests begin. The thread outlives them
 * (vitest.mutation.config.ts), so what the last file left switched on is off while the next one is loaded.
 */
const { __stryker__: stryker } = globalThis as { __stryker__?: { activeMutant?: string | undefined } };
if (stryker !== undefined) stryker.activeMutant = undefined;
