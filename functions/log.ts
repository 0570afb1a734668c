/** What a log line may carry: ids, codes and counts. Never a token, a link, an address or a whole event. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Log = (level: "info" | "error", message: string, fields?: LogFields) => void;

/** Writes one JSON object a line to the standard output, where Lambda picks it up. */
export const log: Log = (level, message, fields = {}) => {
  console.log(JSON.stringify({ level, message, ...fields }));
};

/** An error as it may be logged: its name, code and where it was thrown. The message may quote input, so it stays out. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => line.trimStart().startsWith("at "));
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const cause = error.cause instanceof Error ? error.cause.name : undefined;
  return {
    error: error.name,
    code,
    cause,
    at: frames
      .slice(0, 6)
      .map((line) => line.trim())
      .join(" < "),
  };
}
