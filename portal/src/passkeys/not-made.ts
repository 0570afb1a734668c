/** Why no passkey was made: the authenticator holds one of the reader's already, or nobody answered. */
export type NotMade = "has-one" | "unanswered";
