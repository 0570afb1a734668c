import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { Failure } from "../core/failure.ts";
import { asList, asText, isList, isRecord, onlyMembers } from "./aws/json-shape.ts";
import type { ResourceRequest } from "./cloudformation/create-resources.ts";
import { putObject } from "./s3/objects.ts";
import type { World } from "./world.ts";

/** What `aws s3 sync` makes of file names, for the kinds of files that a portal has. */
const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/vnd.microsoft.icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain",
  ".webmanifest": "application/manifest+json",
};

/** Headers that `SystemMetadata` can set. */
const metadataHeaders = [
  "cache-control",
  "content-type",
  "content-disposition",
  "content-language",
  "content-encoding",
];

/**
 * `Custom::CDKBucketDeployment`: puts the files of an asset into a bucket and fills in the values that were not known
 * when it was synthesized. Files that an earlier deployment put there and this one lacks are left.
 */
export async function deployFiles({ logicalId, properties }: ResourceRequest, world: World) {
  onlyMembers(
    properties,
    [
      "ServiceToken",
      "SourceBucketNames",
      "SourceObjectKeys",
      "SourceMarkers",
      "SourceMarkersConfig",
      "DestinationBucketName",
      "DestinationBucketKeyPrefix",
      "DestinationBucketArn",
      "SystemMetadata",
      "OutputObjectKeys",
      // Without effect here: nothing is cached, and nothing is in the bucket that this did not put there.
      "Prune",
      "DistributionId",
      "DistributionPaths",
      "WaitForDistributionInvalidation",
    ],
    `The bucket deployment ${logicalId}`,
  );
  const bucket = asText(properties["DestinationBucketName"], `DestinationBucketName of ${logicalId}`);
  const prefix = String(properties["DestinationBucketKeyPrefix"] ?? "").replace(/([^/])$/, "$1/");
  const headers = metadataOf(properties["SystemMetadata"]);
  const markers = properties["SourceMarkers"];
  for (const [index, key] of asList(properties["SourceObjectKeys"], "SourceObjectKeys").entries()) {
    const directory = world.assembly.assetPath(asText(key, "SourceObjectKeys"));
    if (directory === undefined || !statSync(directory).isDirectory()) {
      throw new Failure(
        "invalid-request",
        `Source ${index} of ${logicalId} is no directory in the synthesized assets.`,
      );
    }
    const values = isList(markers) ? markers[index] : undefined;
    for (const file of filesIn(directory)) {
      const contentType = contentTypes[extname(file)] ?? "binary/octet-stream";
      const body = filledIn(readFileSync(join(directory, file)), isRecord(values) ? values : {});
      const object = { bucket, key: `${prefix}${file}`, body, headers: { "content-type": contentType, ...headers } };
      await putObject(world.services.s3.url, object, logicalId);
    }
  }
  return { ref: logicalId, attributes: { DestinationBucketArn: `arn:aws:s3:::${bucket}` } };
}

function filesIn(directory: string): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => path.slice(directory.length + 1).replaceAll("\\", "/"));
}

/** CDK leaves `<<marker:…>>` in the text wherever a value is known at deployment only. */
function filledIn(bytes: Buffer<ArrayBuffer>, values: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer> {
  let text: string | undefined;
  for (const [marker, value] of Object.entries(values)) {
    if (bytes.includes(marker)) text = (text ?? bytes.toString("utf8")).replaceAll(marker, String(value));
  }
  return text === undefined ? bytes : Buffer.from(text);
}

function metadataOf(metadata: unknown): Readonly<Record<string, string>> {
  const given = isRecord(metadata) ? Object.entries(metadata) : [];
  return Object.fromEntries(
    given.map(([name, value]) => {
      if (!metadataHeaders.includes(name.toLowerCase())) {
        throw new Failure("invalid-request", `A bucket deployment sets ${name}, which is not carried here.`);
      }
      return [name.toLowerCase(), asText(value, name)];
    }),
  );
}
