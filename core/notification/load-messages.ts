import {
  complain,
  fieldsOf,
  type Loaded,
  list,
  type Place,
  type Reading,
  readPolicyFile,
  textOf,
} from "../encoding/policy-file.ts";
import { type Purpose, purposes } from "../promotion/notification.ts";
import { oneLine } from "./message.ts";

/** The words for one purpose, with places such as `{model}` for what differs. */
interface Template {
  readonly subject: string;
  readonly letter: string;
  readonly note: string;
  readonly button: string;
}

export type Templates = Readonly<Record<Purpose, Template>>;

/** What a template may name. */
const placeholders = [
  "name",
  "model",
  "version",
  "target",
  "stage",
  "roles",
  "deadline",
  "status",
  "reason",
  "next",
  "submitted",
  "signed",
  "successor",
  "link",
] as const;
type Placeholder = (typeof placeholders)[number];

const laterPurposes = ["lending", "stands"] as const;
const asked = purposes.filter((purpose) => !isLater(purpose));

/** For what is told since there were files that do not say it: those stay in force when a new version is deployed. */
const laterWords: Readonly<Record<(typeof laterPurposes)[number], Template>> = {
  lending: {
    subject: "Somebody asks for a loan: {model} {version} for {target}",
    letter: "Hello {name},\n\n{reason}\n\nNothing is lent before somebody else confirms it.\n{link}",
    note: "{model} {version} for {target}: somebody asks for a loan.\n{reason}",
    button: "Read and decide",
  },
  stands: {
    subject: "Your rejection stands: {model} {version} for {target}",
    letter:
      "Hello {name},\n\n{model} {version} for {target} is judged anew, and your rejection stands.\n\n{reason}\n{link}",
    note: "The rejection of {model} {version} for {target} by {name} stands.\n{reason}",
    button: "Look at it",
  },
};

const maximumText = 5000;

/** Reads policies/messages.yaml. */
export function loadMessages(text: string, reading: Reading = "new"): Loaded<Templates> {
  return readPolicyFile(text, reading, (root) => {
    const fields = fieldsOf(root, ["messagesVersion", ...asked], laterPurposes);
    if (fields.messagesVersion !== undefined && fields.messagesVersion.value !== 1) {
      complain(fields.messagesVersion, "The one version known here is 1.");
    }
    return Object.fromEntries(
      purposes.map((purpose) => [
        purpose,
        fields[purpose] === undefined && isLater(purpose) ? laterWords[purpose] : templateOf(fields[purpose]),
      ]),
    ) as unknown as Templates;
  });
}

export type Values = Readonly<Partial<Record<Placeholder, string>>>;

/**
 * Puts values in their places. A line that names one which is not there is left out: nobody reads 'Reason: '.
 * `beginnings`: as some are written where a line of the template begins with their place, and so a sentence with them.
 */
export function fill(template: string, values: Values, beginnings: Values = {}): string {
  return template
    .split("\n")
    .flatMap((line) => {
      const named = namesIn(line) as readonly Placeholder[];
      if (named.some((name) => values[name] === undefined)) return [];
      // One pass: a value that looks like a place stays as it is.
      return [
        line.replace(/\{([a-z]+)\}/g, (_, name: Placeholder, at: number) =>
          shown(name, (at === 0 ? beginnings[name] : undefined) ?? values[name] ?? ""),
        ),
      ];
    })
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function shown(name: Placeholder, value: string): string {
  // A link that is cut leads nowhere; it is made here and holds no line break.
  return name === "link" ? value : oneLine(value, name === "reason" ? 2000 : 200);
}

function isLater(purpose: Purpose): purpose is (typeof laterPurposes)[number] {
  return laterPurposes.some((each) => each === purpose);
}

function templateOf(place: Place | undefined): Template {
  const fields = fieldsOf(place, ["subject", "letter", "note", "button"]);
  const { subject, letter, note, button } = fields;
  for (const each of Object.values(fields)) refuseUnknown(each);
  if (letter !== undefined && typeof letter.value === "string" && !namesIn(letter.value).includes("link")) {
    complain(letter, "A letter has no button, so it must name {link}.");
  }
  for (const each of [subject, note, button]) {
    if (each !== undefined && typeof each.value === "string" && namesIn(each.value).includes("link")) {
      complain(each, "{link} stands in letters only; elsewhere the button leads there.");
    }
  }
  return {
    subject: textOf(subject),
    letter: linesOf(letter),
    note: linesOf(note),
    button: textOf(button, 75),
  };
}

function refuseUnknown(place: Place): void {
  if (typeof place.value !== "string") return;
  const unknown = namesIn(place.value).find((name) => !(placeholders as readonly string[]).includes(name));
  if (unknown !== undefined) complain(place, `'{${unknown}}' is not known here; known are ${list(placeholders)}.`);
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/\{([a-z]+)\}/g)].map((match) => match[1] ?? "");
}

function linesOf(place: Place | undefined): string {
  const value = place?.value;
  if (place === undefined) return "";
  if (typeof value === "string" && value.trim() !== "" && value.length <= maximumText) return value.trim();
  complain(place, `This must be 1 to ${maximumText} characters, on as many lines as needed.`);
  return "";
}
