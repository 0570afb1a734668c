import { utf8 } from "../../encoding/bytes.ts";

/** `README.txt`: where somebody who was handed a pack, and nothing else, begins. The same in every pack. */
export function packReadMe(): Uint8Array {
  return utf8(text);
}

const text = `This is an audit pack of Countersign: what was recorded about machine-learning models that were to go into
production, with the documents and signatures that it rests on. The records are those of an append-only log.

Begin with promotions.csv, a line for each promotion, or with report/, a page for each that any browser opens.

  Question                                  Where the answer is
  Who approved it, when, in which role?     report/: "Who decided". sign-offs.csv
  Under which rules, until when?            report/: "The rules", "To be decided before". The document itself:
                                            blobs/sha256/ and the digest in the column requirements
  With what in view?                        blobs/sha256/ and the digest in report/: "Shown to signers"
  Who was asked, and did not sign?          report/: "Asked to sign", beside "Who decided"
  Who could not approve, and why?           report/: "The rules" and "Who had a hand in it", by name where people.yaml
                                            of its policies, which is in the pack unless it is without personal data,
                                            tells who is meant
  Which tests did it pass?                  report/: "The gates" and "The evidence"
  Which bytes were signed, and what ran?    report/: "What was frozen" and "What was started"
  What failed, and who stopped it?          promotions.csv: outcome, outcomeAt, why. sign-offs.csv: result reject
  Was it let in without everybody (loan)?   promotions.csv: loan (Ratified: everybody signed later; Ended: it was
                                            taken back), loanUntil, lenders. report/: "Break-glass"
  What ran in production, from when until   promotions.csv, by endpoint: it began at startedAt, served from servedFrom
  when?                                     and was gone at goneAt; without goneAt, until the next there, or still
  What ran there that nobody approved?      records.csv: intruder-found, intruder-gone
  Who was told, and who opened a letter?    records.csv: types that begin with notification; link-opened
  When did the rules change, and who        records.csv: policy-proposed, policy-activated, and the promotion
  signed for that?                          that they name
  Is anything missing?                      'countersign verify', below: a pack of everything that passes lacks
                                            nothing that the log had when it was signed; of any other pack it says
                                            what it cannot tell

Times are UTC. Whatever is named by a digest lies at blobs/sha256/DIGEST. The tables are UTF-8: a spreadsheet that shows
letters such as é as two others was not told so; in Excel import them by Data, From Text/CSV, file origin 65001 (UTF-8),
instead of opening them by a double click.

Do not believe this file, the tables or the reports: they are made from records/, and a verifier makes them again.

  sh verify.sh FOLDER                       digests and signatures, with openssl, coreutils and find. FOLDER is this
                                            one, unzipped; the script is docs/verify.sh of Countersign: this copy came
                                            with the pack, and is code of whoever made it
  npx countersign verify PACK               everything: the log, the sign-ins, the gates and the quorum as well.
                                            In a checkout of Countersign, offline; PACK is the zip or this folder.
                                            The page 'Audit' of any Countersign does the same in the browser.

It ends with PASSED or FAILED, and names what could not be checked: that is neither wrong nor proven.
The keys in keys/ came with the pack. Compare them with those that you know:
  sha256sum keys/attestation.pem keys/checkpoint.pem
For the next audit keep log/checkpoint (verify --since: the log goes on from here) and the service's own answer
of GET /v1/service (verify --service: keys, and whose sign-ins count), which the page 'Audit' saves.
`;
