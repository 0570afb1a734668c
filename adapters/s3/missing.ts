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
