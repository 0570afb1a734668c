#!/bin/sh
# Checks the digests and signatures of this audit pack with openssl, coreutils and find alone.
# It does not check the Merkle tree, the identity provider's signatures, the gates or the quorum:
# 'npx countersign verify PACK' does. The keys are the pack's own; it prints them to be compared with those you know.
set -eu
LC_ALL=C
export LC_ALL
# What this machine lacks is told as that, and not as a signature that fails.
for program in openssl sha256sum base64 comm; do
  if ! command -v "$program" >/dev/null; then
    printf 'NOT CHECKED: this machine has no %s.\n' "$program" >&2
    exit 1
  fi
done
case $(openssl pkeyutl -help 2>&1) in
  *-rawin*) ;;
  *)
    printf 'NOT CHECKED: %s cannot verify the checkpoint; OpenSSL 3 can.\n' "$(openssl version)" >&2
    exit 1
    ;;
esac
# End of what the copy in a pack does not ask.
# Of a pack that you were handed this script is a part: run one of your own, 'sh verify.sh FOLDER'.
folder=${1:-$(dirname -- "$0")}
if [ ! -f "$folder/SHA256SUMS" ]; then
  printf 'FAILED: there is no unpacked audit pack in %s. Unzip it, and run: sh verify.sh FOLDER\n' "$folder" >&2
  exit 1
fi
cd -- "$folder"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
bad=0
count=0
fail() {
  printf 'FAILED: %s\n' "$1" >&2
  bad=1
}

if ! sha256sum --check --strict --quiet SHA256SUMS; then
  fail 'a file is not the one that was exported. Fetch the pack again; if it says so again, tell whoever exported it'
fi

# The DSSE envelope of a statement, one a line: {"payload":"..","payloadType":"..","signatures":[{"keyid":"..","sig":".."}]}
envelope() {
  payload=$(printf '%s' "$1" | cut -d '"' -f 4)
  type=$(printf '%s' "$1" | cut -d '"' -f 8)
  keyid=$(printf '%s' "$1" | cut -d '"' -f 14)
  sig=$(printf '%s' "$1" | cut -d '"' -f 18)
  printf '%s' "$payload" | base64 -d >"$work/payload" || return 1
  printf '%s' "$sig" | base64 -d >"$work/sig" || return 1
  size=$(wc -c <"$work/payload")
  { printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$size"; cat "$work/payload"; } >"$work/pae"
  for key in keys/attestation*.pem; do
    if [ "$(sha256sum <"$key" | cut -d ' ' -f 1)" = "$keyid" ]; then
      openssl dgst -sha256 -verify "$key" -signature "$work/sig" "$work/pae" >/dev/null 2>&1 && return 0
    fi
  done
  return 1
}

# A file that no digest is told of is nobody's; one that is listed and not there was named above.
cut -c 67- SHA256SUMS | sort >"$work/listed"
find . ! -type d ! -path ./SHA256SUMS | cut -c 3- | sort >"$work/there"
comm -23 "$work/there" "$work/listed" >"$work/unlisted"
[ ! -s "$work/unlisted" ] || fail "SHA256SUMS does not list $(head -n 1 "$work/unlisted")"

for file in attestations/*.intoto.jsonl; do
  [ -e "$file" ] || continue
  while IFS= read -r line || [ -n "$line" ]; do
    count=$((count + 1))
    envelope "$line" || fail "the signature of statement $count, in $file"
  done <"$file"
done

# Each of these records is of a statement; what a record is of stands at its end, for its JSON is canonical.
of=0
find records -type f -exec tail -c 32 {} + >"$work/ends"
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    *'"type":"sign-off"}' | *'"type":"loan-requested"}' | *'"type":"verdict"}') of=$((of + 1)) ;;
  esac
done <"$work/ends"
[ "$count" -eq "$of" ] || fail "attestations/ has $count statements, and the records are of $of"

# The checkpoint is a signed note: three lines of text, an empty one, then a line for each signature.
head -n 3 log/checkpoint >"$work/text"
signed=0
tail -n +5 log/checkpoint >"$work/lines"
while read -r dash name blob || [ -n "$blob" ]; do
  printf '%s' "$blob" | base64 -d >"$work/blob" || continue
  # Four bytes of key id and an Ed25519 signature over the text; longer ones are cosignatures with a time.
  [ "$(wc -c <"$work/blob")" -eq 68 ] || continue
  tail -c 64 "$work/blob" >"$work/sig"
  if openssl pkeyutl -verify -pubin -inkey keys/checkpoint.pem -rawin -in "$work/text" -sigfile "$work/sig" >/dev/null 2>&1; then
    signed=1
  fi
done <"$work/lines"
[ "$signed" -eq 1 ] || fail 'the signature of the checkpoint'

[ "$bad" -eq 0 ] || exit 1
if [ "$count" -eq 0 ]; then
  printf 'The digests of all files and the signature of the checkpoint hold. No statement is in the pack.\n'
else
  printf 'The digests of all files, the signatures of all %d statements and that of the checkpoint hold.\n' "$count"
fi
printf 'Not checked: whether the log is whole, who signed in, the gates, the quorum (npx countersign verify PACK does).\n'
printf 'The keys came with the pack. Compare their SHA-256 with those that you know:\n'
for key in keys/attestation*.pem keys/checkpoint.pem; do
  [ -e "$key" ] || continue
  case $key in keys/checkpoint.pem) of=checkpoints ;; *) of=statements ;; esac
  printf '  %s  signs %s\n' "$(sha256sum <"$key" | cut -d ' ' -f 1)" "$of"
done
