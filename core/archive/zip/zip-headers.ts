import {
  date,
  limit32,
  localHeaderLength,
  permissionsOf,
  rowLength,
  sizesBehind,
  utf8Names,
  type ZipEntry,
} from "./zip-layout.ts";

// What a zip's headers say, and whether they are what is written for an entry: read once or twice for every file of a
// pack, so in place.

/** Whether these bytes begin with the entry's local header: that which is written, field by field. */
export function isLocalHeader(bytes: Uint8Array, { name, size, crc, streamed }: Omit<ZipEntry, "offset">): boolean {
  const known = streamed ? 0 : 1;
  return (
    bytes.length >= localHeaderLength + name.length &&
    uint32(bytes, 0) === 0x04034b50 &&
    uint16(bytes, 4) === 20 &&
    uint16(bytes, 6) === (utf8Names | (streamed ? sizesBehind : 0)) &&
    uint32(bytes, 8) === 0 &&
    uint16(bytes, 12) === date &&
    uint32(bytes, 14) === crc * known &&
    uint32(bytes, 18) === size * known &&
    uint32(bytes, 22) === size * known &&
    uint16(bytes, 26) === name.length &&
    uint16(bytes, 28) === 0 &&
    isTextAt(bytes, localHeaderLength, name)
  );
}

/** Whether these bytes are the entry's row in the directory, field by field. */
export function isDirectoryHeader(bytes: Uint8Array, { name, offset, size, crc, streamed }: ZipEntry): boolean {
  const far = offset >= limit32;
  const behind = rowLength + name.length;
  return (
    bytes.length === behind + (far ? 12 : 0) &&
    uint32(bytes, 0) === 0x02014b50 &&
    uint16(bytes, 4) === 0x031e &&
    uint16(bytes, 6) === (far ? 45 : 20) &&
    uint16(bytes, 8) === (utf8Names | (streamed ? sizesBehind : 0)) &&
    uint32(bytes, 10) === 0 &&
    uint16(bytes, 14) === date &&
    uint32(bytes, 16) === crc &&
    uint32(bytes, 20) === size &&
    uint32(bytes, 24) === size &&
    uint16(bytes, 28) === name.length &&
    uint16(bytes, 30) === (far ? 12 : 0) &&
    uint32(bytes, 32) === 0 &&
    uint16(bytes, 36) === 0 &&
    uint32(bytes, 38) === permissionsOf(name) &&
    uint32(bytes, 42) === (far ? limit32 : offset) &&
    isTextAt(bytes, rowLength, name) &&
    (!far || isFarOffset(bytes, behind, offset))
  );
}

function isFarOffset(bytes: Uint8Array, at: number, offset: number): boolean {
  const high = Math.floor(offset / 0x1_0000_0000);
  return (
    uint16(bytes, at) === 1 &&
    uint16(bytes, at + 2) === 8 &&
    uint32(bytes, at + 4) === offset - high * 0x1_0000_0000 &&
    uint32(bytes, at + 8) === high
  );
}

/** How long a row of the directory is that begins with these bytes. */
export function directoryRowLength(head: Uint8Array): number {
  return rowLength + nameLengthOf(head) + uint16(head, 30);
}

/** How long the name is in a row of the directory that begins with these bytes. */
export function nameLengthOf(head: Uint8Array): number {
  return uint16(head, 28);
}

/**
 * What one row of the directory says, unverified: `isDirectoryHeader` must hold of it.
 *
 * @param known its name, where that was read already
 */
export function readRow(bytes: Uint8Array, known?: string): ZipEntry {
  const near = uint32(bytes, 42);
  const behind = rowLength + nameLengthOf(bytes);
  const far = near === limit32 && bytes.length === behind + 12;
  return {
    name: known ?? plainText(bytes, rowLength, behind - rowLength),
    offset: far ? uint32(bytes, behind + 4) + uint32(bytes, behind + 8) * 0x1_0000_0000 : near,
    size: uint32(bytes, 24),
    crc: uint32(bytes, 16),
    streamed: (uint16(bytes, 8) & sizesBehind) !== 0,
  };
}

/** Whether plain characters, a byte each, stand at a place. */
export function isTextAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = text.length - 1; i >= 0; i -= 1) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Bytes as characters, one each: names are held against the one spelling afterwards, so others need no decoding. */
export function plainText(bytes: Uint8Array, at: number, length: number): string {
  // A decoder is several times as fast, and right wherever each byte is a character of ASCII.
  const decoded = decoder.decode(bytes.subarray(at, at + length));
  if (decoded.length === length && !decoded.includes("\ufffd")) return decoded;
  let text = "";
  for (let i = at; i < at + length; i += 1) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// A view of the bytes would take longer to make than to read all of these.
function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 0x100;
}

function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) + uint16(bytes, at + 2) * 0x10000;
}
