/**
 * Of the layout of a pack, and of what is derived from the records for people: tables, reports, bundles, `verify.sh`.
 * 2 has another report than 1 (core/archive/reports), and all else as it was.
 */
export type PackVersion = (typeof packVersions)[number];

export const packVersions = [1, 2] as const;
