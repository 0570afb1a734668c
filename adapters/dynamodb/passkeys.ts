import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { passkeyFact, type RecordedPasskeyDeed } from "../../core/attestation/recorded-passkey.ts";
import { base64url, fromBase64url } from "../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { isInstant } from "../../core/encoding/instant.ts";
import { isSha256, type Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { Identity } from "../../core/promotion/identity.ts";
import { putOnce, readDeeds, requireDeeds } from "./deeds.ts";
import { fromItem, toItem } from "./item.ts";
import {
  passkeyItem,
  passkeyPartition,
  passkeyPlaceItems,
  passkeyPlaces,
  passkeyUseItem,
  passkeyUsePartition,
} from "./promotion-items.ts";

/** What was done about some passkeys, those that were enrolled last first, and where the next page begins. */
export interface PasskeyPage {
  readonly passkeys: readonly (readonly RecordedPasskeyDeed[])[];
  readonly next?: string;
}

const atOnce = 25;

/** Passkeys in the promotions table, whose stream archives what is done about them. Nothing is ever changed. */
export function passkeyStore(client: DynamoDBClient, table: string) {
  const readable = (id: Sha256): Promise<readonly RecordedPasskeyDeed[] | undefined> =>
    readDeeds(
      client,
      table,
      { partition: passkeyPartition, id },
      (item) => (item.kind === "passkey" ? item.deed : undefined),
      passkeyFact,
    );

  return {
    /** What was done about one passkey, in no order. Strongly consistent. Throws where that cannot be read. */
    deeds: async (id: Sha256): Promise<readonly RecordedPasskeyDeed[]> => requireDeeds(await readable(id), id),

    /**
     * A page of the passkeys of everybody or of one owner, strongly consistent. What is read grows with `limit`, and not with
     * all that were ever enrolled. Without those that cannot be read, by which nobody can sign: the reconciliation names them.
     * Throws `invalid-request` for a cursor that no page gave.
     */
    async page({ owner }: { readonly owner?: Identity }, limit: number, from?: string): Promise<PasskeyPage> {
      const pk = passkeyPlaces(owner);
      const { Items: items = [], LastEvaluatedKey: last } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: toItem({ ":pk": pk }),
          ScanIndexForward: false,
          Limit: limit,
          ...(from === undefined ? {} : { ExclusiveStartKey: toItem({ pk, sk: readCursor(from) }) }),
        }),
      );
      const places = items.map((item) => placeOf(fromItem<{ sk: string }>(item).sk));
      const found: (readonly RecordedPasskeyDeed[])[] = [];
      for (let at = 0; at < places.length; at += atOnce)
        found.push(...(await Promise.all(places.slice(at, at + atOnce).map(enrolledThere))));
      const passkeys = found.filter((each) => each.length > 0);
      return last === undefined ? { passkeys } : { passkeys, next: writeCursor(fromItem<{ sk: string }>(last).sk) };
    },

    /** Each deed is done once; `exists` where it was done before. */
    async record(deed: RecordedPasskeyDeed): Promise<"recorded" | "exists"> {
      // First, so that there is none that is not found; one of which nothing comes points to nothing.
      if (deed.deed === "enrol") for (const place of passkeyPlaceItems(deed)) await putOnce(client, table, place);
      return putOnce(client, table, passkeyItem(deed));
    },

    /** The highest signature counter that another sign-off than this one was given with; 0 where there is none. */
    async counterBefore(id: Sha256, signOff: Sha256): Promise<number> {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: toItem({ ":pk": passkeyUsePartition(id) }),
          ScanIndexForward: false,
          Limit: 2,
        }),
      );
      const uses = items.map((item) => fromItem<{ counter: number; signOff: Sha256 }>(item));
      return uses.find((use) => use.signOff !== signOff)?.counter ?? 0;
    },

    /** Notes the counter that a sign-off was given with. */
    async noteCounter(id: Sha256, signOff: Sha256, counter: number): Promise<void> {
      await putOnce(client, table, passkeyUseItem(id, signOff, counter));
    },
  };

  /** Nothing, where the enrolment of this place came to nothing, or was tried again and stands in another. */
  async function enrolledThere({ at, id }: Place): Promise<readonly RecordedPasskeyDeed[]> {
    const done = (await readable(id)) ?? [];
    return done.some(({ deed, recordedAt }) => deed === "enrol" && recordedAt === at) ? done : [];
  }
}

interface Place {
  readonly at: string;
  readonly id: Sha256;
}

function placeOf(key: string): Place {
  const [at = "", id] = key.split("#");
  if (isInstant(at) && isSha256(id)) return { at, id };
  throw new Error("a passkey's place is not one");
}

/** A place is no secret: whoever may list passkeys sees when each was enrolled. */
function writeCursor(key: string): string {
  return base64url(utf8(key));
}

function readCursor(text: string): string {
  try {
    const key = fromUtf8(fromBase64url(text));
    placeOf(key);
    return key;
  } catch (cause) {
    throw new Failure("invalid-request", "The cursor is not one that a listing gave.", { cause });
  }
}
