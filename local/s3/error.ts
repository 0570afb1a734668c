/** A refusal in S3's own words: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly status: number;
  readonly code: string;
  /** Headers that S3 sends with this refusal, e.g. `x-amz-delete-marker`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** S3's answer to a header, parameter or operation that is real but not carried here. */
export function notImplemented(what: string): S3Error {
  return new S3Error(501, "NotImplemented", `${what} implies functionality that is not implemented by the local S3.`);
}

/** The error document of `error` for the resource at `path`. */
export function errorDocument(error: S3Error, path: string, requestId: string): string {
  return (
    `${xmlDeclaration}<Error><Code>${error.code}</Code><Message>${xmlText(error.message)}</Message>` +
    `<Resource>${xmlText(path)}</Resource><RequestId>${requestId}</RequestId></Error>`
  );
}

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The namespace attribute of every S3 document. */
export const s3Namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** `text` for an XML element; control characters become references, as S3 writes them. */
function xmlText(text: string): string {
  return text.replace(/[&<>"\p{Cc}]/gu, (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`);
}

/** `<name>value</name>`, or nothing where there is no value. */
export function xmlElement(name: string, value: string | number | boolean | undefined): string {
  return value === undefined ? "" : `<${name}>${xmlText(String(value))}</${name}>`;
}

/** Text of the first element called `name` in `xml` (the few small documents that clients send us), entities resolved. */
export function xmlValue(xml: string, name: string): string | undefined {
  const raw = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1];
  return raw?.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (_all, hex, decimal, named: string | undefined) => {
    if (named === undefined) return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
    return { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[named] ?? "";
  });
}
