import type { Message, Posted } from "./message.ts";

/** A setting of a channel in policies/channels.yaml. */
interface Setting {
  readonly pattern: RegExp;
  /** What stands there, in a sentence, for whoever wrote something else. */
  readonly sentence: string;
  readonly optional?: true;
}

export type Settings = Readonly<Record<string, string>>;

/** A way to reach people: one folder of adapters/, and one entry in functions/telling/channel-kinds.ts. */
export interface ChannelKind {
  readonly name: string;
  /** What it sends, in a word or two: `letter`, `Slack message`. */
  readonly form: string;
  readonly settings: Readonly<Record<string, Setting>>;
  /** Whether it needs a secret of the deployment's. */
  readonly secret: boolean;
  /** Whether it writes to each person by themselves, or into one room. */
  readonly audience: (settings: Settings) => Audience;
  /** Whether it only goes on about what it has begun, such as an issue: nothing is told to it that it was not asked about. */
  readonly follows?: true;
  readonly open: (settings: Settings) => Sender;
}

export type Audience = "person" | "room";

interface Sender {
  /** Hands a message over once. `secret` is empty for a kind without one. */
  readonly post: (message: Message, secret: string) => Promise<Posted>;
  /**
   * Hands over a message of which nobody knows whether it has arrived. Only where that can make no second one: the other
   * end knows it by its id, or can be asked for it.
   */
  readonly postAgain?: (message: Message, secret: string) => Promise<Posted>;
}

/** One exchange with another service over HTTP. Rejects with `NotReached` where the request cannot have arrived. */
export type Exchange = (request: {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}) => Promise<Exchanged>;

export interface Exchanged {
  readonly status: number;
  readonly body: string;
  /** The header of that name, where there is one (RFC 9110 section 10.2.3). */
  readonly retryAfter?: string;
}

/** Nobody answered at the address: no name, no connection. What was to be sent has not left. */
export class NotReached extends Error {
  override readonly name = "NotReached";
}

/**
 * Sends one request and says what became of the message. A refusal for certain is a status from 300 to 499, or 503 (RFC
 * 9110 section 15.6.4: it was not handled); every other failure leaves open whether the message was taken, and is thrown.
 */
export async function handOver(
  exchange: Exchange,
  request: Parameters<Exchange>[0],
  accepted: (body: string) => Posted,
): Promise<Posted> {
  const answer = await reach(exchange, request);
  if (answer === undefined) return { kind: "refused", code: "not-reached" };
  const { status, body } = answer;
  if (status >= 200 && status <= 299) return accepted(body);
  if ((status >= 300 && status <= 499) || status === 503) return refusedBy(answer);
  throw new Error(`The other end answered with status ${status}.`);
}

/**
 * The refusal that a status is, with how long its sender asks to be left alone: Slack, Jira and Teams say so in whole seconds, and a
 * date would be by a clock that is not ours.
 */
export function refusedBy({ status, retryAfter = "" }: Exchanged): Extract<Posted, { readonly kind: "refused" }> {
  const code = `http-${status}`;
  const isBusy = (status === 429 || status === 503) && /^[0-9]{1,6}$/.test(retryAfter);
  return isBusy ? { kind: "refused", code, afterSeconds: Math.max(1, Number(retryAfter)) } : { kind: "refused", code };
}

async function reach(exchange: Exchange, request: Parameters<Exchange>[0]) {
  try {
    return await exchange(request);
  } catch (error) {
    if (error instanceof NotReached) return undefined;
    throw error;
  }
}
