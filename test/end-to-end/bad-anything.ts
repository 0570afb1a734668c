import { describe, expect, it } from "vitest";
import { assertAnswerMatches, openApi } from "../api/answer-matches.ts";
import { type HostileRequest, hostileRequests } from "./hostile-requests.ts";
import { send } from "./refusals.ts";
import type { Trial } from "./trial.ts";

/** Requests at once, of other routes: each waits mostly, and what answers a route is started once. */
const atOnce = 2;
const routes = Object.keys(openApi.paths);
/** A stack trace, a path of the house or the name of a fault: nobody outside is told of these. */
const inside = /node_modules|TypeError|SyntaxError|ReferenceError|\n\s+at |\/var\/task/;

/** Whatever is wrong by its form alone, for each route of openapi.yaml: by nobody, by a pipeline and by somebody who holds a role. */
export function describeBadAnything(trial: Trial): void {
  describe("whatever is sent to a route", () => {
    // Each is sent by one of them: what a route makes of a form does not depend on who sends it, once they are heard.
    it.each<[string, number, () => Promise<string | undefined>]>([
      ["nobody", 0, async () => undefined],
      ["a pipeline", 1, () => trial.cast.pipeline.token()],
      ["somebody who holds a role", 2, () => trial.cast.compliance.signIn("session")],
    ])(
      "is answered with what openapi.yaml says, in a sentence and never as a fault: by %s",
      async (_name, part, tokenOf) => {
        const requests = hostileRequests().filter((_, index) => index % 3 === part);
        const otherwise: string[] = [];
        for (let from = 0; from < requests.length; from += 200) {
          // One that lasts for all of them would be over on a busy machine.
          const token = await tokenOf();
          const some = requests.slice(from, from + 200);
          await Promise.all(
            Array.from({ length: atOnce }, async (_, lane) => {
              for (const request of some.filter(({ route }) => routes.indexOf(route) % atOnce === lane))
                otherwise.push(...(await answeredOtherwise(trial, request, token)));
            }),
          );
        }
        expect(otherwise).toEqual([]);
      },
      400_000,
    );
  });
}

async function answeredOtherwise(
  trial: Trial,
  { route, ...request }: HostileRequest,
  token: string | undefined,
): Promise<readonly string[]> {
  const { method, path, body } = request;
  const answer = await send(trial, { ...request, ...(token === undefined ? {} : { token }) });
  const text = await answer.text();
  const what = `${method} ${path.slice(0, 100)} ${body?.slice(0, 100) ?? ""} was answered ${answer.status}`;
  const type = answer.headers.get("content-type") ?? "";
  if (answer.status >= 500) return [`${what}: ${text}`];
  if (answer.status >= 400 && type !== "application/problem+json") return [`${what} as ${type}`];
  if (answer.status >= 400 && inside.test(text)) return [`${what}: ${text}`];
  try {
    const content: unknown = method !== "HEAD" && type.includes("json") ? JSON.parse(text) : text;
    assertAnswerMatches(method, route, answer.status, method === "HEAD" ? undefined : content);
    return [];
  } catch (error) {
    return [`${what}: ${String(error)}`];
  }
}
