/** What a simple mail is made of; addresses are ASCII, as SES demands. */
export interface MailParts {
  readonly id: string;
  readonly date: Date;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string | undefined;
  readonly html: string | undefined;
}

/** The message as RFC 5322 and 2045 write it: text and HTML in UTF-8 and base64, alternatives where both are there. */
export function mimeMessage(mail: MailParts): Buffer {
  const lists = { To: mail.to, Cc: mail.cc, "Reply-To": mail.replyTo };
  const head = [
    `From: ${mail.from}`,
    ...Object.entries(lists).flatMap(([name, list]) => (list.length === 0 ? [] : [`${name}: ${list.join(",\r\n ")}`])),
    `Subject: ${encodeWords(mail.subject)}`,
    `Date: ${mail.date.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${mail.id}@email.amazonses.com>`,
    "MIME-Version: 1.0",
    ...mail.headers.map(({ name, value }) => `${name}: ${encodeWords(value)}`),
  ];
  const bodies = [
    ...(mail.text === undefined ? [] : [part("text/plain", mail.text)]),
    ...(mail.html === undefined ? [] : [part("text/html", mail.html)]),
  ];
  if (bodies.length === 1) return Buffer.from([...head, bodies[0]].join("\r\n"));
  const boundary = `----=_${mail.id}`;
  const alternatives = bodies.map((body) => `--${boundary}\r\n${body}`).join("\r\n");
  const type = `Content-Type: multipart/alternative;\r\n boundary="${boundary}"`;
  return Buffer.from([...head, type, "", `${alternatives}\r\n--${boundary}--\r\n`].join("\r\n"));
}

function part(type: string, content: string): string {
  const base64 = Buffer.from(content, "utf8").toString("base64").replace(/.{76}/g, "$&\r\n");
  return [`Content-Type: ${type}; charset=UTF-8`, "Content-Transfer-Encoding: base64", "", base64].join("\r\n");
}

/** RFC 2047 encoded words for what is not plain ASCII; a line break in it can never end the header. */
function encodeWords(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("=?") && text.length < 900) return text;
  const words: string[] = [];
  let word = "";
  // An encoded word has 75 characters at most, and may not cut a character in two.
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  words.push(word);
  return words.map((each) => `=?UTF-8?B?${Buffer.from(each).toString("base64")}?=`).join("\r\n ");
}
