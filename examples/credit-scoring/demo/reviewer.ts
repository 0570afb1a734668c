import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readToken } from "../../../core/attestation/id-token.ts";
import { type LoanChoice, loanStatement } from "../../../core/attestation/loan-statement.ts";
import {
  challengeOf,
  type SignOffPredicate,
  type SignOffStatement,
  signOffStatement,
} from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds, instantFromMs } from "../../../core/encoding/instant.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { logIn } from "../../../local/cognito/login-robot.ts";
import type { RunningStack } from "../../../local/stack.ts";
import { patientFetch } from "./patient-fetch.ts";
import type { ApiAnswer } from "./pipeline.ts";

/** What a reviewer decides, and in which roles. */
export interface Decision {
  readonly result: SignOffResult;
  readonly roles: readonly string[];
  readonly reason: string;
  /** In whose place. */
  readonly onBehalfOf?: SignOffPredicate["onBehalfOf"];
  /** What an approval asks of the release. */
  readonly conditions?: NonNullable<SignOffPredicate["conditions"]>;
}

const redirectUri = "http://127.0.0.1:47801/callback";

/**
 * A person at a terminal: signs in at the identity provider with their own password, reads the promotion, and
 * decides by the ceremony. Nothing here knows more than a person with a browser would.
 */
export class ReviewerAtTerminal {
  readonly #stack: RunningStack;
  readonly #clientId: string;
  readonly username: string;
  readonly #password: string;

  constructor(stack: RunningStack, clientId: string, username: string, password: string) {
    this.#stack = stack;
    this.#clientId = clientId;
    this.username = username;
    this.#password = password;
  }

  /** The promotion as its page shows it; signs in for it where no `token` of an earlier sign-in is given. */
  async read(id: string, token?: string): Promise<PromotionView> {
    const answer = await patientFetch(`${this.#stack.addresses.portal}/v1/promotions/${id}`, {
      headers: { authorization: `Bearer ${token ?? (await this.signIn("reading"))}` },
    });
    if (!answer.ok)
      throw new Error(`${this.username} could not read the promotion: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as PromotionView;
  }

  /** Reads the promotion, decides, and signs in once more for this decision alone. */
  async decide(id: string, decision: Decision): Promise<ApiAnswer> {
    const statement = await this.statement(id, decision);
    return this.send(id, statement, await this.signIn(challengeOf(statement)));
  }

  /** The statement of a decision on the promotion as it is now, not signed by anybody yet. */
  async statement(id: string, decision: Decision): Promise<SignOffStatement> {
    const session = await this.signIn(randomBytes(16).toString("base64url"));
    const { claims } = readToken(session);
    const { signOffContext: context, status } = await this.read(id, session);
    if (context === undefined) throw new Error(`No sign-off is taken at the moment: the promotion is ${status}.`);
    const issuedAt = instantFromMs(Date.now());
    return signOffStatement(context, {
      ...decision,
      reviewer: { issuer: String(claims["iss"]), subject: String(claims["sub"]) },
      salt: randomBytes(16).toString("base64url"),
      issuedAt,
      expiresAt: addSeconds(issuedAt, 600),
    });
  }

  /** Asks those who made the candidate something; answers the question's id. */
  async ask(id: string, text: string): Promise<string> {
    return this.#say(`/v1/promotions/${id}/questions`, { id: randomUUID(), text });
  }

  /** Answers what a reviewer asked. */
  async answer(id: string, question: string, text: string): Promise<void> {
    await this.#say(`/v1/promotions/${id}/questions/${question}/answer`, { text });
  }

  /** Sends what decides nothing, and so needs no ceremony. */
  async #say(path: string, body: object): Promise<string> {
    const answer = await patientFetch(`${this.#stack.addresses.portal}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${await this.signIn("reading")}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${this.username} was not heard: ${answer.status} ${await answer.text()}`);
    return String(((await answer.json()) as ApiAnswer["body"])["question"]);
  }

  /** Lends the seats that are missing: asks for it, or confirms what somebody asked for. */
  async lend(id: string, wish: Pick<LoanChoice, "terms" | "reason" | "role" | "confirms">): Promise<ApiAnswer> {
    const session = await this.signIn(randomBytes(16).toString("base64url"));
    const { claims } = readToken(session);
    const { signOffContext, status } = await this.read(id, session);
    if (signOffContext === undefined) throw new Error(`Nothing is lent at the moment: the promotion is ${status}.`);
    const { stage: _, ...context } = signOffContext;
    const issuedAt = instantFromMs(Date.now());
    const statement = loanStatement(context, {
      ...wish,
      lender: { issuer: String(claims["iss"]), subject: String(claims["sub"]) },
      salt: randomBytes(16).toString("base64url"),
      issuedAt,
      expiresAt: addSeconds(issuedAt, 600),
    });
    return this.send(id, statement, await this.signIn(challengeOf(statement)), "loan");
  }

  /** Asks something of the API, signed in for it. */
  async post(path: string, body: unknown): Promise<ApiAnswer> {
    const answer = await patientFetch(`${this.#stack.addresses.portal}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${await this.signIn("asking")}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as ApiAnswer["body"] };
  }

  /** Sends a statement with the ID token that is to sign it. */
  async send(
    id: string,
    statement: unknown,
    idToken: string,
    what: "sign-offs" | "loan" = "sign-offs",
  ): Promise<ApiAnswer> {
    const answer = await patientFetch(`${this.#stack.addresses.portal}/v1/promotions/${id}/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ statement, idToken }),
    });
    return { status: answer.status, body: (await answer.json()) as ApiAnswer["body"] };
  }

  /** A fresh login with PKCE (RFC 7636) whose ID token carries `nonce`. */
  async signIn(nonce: string): Promise<string> {
    const verifier = randomBytes(32).toString("base64url");
    const discovery = await fetch(`${this.#stack.addresses.issuer}/.well-known/openid-configuration`);
    const { authorization_endpoint: authorize, token_endpoint: tokens } = (await discovery.json()) as Record<
      string,
      string
    >;
    const url = new URL(authorize ?? "");
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.#clientId,
      redirect_uri: redirectUri,
      scope: "openid email profile",
      state: randomBytes(16).toString("base64url"),
      nonce,
      prompt: "login",
      max_age: "0",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    }).toString();
    const callback = await logIn({ authorizationUrl: url.href, username: this.username, password: this.#password });
    const answer = await fetch(tokens ?? "", {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        client_id: this.#clientId,
        code: new URL(callback).searchParams.get("code") ?? "",
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    });
    const { id_token: idToken } = (await answer.json()) as { readonly id_token?: string };
    if (idToken === undefined) throw new Error(`${this.username} could not sign in: ${answer.status}.`);
    return idToken;
  }
}
