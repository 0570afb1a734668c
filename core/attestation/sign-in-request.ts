/** How old a sign-in may be by which somebody only reads: older than providers remember anybody. */
const oldestSeconds = 30 * 86_400;

/**
 * What a provider is asked for about when somebody signs in: anew to sign a decision or a deed, and else only to say when that was.
 * Many put `auth_time` into a token only where they are asked for an age (OpenID Connect Core 1.0 sections 2 and 3.1.2.1), and
 * without it nobody could read either.
 */
export function askedOfSignIn(what: "signing" | "reading"): Readonly<Record<string, string>> {
  return what === "signing" ? { prompt: "login", max_age: "0" } : { max_age: String(oldestSeconds) };
}
