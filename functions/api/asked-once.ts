import type { Member } from "../../core/promotion/identity.ts";
import type { Answer, ApiRequest } from "./http.ts";

interface Directory {
  everybody(groups: readonly string[]): Promise<readonly Member[]>;
}

/**
 * A handler that asks the directory once for each request, however often it has to look at what was signed. A directory of
 * thousands takes seconds to list: who listed it again as of each new instant would never be in time. Who holds which role
 * is so old as the request, which has half a minute; before the verdict it is asked again.
 */
export function askingOnce<Ports extends { readonly directory: Directory }>(
  handler: (ports: Ports) => (http: ApiRequest) => Promise<Answer>,
): (ports: Ports) => (http: ApiRequest) => Promise<Answer> {
  return (ports) => (http) => handler({ ...ports, directory: askedOnce(ports.directory) })(http);
}

function askedOnce(directory: Directory): Directory {
  const asked: { readonly groups: ReadonlySet<string>; readonly members: Promise<readonly Member[]> }[] = [];
  return {
    everybody: async (groups) => {
      // Everybody is listed whatever is asked for: who was asked about more groups was asked about these.
      const known = asked.find((each) => groups.every((group) => each.groups.has(group)));
      const members = known?.members ?? directory.everybody(groups);
      if (known === undefined) asked.push({ groups: new Set(groups), members });
      return (await members).map((member) => ({
        ...member,
        groups: member.groups.filter((group) => groups.includes(group)),
      }));
    },
  };
}
