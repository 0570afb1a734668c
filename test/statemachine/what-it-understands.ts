/** What of a definition the functions' answers go by: what each task hands over, and which answers are known after it. */
export interface Understood {
  readonly payload: readonly string[];
  readonly answers: readonly string[];
}

export interface Definition {
  readonly States: Readonly<Record<string, State>>;
}

interface State {
  readonly Type: string;
  readonly Parameters?: { readonly FunctionName: string; readonly Payload: Readonly<Record<string, unknown>> };
  readonly Next?: string;
  readonly Choices?: readonly { readonly Variable: string; readonly StringEquals: string }[];
}

/** By the task's name and its function's. */
export function whatItUnderstands({ States }: Definition): Readonly<Record<string, Understood>> {
  const tasks = Object.entries(States).flatMap(([name, { Type, Parameters, Next }]): [string, Understood][] => {
    if (Type !== "Task" || Parameters === undefined) return [];
    const answers = (States[Next ?? ""]?.Choices ?? []).flatMap(({ Variable, StringEquals }) =>
      Variable.endsWith(".answer.outcome") ? [StringEquals] : [],
    );
    const payload = Object.entries(Parameters.Payload).flatMap(([key, value]) =>
      Array.isArray(value) ? value.map((each) => `${key}: ${each}`) : [key.replace(/\.\$$/, "")],
    );
    return [[`${name} ${Parameters.FunctionName}`, { payload: payload.toSorted(), answers: answers.toSorted() }]];
  });
  return Object.fromEntries(tasks);
}
