import * as v from "valibot";

import { type AwsCallLog, type LocalService, localAccount } from "../aws/aws-call.ts";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import { blob, type JudgedAction, operation, serveOperations } from "../aws/aws-operations.ts";
import {
  type KeyRequest,
  KeyRing,
  keyKinds,
  type LocalKey,
  macMatches,
  macWith,
  publicKeyOf,
  signWith,
  verifyWith,
} from "./keys.ts";

export interface KmsOptions {
  /** Folder for the keys; each file is readable by its owner alone. */
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly clock?: () => number;
}

export interface LocalKms extends LocalService {
  /** Makes the key of a logical id from the template's properties, or takes the one that is there. */
  createKey(request: KeyRequest): { readonly keyId: string; readonly arn: string };
}

// https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
const longestMessage = 4096;
const keyId = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
const message = blob(1, longestMessage);
const messageType = v.optional(v.picklist(["RAW", "DIGEST"]), "RAW");
const signing = { KeyId: keyId, Message: message, MessageType: messageType, SigningAlgorithm: v.string() };
const mac = { KeyId: keyId, Message: message, MacAlgorithm: v.string() };
const invalid = "ValidationException";

type Note = (judged: JudgedAction) => void;

/** Starts the stand-in for KMS: real keys, the operations that Countersign uses, everything else refused. */
export async function startKms({ directory, log, port, clock = Date.now }: KmsOptions): Promise<LocalKms> {
  const ring = new KeyRing(directory);

  /** The key that is asked for, once IAM's question is noted. */
  const open = (id: string, action: string, need: Note, context: Readonly<Record<string, string>> = {}): LocalKey => {
    const key = ring.find(id);
    if (key === undefined) throw new AwsRefusal("NotFoundException", `Key '${id}' does not exist`);
    const usage = keyKinds[key.keySpec].usage;
    const about = { "kms:CallerAccount": localAccount, "kms:KeySpec": key.keySpec, "kms:KeyUsage": usage };
    need({ action: `kms:${action}`, resource: key.arn, context: { ...about, ...context } });
    return key;
  };

  const openForSigning = (input: SigningInput, action: string, need: Note): LocalKey => {
    const { SigningAlgorithm: algorithm, MessageType: type } = input;
    const context = { "kms:SigningAlgorithm": algorithm, "kms:MessageType": type };
    const key = open(input.KeyId, action, need, context);
    requireUsage(key, "SIGN_VERIFY", action);
    requireAlgorithm(key, algorithm);
    if (type === "DIGEST" && key.keySpec === "ECC_NIST_EDWARDS25519") {
      throw new AwsRefusal(invalid, "The ED25519_SHA_512 signing algorithm requires the RAW message type.");
    }
    if (type === "DIGEST" && input.Message.length !== 32) {
      throw new AwsRefusal(invalid, `Digest is invalid length for algorithm ${algorithm}.`);
    }
    return key;
  };

  const openForMac = (input: { KeyId: string; MacAlgorithm: string }, action: string, need: Note): LocalKey => {
    const key = open(input.KeyId, action, need, { "kms:MacAlgorithm": input.MacAlgorithm });
    requireUsage(key, "GENERATE_VERIFY_MAC", action);
    requireAlgorithm(key, input.MacAlgorithm);
    return key;
  };

  const operations = {
    Sign: operation(v.strictObject(signing), invalid, (input, need) => {
      const key = openForSigning(input, "Sign", need);
      const signature = signWith(key, input.Message, input.MessageType === "DIGEST");
      return { KeyId: key.arn, Signature: base64(signature), SigningAlgorithm: input.SigningAlgorithm };
    }),
    Verify: operation(v.strictObject({ ...signing, Signature: blob(1, 6144) }), invalid, (input, need) => {
      const key = openForSigning(input, "Verify", need);
      if (!verifyWith(key, input.Message, input.MessageType === "DIGEST", input.Signature)) {
        throw new AwsRefusal("KMSInvalidSignatureException", "The signature is not valid for this message and key.");
      }
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm };
    }),
    GetPublicKey: operation(v.strictObject({ KeyId: keyId }), invalid, ({ KeyId }, need) => {
      const key = open(KeyId, "GetPublicKey", need);
      if (key.keySpec === "HMAC_256") {
        throw new AwsRefusal("UnsupportedOperationException", `${key.arn} has no public key.`);
      }
      const { usage, algorithm } = keyKinds[key.keySpec];
      return {
        KeyId: key.arn,
        PublicKey: base64(publicKeyOf(key)),
        KeySpec: key.keySpec,
        CustomerMasterKeySpec: key.keySpec,
        KeyUsage: usage,
        SigningAlgorithms: [algorithm],
      };
    }),
    GenerateMac: operation(v.strictObject(mac), invalid, (input, need) => {
      const key = openForMac(input, "GenerateMac", need);
      return { KeyId: key.arn, Mac: base64(macWith(key, input.Message)), MacAlgorithm: input.MacAlgorithm };
    }),
    VerifyMac: operation(v.strictObject({ ...mac, Mac: blob(1, 6144) }), invalid, (input, need) => {
      const key = openForMac(input, "VerifyMac", need);
      if (!macMatches(key, input.Message, input.Mac)) {
        throw new AwsRefusal("KMSInvalidMacException", "The MAC is not valid for this message and key.");
      }
      return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
    }),
    DescribeKey: operation(v.strictObject({ KeyId: keyId }), invalid, ({ KeyId }, need) => {
      const key = open(KeyId, "DescribeKey", need);
      const { usage, algorithm } = keyKinds[key.keySpec];
      const algorithms = usage === "SIGN_VERIFY" ? { SigningAlgorithms: [algorithm] } : { MacAlgorithms: [algorithm] };
      return {
        KeyMetadata: {
          AWSAccountId: localAccount,
          KeyId: key.keyId,
          Arn: key.arn,
          CreationDate: key.createdAt,
          Description: key.description,
          Enabled: true,
          KeyManager: "CUSTOMER",
          KeySpec: key.keySpec,
          CustomerMasterKeySpec: key.keySpec,
          KeyState: "Enabled",
          KeyUsage: usage,
          MultiRegion: false,
          Origin: "AWS_KMS",
          ...algorithms,
        },
      };
    }),
  };
  const server = await serveOperations({ target: "TrentService", operations, log, port, clock });
  return {
    ...server,
    createKey: (request) => {
      const { keyId: id, arn } = ring.create(request, clock());
      return { keyId: id, arn };
    },
  };
}

type SigningInput = v.InferOutput<v.ObjectSchema<typeof signing, undefined>>;

function requireUsage(key: LocalKey, usage: string, action: string): void {
  const own = keyKinds[key.keySpec].usage;
  if (own === usage) return;
  throw new AwsRefusal("InvalidKeyUsageException", `${key.arn} key usage is ${own} which is not valid for ${action}.`);
}

function requireAlgorithm(key: LocalKey, algorithm: string): void {
  if (keyKinds[key.keySpec].algorithm === algorithm) return;
  throw new AwsRefusal(
    "InvalidKeyUsageException",
    `Algorithm ${algorithm} is incompatible with key spec ${key.keySpec}.`,
  );
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
