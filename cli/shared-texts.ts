/** So many texts are remembered at most: promotions are alike in a few dozen, and each has a few of its own. */
const mostTexts = 10_000;

/**
 * What a thread was sent, with one copy of each text in it: the same names, sentences and digests are in what thousands of
 * promotions come to, and each message brings them anew. The message itself is changed; buffers and numbers are not looked at.
 */
export function sharedTexts(): <Sent>(sent: Sent) => Sent {
  const texts = new Map<string, string>();
  const shared = (text: string): string => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= mostTexts) texts.clear();
    texts.set(text, text);
    return text;
  };
  const share = (value: object): void => {
    if (ArrayBuffer.isView(value) || (Array.isArray(value) && typeof value[0] === "number")) return;
    const members = value as Record<string, unknown>;
    for (const name of Object.keys(members)) {
      const member = members[name];
      if (typeof member === "string") members[name] = shared(member);
      else if (typeof member === "object" && member !== null) share(member);
    }
  };
  return (sent) => {
    if (typeof sent === "object" && sent !== null) share(sent);
    return sent;
  };
}
