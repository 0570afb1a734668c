/**
 * A port of which only some members are set up: whoever touches another one is told its name, so that a handler which
 * does more than a test knows of does not pass it.
 */
export function mock<Port extends object>(name: string, members: Partial<Port> = {}): Port {
  return new Proxy(members, {
    get(target, member) {
      if (member in target) return Reflect.get(target, member);
      throw new Error(`Nobody set up ${name}.${String(member)}.`);
    },
  }) as Port;
}
