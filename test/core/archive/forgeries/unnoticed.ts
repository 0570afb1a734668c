/** What neither verifier notices of the sweeps (sweeps.ts), and why nobody could. By the history, and by the name of what is done. */

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

export const whyUnnoticed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
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
