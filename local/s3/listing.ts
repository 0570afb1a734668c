import { S3Error, s3Namespace, xmlDeclaration, xmlElement } from "./error.ts";
import { type Answer, bucketArn, type Exchange, type Operation, wholeNumber } from "./exchange.ts";
import type { StoredVersion } from "./store.ts";

/** The operations that look at a whole bucket. */
export const listingOperations: readonly Operation[] = [
  {
    method: "GET",
    scope: "bucket",
    selectedBy: ["list-type"],
    query: ["continuation-token", "delimiter", "encoding-type", "max-keys", "prefix", "start-after"],
    headers: [],
    run: listObjects,
  },
  {
    method: "GET",
    scope: "bucket",
    selectedBy: ["versions"],
    query: ["delimiter", "encoding-type", "key-marker", "max-keys", "prefix", "version-id-marker"],
    headers: [],
    run: listVersions,
  },
  {
    method: "HEAD",
    scope: "bucket",
    selectedBy: [],
    query: [],
    headers: [],
    run: (exchange) => {
      exchange.need("s3:ListBucket", bucketArn(exchange.bucket));
      return { status: 200, headers: { "x-amz-bucket-region": "us-east-1" } };
    },
  },
];

interface Window {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly encode: (text: string) => string;
}

interface Page {
  readonly versions: readonly StoredVersion[];
  readonly prefixes: readonly string[];
  /** The last key, prefix or version on the page, where more follow. */
  readonly last?: { readonly key: string; readonly id: string };
}

// Sorts after every key that begins like the text before it: nothing in UTF-8 is greater.
const afterAll = "\u{10ffff}";

function listObjects(exchange: Exchange): Answer {
  const { query, bucket } = exchange;
  if (query.get("list-type") !== "2")
    throw new S3Error(400, "InvalidArgument", "Invalid List Type specified in Request");
  const window = windowAsked(exchange, "s3:ListBucket");
  const token = query.get("continuation-token");
  const after = token === undefined ? query.get("start-after") : Buffer.from(token, "base64url").toString("utf8");
  if (token !== undefined && Buffer.from(after ?? "").toString("base64url") !== token) {
    throw new S3Error(400, "InvalidArgument", "The continuation token provided is incorrect");
  }
  const current = (key: string) => {
    const version = bucket.store.current(key);
    return version?.blob === undefined || key === after ? [] : [version];
  };
  const page = walk(exchange, window, after ?? "", current, after);
  const content =
    head(exchange, window) +
    xmlElement("KeyCount", page.versions.length + page.prefixes.length) +
    xmlElement("StartAfter", query.get("start-after")) +
    xmlElement("ContinuationToken", token) +
    xmlElement("IsTruncated", page.last !== undefined) +
    xmlElement("NextContinuationToken", page.last && Buffer.from(page.last.key).toString("base64url")) +
    page.versions.map((version) => `<Contents>${describe(version, window)}</Contents>`).join("") +
    commonPrefixes(page, window);
  return document("ListBucketResult", content);
}

function listVersions(exchange: Exchange): Answer {
  const { query, bucket } = exchange;
  const window = windowAsked(exchange, "s3:ListBucketVersions");
  const keyMarker = query.get("key-marker");
  const idMarker = query.get("version-id-marker");
  const newestFirst = (key: string) => {
    const versions = bucket.store.versions(key).toReversed();
    if (key !== keyMarker) return versions;
    const at = versions.findIndex((version) => version.id === idMarker);
    return at === -1 ? [] : versions.slice(at + 1);
  };
  const page = walk(exchange, window, keyMarker ?? "", newestFirst, idMarker === undefined ? keyMarker : undefined);
  const entries = page.versions.map((version) => {
    const latest = xmlElement("IsLatest", bucket.store.current(version.key) === version);
    const id = xmlElement("VersionId", version.id);
    if (version.blob !== undefined) return `<Version>${describe(version, window)}${id}${latest}</Version>`;
    const marker = xmlElement("Key", window.encode(version.key)) + xmlElement("LastModified", version.at) + id + latest;
    return `<DeleteMarker>${marker}</DeleteMarker>`;
  });
  const content =
    head(exchange, window) +
    xmlElement("KeyMarker", keyMarker) +
    xmlElement("VersionIdMarker", idMarker) +
    xmlElement("IsTruncated", page.last !== undefined) +
    xmlElement("NextKeyMarker", page.last && window.encode(page.last.key)) +
    xmlElement("NextVersionIdMarker", page.last?.id === "" ? undefined : page.last?.id) +
    entries.join("") +
    commonPrefixes(page, window);
  return document("ListVersionsResult", content);
}

