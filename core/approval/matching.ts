/**
 * Seats distinct people: as many seats as can be filled at once, each person in one of their roles and in one seat.
 *
 * People come in order of preference. Each in turn is seated for good if the people before can make room by moving
 * to another seat. The sets of people that can sit at once form a transversal matroid, so this greedy order fills
 * as many seats as possible, and among all such seatings keeps the earliest people (Edmonds and Fulkerson 1965).
 * A search that finds no room leaves its seats closed: every path out of them has been tried, and none opens later.
 * So the whole costs one walk over the pairs of people and seats, and one walk over the seats for each one filled.
 *
 * @param seats the role of each seat
 * @param people the roles that each person may fill
 * @returns for each seat the index of the person who fills it, or `undefined`
 */
export function seatPeople(
  seats: readonly string[],
  people: readonly ReadonlySet<string>[],
): readonly (number | undefined)[] {
  const holders = new Array<number | undefined>(seats.length).fill(undefined);
  const visited = new Array<boolean>(seats.length).fill(false);
  let free = seats.length;

  const takes = (person: number, seat: number): boolean => {
    const role = seats[seat];
    return role !== undefined && people[person]?.has(role) === true;
  };
  const sit = (person: number, path: number[]): boolean => {
    // A free seat first, so that nobody moves without need and the explanation stays calm.
    for (let seat = 0; seat < seats.length; seat++) {
      if (holders[seat] === undefined && takes(person, seat)) {
        holders[seat] = person;
        return true;
      }
    }
    for (let seat = 0; seat < seats.length; seat++) {
      const holder = holders[seat];
      if (visited[seat] === true || holder === undefined || !takes(person, seat)) continue;
      visited[seat] = true;
      path.push(seat);
      if (sit(holder, path)) {
        holders[seat] = person;
        return true;
      }
    }
    return false;
  };

  for (let person = 0; person < people.length && free > 0; person++) {
    const path: number[] = [];
    if (!sit(person, path)) continue;
    free -= 1;
    for (const seat of path) visited[seat] = false;
  }
  return holders;
}
