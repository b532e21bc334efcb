/** The calls in progress, so that closing can end them: a linked list of the calls themselves, cheaper than a Set. */
import type { ActiveCall } from "./call.ts";

export interface InFlight {
  readonly size: number;
  add(call: ActiveCall): void;
  remove(call: ActiveCall): void;
  /** Safe if calls leave meanwhile. */
  each(visit: (call: ActiveCall) => void): void;
}

export function createInFlight(): InFlight {
  let first: ActiveCall | undefined;
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(call) {
      size++;
      call.following = first;
      if (first) first.preceding = call;
      first = call;
    },
    remove(call) {
      size--;
      if (call.preceding) call.preceding.following = call.following;
      else first = call.following;
      if (call.following) call.following.preceding = call.preceding;
      // Unlinked: a call that someone keeps must not keep its neighbours alive.
      call.preceding = undefined;
      call.following = undefined;
    },
    each(visit) {
      const all: ActiveCall[] = [];
      for (let call = first; call; call = call.following) all.push(call);
      for (const call of all) visit(call);
    },
  };
}
