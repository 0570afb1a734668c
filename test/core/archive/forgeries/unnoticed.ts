// What neither verifier notices of the sweeps (sweeps.ts), and why nobody could.

const countsFromTheBeginning =
  "What a log begins with counts from the beginning, whenever its record came; so do the times of what is told of keys, which are in force by their place in the log.";
const withinSeconds = "Within the seconds in which clocks may differ nothing tells which of two was first.";
const eitherMayBeFirst = "Either may come first.";
const leavesNoGap =
  "Nothing rests on it, and it stands beside the history: docs/threat-model.md, 'What leaves no gap'.";
const saidAgain = "It may be done again, and comes to the same.";
const endsUntold =
  "Of how something ended that is not told a verifier says so: whoever stopped an execution left the same records.";
const endOfALoan =
  "Whether it ran is the service's word, and a loan of which no end is told is found a day after its time.";
const theDirectorySaid = "What the directory told is the service's word, and both came to people who may.";
const bothKeysCount = "Both keys count until the old one is over.";
const minutesAfterASignIn =
  "Minutes may lie between a sign-in and what it was for: docs/threat-model.md, 'dating it later'.";
const forPeople = "It is for people, and nothing rests on it.";
const saidOfWhatRan = "What ran, or was reported to run, is the service's word, in a document of its own.";
const begunOrDone = "What has begun is named as unchecked until it is said to be done, and done may be told later.";
const nobodySignedInIt = "Nobody signed in that stage.";
const withinAQuarter = "A rejection is followed by its end within a quarter of an hour.";

/** By the history, and by the name of what is done. */
const named: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  reviews: {
    "is left out: delegation-revoked 1": leavesNoGap,
    "is left out: sign-off 5": leavesNoGap,
    "is left out: sign-off 6": leavesNoGap,
    "takes the place of the next: key 1": countsFromTheBeginning,
    "takes the place of the next: key 2": countsFromTheBeginning,
    "comes last: key 1": countsFromTheBeginning,
    "comes last: key 2": countsFromTheBeginning,
    "comes last: policy-activated 1": countsFromTheBeginning,
    "is told twice: gates 1": saidAgain,
    "is told twice: gates 2": saidAgain,
    "is told twice: gates 3": saidAgain,
    "has of another its people.json: verdict 2": theDirectorySaid,
  },
  loans: {
    "is left out: loan-running 1": endOfALoan,
    "is left out: clean-up 1": forPeople,
    "is left out: loan-ratified 1": endOfALoan,
    "takes the place of the next: key 1": countsFromTheBeginning,
    "takes the place of the next: key 2": countsFromTheBeginning,
    "takes the place of the next: loan-taken-back 1": eitherMayBeFirst,
    "is told as of the next one's time, and that as of its: deployment-started 1": withinSeconds,
    "is told as of the next one's time, and that as of its: loan-taken-back 1": withinSeconds,
    "is told as of the next one's time, and that as of its: loan-review-opened 1": withinSeconds,
    "is told as of the next one's time, and that as of its: deployment-started 2": withinSeconds,
    "is told as of the next one's time, and that as of its: verdict 3": withinSeconds,
    "comes last: key 1": countsFromTheBeginning,
    "comes last: key 2": countsFromTheBeginning,
    "comes last: policy-activated 1": countsFromTheBeginning,
    "comes last: clean-up 1": forPeople,
    "is told twice: gates 1": saidAgain,
    "is told twice: loan-review-opened 1": saidAgain,
    "is told twice: clean-up 1": forPeople,
    "is told twice: gates 2": saidAgain,
    "has of another its people.json: verdict 1": theDirectorySaid,
  },
  changes: {
    "is left out: key 4": leavesNoGap,
    "is left out: passkey-revoked 1": leavesNoGap,
    "is left out: deployed 1": endsUntold,
    "is left out: deployed 2": endsUntold,
    "takes the place of the next: key 1": countsFromTheBeginning,
    "takes the place of the next: key 2": countsFromTheBeginning,
    "takes the place of the next: sign-off 2": minutesAfterASignIn,
    "takes the place of the next: policy-proposed 1": eitherMayBeFirst,
    "is told as of the next one's time, and that as of its: sign-off 2": minutesAfterASignIn,
    "is told as of the next one's time, and that as of its: key 3": withinSeconds,
    "is told as of the next one's time, and that as of its: policy-activated 2": withinSeconds,
    "is told as of the next one's time, and that as of its: deployment-started 1": withinSeconds,
    "comes last: key 2": countsFromTheBeginning,
    "comes last: policy-activated 1": countsFromTheBeginning,
    "comes last: key 4": countsFromTheBeginning,
    "comes last: passkey-revoked 1": minutesAfterASignIn,
    "comes last: deployed 1": endsUntold,
    "is told twice: gates 1": saidAgain,
    "is told twice: gates 2": saidAgain,
    "has the time of another, and that its: key 2": countsFromTheBeginning,
    "has the time of another, and that its: key 3": countsFromTheBeginning,
    "has the time of another, and that its: key 4": countsFromTheBeginning,
    "has of another its people.json: verdict 1": theDirectorySaid,
    "is signed by another key of the service's, 1: passkey-revoked 1": bothKeysCount,
    "is signed by another key of the service's, 1: verdict 1": bothKeysCount,
    "is signed by another key of the service's, 1: verdict 2": bothKeysCount,
  },
};

