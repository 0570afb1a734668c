import { Failure } from "../failure.ts";

const gibibyte = 1024 ** 3;

/** An evidence document is read into memory. */
export const largestDocument = 16 * 1024 ** 2;

/** S3 takes no more in one PUT, and says by itself what the bytes of such an object hash to. */
export const largestPut = 5 * gibibyte;

/**
 * Of files that are larger S3 tells no digest but one of their parts, so that they are hashed in one run of a function, which has
 * fifteen minutes: at 60 MB/s nine and a half for these.
 */
const mostLargeGibibytes = 32;

export interface Sized {
  readonly name: string;
  readonly size: number;
}

/** Whether S3 cannot say by itself what the bytes of the file hash to. */
export function isLarge({ size }: Pick<Sized, "size">): boolean {
  return size > largestPut;
}

/** Throws `invalid-request` where the files are more than is hashed. */
export function requireHashable(files: readonly Sized[]): void {
  const large = files.filter(isLarge);
  const bytes = large.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= mostLargeGibibytes * gibibyte) return;
  const names = large.map(({ name }) => `'${name}'`).join(", ");
  const have = large.length === 1 ? "has" : "have together";
  throw new Failure(
    "invalid-request",
    `${names} ${have} ${Math.ceil(bytes / gibibyte)} GiB; of files above 5 GiB at most ${mostLargeGibibytes} GiB are hashed. Make smaller files of it.`,
  );
}

/**
 * The files in the order in which they are hashed: those first of which S3 can be asked afterwards what they came to, so that a
 * function whose time is over goes on where the last one stopped.
 */
export function inHashingOrder<File extends Sized>(files: readonly File[]): readonly File[] {
  return [...files.filter((file) => !isLarge(file)), ...files.filter(isLarge)];
}
