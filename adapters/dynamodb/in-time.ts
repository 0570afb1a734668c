/**
 * So long a write of what people do, or of what closes a stage or a promotion, may take. It is told of the instant before; others write
 * beside it, with nothing to wait for, and what is more than a few seconds later than that instant, nobody would believe to have been in
 * time, or not to have been seen (core/archive/pack/on-its-way.ts).
 */
export const mostWriteMs = 2_000;
