/** The process dies at one call of a port: before the call has an effect, or after it and before its answer. */
export interface Crash {
  readonly call: number;
  readonly moment: "before" | "after";
}

/** What a crash throws; a test that sees any other error has found something else. */
export class Crashed extends Error {}

/** Ports that count their calls, and crash at one of them. Members that are objects are ports themselves. */
export function crashing<Ports extends object>(
  ports: Ports,
  crash?: Crash,
): { readonly ports: Ports; readonly calls: () => number } {
  let calls = 0;
  const wrapped = (port: object): object =>
    Object.fromEntries(
      Object.entries(port).map(([name, member]: [string, unknown]) => {
        // Clock, policy, calendar, channels and templates are no calls to the outside.
        if (
          [
            "now",
            "policy",
            "policyDocuments",
            "salt",
            "policies",
            "calendar",
            "isPinned",
            "channels",
            "templates",
          ].includes(name)
        )
          return [name, member];
        if (typeof member === "function") return [name, (...given: unknown[]) => called(member as Call, given)];
        return [name, typeof member === "object" && member !== null ? wrapped(member) : member];
      }),
    );
  const called = async (work: Call, given: unknown[]): Promise<unknown> => {
    calls += 1;
    const now = calls === crash?.call;
    if (now && crash.moment === "before") throw new Crashed();
    const answer = await work(...given);
    if (now) throw new Crashed();
    return answer;
  };
  return { ports: wrapped(ports) as Ports, calls: () => calls };
}

type Call = (...given: unknown[]) => unknown;
