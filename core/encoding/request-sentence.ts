import * as v from "valibot";

/** What valibot calls a field that is not there. */
const missing: ReadonlySet<string> = new Set(["object", "strict_object"]);

/** Names every field of a request that is wrong, and unknown ones; `what` is the request, as in 'The loan'. */
export function requestSentence(issues: readonly v.BaseIssue<unknown>[], what = "The request"): string {
  const places = issues.slice(0, 10).map((issue) => {
    const place = v.getDotPath(issue) ?? "the body";
    if (issue.type === "strict_object" && issue.expected === "never") return `${place} is not a field of this request`;
    if (missing.has(issue.type) && issue.received === "undefined") return `${place} is missing`;
    return `${place} ${issue.message.startsWith("must") ? issue.message : `is not right: ${issue.message}`}`;
  });
  const more = issues.length > places.length ? `; and ${issues.length - places.length} more` : "";
  return `${what} cannot be read: ${places.join("; ")}${more}.`;
}