/** Walks the keys from `from` on, folding those with the delimiter behind the prefix, until the page is full. */
function walk(
  exchange: Exchange,
  { prefix, delimiter, maxKeys }: Window,
  from: string,
  versionsOf: (key: string) => readonly StoredVersion[],
  after: string | undefined,
): Page {
  const versions: StoredVersion[] = [];
  const prefixes: string[] = [];
  let last = { key: "", id: "" };
  const keys = exchange.bucket.store.keysFrom(
    Buffer.compare(Buffer.from(from), Buffer.from(prefix)) > 0 ? from : prefix,
  );
  for (let next = keys.next(); !next.done; ) {
    const key = next.value;
    if (!key.startsWith(prefix)) break;
    const found = versionsOf(key);
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const folded = end === -1 ? undefined : key.slice(0, end + delimiter.length);
    const full = versions.length + prefixes.length >= maxKeys;
    if (folded !== undefined && found.length > 0) {
      // A page may have ended with this very prefix.
      if (folded !== after && folded !== prefixes.at(-1)) {
        if (full) return { versions, prefixes, last };
        prefixes.push(folded);
        last = { key: folded, id: "" };
      }
      const jumped = keys.next(folded + afterAll);
      next = jumped;
      continue;
    }
    for (const version of found) {
      if (versions.length + prefixes.length >= maxKeys) return { versions, prefixes, last };
      versions.push(version);
      last = { key, id: version.id };
    }
    next = keys.next();
  }
  return { versions, prefixes };
}

function windowAsked({ query, bucket, need }: Exchange, action: string): Window {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const maxKeys = Math.min(1000, wholeNumber(query.get("max-keys") ?? "1000", "max-keys", 0, 2 ** 31 - 1));
  need(action, bucketArn(bucket), {
    "s3:prefix": prefix,
    "s3:delimiter": query.get("delimiter"),
    "s3:max-keys": query.get("max-keys"),
  });
  const encoding = query.get("encoding-type");
  if (encoding !== undefined && encoding !== "url") {
    throw new S3Error(400, "InvalidArgument", "Invalid Encoding Method specified in Request");
  }
  const encode = (text: string) =>
    encoding === undefined ? text : encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%20", "+");
  return { prefix, delimiter, maxKeys, encode };
}

function head({ query, bucket }: Exchange, { prefix, maxKeys, encode }: Window): string {
  const delimiter = query.get("delimiter");
  return (
    xmlElement("Name", bucket.store.settings.name) +
    xmlElement("Prefix", encode(prefix)) +
    xmlElement("Delimiter", delimiter === undefined ? undefined : encode(delimiter)) +
    xmlElement("MaxKeys", maxKeys) +
    xmlElement("EncodingType", query.get("encoding-type"))
  );
}

function describe(version: StoredVersion, { encode }: Window): string {
  const [algorithm] = Object.keys(version.checksums);
  return (
    xmlElement("Key", encode(version.key)) +
    xmlElement("LastModified", version.at) +
    xmlElement("ETag", version.etag) +
    xmlElement("ChecksumAlgorithm", algorithm?.toUpperCase()) +
    xmlElement("ChecksumType", version.checksumType) +
    xmlElement("Size", version.size) +
    xmlElement("StorageClass", "STANDARD")
  );
}

function commonPrefixes(page: Page, { encode }: Window): string {
  return page.prefixes
    .map((prefix) => `<CommonPrefixes>${xmlElement("Prefix", encode(prefix))}</CommonPrefixes>`)
    .join("");
}

function document(name: string, content: string): Answer {
  const body = `${xmlDeclaration}<${name} ${s3Namespace}>${content}</${name}>`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}