type Pinned = readonly [told: RegExp, why: string];

/** So in each of the histories below. */
const everywhere: readonly Pinned[] = [
  [/^(takes the place of the next|comes last): key \d$/, countsFromTheBeginning],
  [/^comes last: policy-activated 1$/, countsFromTheBeginning],
  [/^is told twice: gates \d$/, saidAgain],
];
/** As it would be released by then, where it is staged. */
const ofStaging: Pinned = [
  /^(is left out|takes the place of the next|comes last|is told twice|has the body (and the documents )?of another): staged \d$/,
  forPeople,
];

/** By the history, and by the form of such names. */
const alike: Readonly<Record<string, readonly Pinned[]>> = {
  running: [
    ...everywhere,
    ofStaging,
    [/^takes the place of the next: gates \d$/, eitherMayBeFirst],
    [/^(is left out|is told twice): clean-up 1$/, forPeople],
    [/^(is left out|comes last): (take-back|intruder-gone) \d$/, leavesNoGap],
    [/^takes the place of the next: take-back \d$/, eitherMayBeFirst],
    [/^is told as of the next one's time, and that as of its: take-back \d$/, eitherMayBeFirst],
    [/^has the body and the documents of another: intruder-found 2$/, saidOfWhatRan],
    [/^(is left out|takes the place of the next|comes last): remedy [24]$/, begunOrDone],
    [/^is told as of the next one's time, and that as of its: remedy \d$/, withinSeconds],
    [/^has the time of another, and that its: remedy [134]$/, withinSeconds],
    [/^has the body (and the documents )?of another: remedy [24]$/, saidOfWhatRan],
    [/^is told twice: (drift \d|remedy [13])$/, saidAgain],
    [/^has of another its people\.json: verdict \d$/, theDirectorySaid],
  ],
  shadows: [
    ...everywhere,
    ofStaging,
    [/^takes the place of the next: gates [1245]$/, eitherMayBeFirst],
    [/^(is left out|comes last|is told twice): clean-up \d$/, forPeople],
    [/^is left out: stage-opened 5$/, nobodySignedInIt],
    [/^has of another its people\.json: verdict \d$/, theDirectorySaid],
  ],
  pipelines: [
    ...everywhere,
    ofStaging,
    [/^takes the place of the next: gates \d$/, eitherMayBeFirst],
    [
      /^(takes the place of the next|is told as of the next one's time, and that as of its): (stage-opened \d|deployed 1)$/,
      eitherMayBeFirst,
    ],
    [/^(?!has ).*: clean-up 1$/, forPeople],
    [
      /^(is left out|comes last|has the time of another, and that its): (notification-\w+|question|answer|export(-requested)?) \d$/,
      forPeople,
    ],
    [/^(is left out|comes last): outcome \d$/, forPeople],
    [/^has the body (and the documents )?of another: (notification-\w+|outcome|export(-requested)?) \d$/, forPeople],
    [
      /^(takes the place of the next|is told as of the next one's time, and that as of its): (notification-(?!discarded)\w+|question|answer|outcome|export-requested) \d$/,
      forPeople,
    ],
    [/^is left out: (passport-redeemed \d|passport-issued [24])$/, leavesNoGap],
    [/^(?!is told twice|has the time|exchanges).*: deployment-reported 2$/, saidOfWhatRan],
    [/^has of another its people\.json: verdict \d$/, theDirectorySaid],
  ],
  standing: [
    ...everywhere,
    [/^is left out: (passkey-confirmed 2|(passkey|delegation)-revoked \d)$/, leavesNoGap],
    [/^is left out: deployed [23]$/, endsUntold],
    [/^comes last: deployed 2$/, endsUntold],
    [/^takes the place of the next: policy-proposed \d$/, eitherMayBeFirst],
    [/^is told as of the next one's time, and that as of its: policy-activated 2$/, withinSeconds],
    [/^comes last: (passkey|delegation)-revoked 2$/, minutesAfterASignIn],
    [/^comes last: rejected 1$/, withinAQuarter],
    [/^has of another its people\.json: verdict 3$/, theDirectorySaid],
  ],
};

/** Of which only our verifier makes the summary again, where nobody signed that they were shown another. */
const oursAlone: Readonly<Record<string, RegExp>> = {
  shadows: /^has of another its evidence-summary\.json: gates [2456]$/,
};

/** Whether neither verifier notices it, or the second one does not. */
export function isUnnoticed(history: string, told: string, by: "both" | "the second" = "both"): boolean {
  const known = Object.hasOwn(named[history] ?? {}, told) || alike[history]?.some(([form]) => form.test(told)) === true;
  return known || (by === "the second" && oursAlone[history]?.test(told) === true);
}

/** What is named here of a history and is none of what is told of it. */
export function namedForNothing(history: string, told: readonly string[]): readonly string[] {
  const forms = [...(alike[history] ?? []).map(([form]) => form), ...[oursAlone[history] ?? []].flat()];
  return [
    ...Object.keys(named[history] ?? {}).filter((name) => !told.includes(name)),
    ...forms.filter((form) => !told.some((name) => form.test(name))).map(String),
  ];
}
