/** Whether an error is S3's answer that there is no such object. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "NoSuchKey" || error.name === "NotFound" || error.name === "NoSuchVersion")
  );
}

/** Whether an error is S3's answer that an object is there already (`If-None-Match: *`). */
export function existsAlready(error: unknown): boolean {
  return error instanceof Error && error.name === "PreconditionFailed";
}

/** How often a write is repeated while S3 cannot say who wins a race. */
const mostAttempts = 8;

/**
 * A conditional write of bytes that are in memory. S3 answers 409 where another one of the same key is under way, and it
 * cannot say yet who wins: that is asked again. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function decided<Answer>(write: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (!isUndecided(error) || attempt === mostAttempts) throw error;
    }
  }
}

/** Whether an error is S3's answer that it cannot say yet which of two conditional writes wins. */
export function isUndecided(error: unknown): boolean {
  return error instanceof Error && error.name === "ConditionalRequestConflict";
}
