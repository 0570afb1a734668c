import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import type { ServerCertificate } from "./loopback-server.ts";

/**
 * The certificate of a server on this machine, signed by itself: whoever is given it as the authority trusts this
 * server and no other. Made once and kept in `directory`.
 */
export async function serverCertificate(directory: string, now: () => number): Promise<ServerCertificate> {
  const path = join(directory, "server-certificate.json");
  // Written below.
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as ServerCertificate;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=countersign-local",
      notBefore: new Date(now() - 24 * 3600_000),
      notAfter: new Date(now() + 10 * 365 * 24 * 3600_000),
      signingAlgorithm: algorithm,
      // The types of the browser and of Node differ in what a key may be used for; the keys do not.
      keys: keys as unknown as CryptoKeyPair,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new SubjectAlternativeNameExtension([
          { type: "ip", value: "127.0.0.1" },
          { type: "dns", value: "localhost" },
        ]),
      ],
    },
    webcrypto as unknown as Crypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const made: ServerCertificate = {
    key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString("pem"),
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, JSON.stringify(made), { mode: 0o600 });
  return made;
}
