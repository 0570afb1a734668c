import * as v from "valibot";

/**
 * The form of an object whose members, called as they like, are all in one form; no list, which valibot takes for an object.
 * `v.record` passes over members called as the language calls its own: a role may be called `constructor`, and would be nobody's.
 */
export const membersOf = <Value>(form: v.GenericSchema<Value>) =>
  v.pipe(
    v.custom<Readonly<Record<string, Value>>>(
      (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const [key, value] of Object.entries(dataset.value)) {
        const [issue] = v.safeParse(form, value).issues ?? [];
        if (issue === undefined) continue;
        const place = { type: "object", origin: "value", input: dataset.value, key, value } as const;
        addIssue({ message: issue.message, path: [place, ...(issue.path ?? [])] });
      }
    }),
  );
