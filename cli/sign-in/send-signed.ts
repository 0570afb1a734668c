import type { Statement } from "../../core/attestation/statement.ts";
import { msOfInstant } from "../../core/encoding/instant.ts";
import { attempt } from "../passing-failure.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { type ApiClient, bodyOf } from "../service/api-client.ts";
import { pauseAfter, Unavailable } from "../service/patience.ts";
import type { Surroundings } from "../surroundings.ts";

/** A statement with the ID token that signs it, and where it is handed in. */
export interface Signed {
  readonly path: string;
  readonly statement: Statement<object, string>;
  readonly idToken: string;
  /** The command that shows whether it is recorded. */
  readonly shownBy: string;
  /** That it is recorded, and what comes of it, for whoever signed. */
  readonly done: string;
}

const pauseMs = 5_000;
/** Within the time that a statement is taken for. */
const patienceMs = 120_000;

/**
 * Hands in what is signed; answers what the service recorded. What may pass is tried again for two minutes: somebody has
 * signed in for it, and the same statement with the same ID token is recorded once, however often it is sent.
 */
export async function sendSigned(
  api: ApiClient,
  { path, statement, idToken, shownBy, done }: Signed,
  { now, note, pause, random }: Pick<Surroundings, "now" | "note" | "pause" | "random">,
): Promise<{ readonly id: string; readonly body: unknown }> {
  const begun = msOfInstant(now());
  for (let attempts = 1; ; attempts += 1) {
    const sent = await attempt(async () => ({ body: bodyOf(await api.post(path, { statement, idToken }, idToken)) }));
    if ("body" in sent) {
      const { id, late } = readAnswer(answers.recorded, sent.body);
      note(late === undefined ? done : `It is recorded. ${late}`);
      return { id, body: sent.body };
    }
    const { message } = sent.failure;
    if (msOfInstant(now()) - begun >= patienceMs) {
      throw new Unavailable(
        `${message} It is signed, and may be recorded or not: '${shownBy}' shows it. If it does not within a minute, sign again.`,
        undefined,
      );
    }
    if (attempts === 1) note(`${message} It is signed, and is sent again.`);
    await pause(pauseAfter(sent.failure, pauseMs, random));
  }
}
