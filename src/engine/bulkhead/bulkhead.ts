/**
 * Limits calls in progress: in all, per tenant, and per tenant and host. A call that finds no place waits; places are handed
 * out by deficit round robin between tenants and in turn between a tenant's hosts, so neither a tenant with a thousand calls
 * nor a hanging host keeps others waiting.
 *
 * Invariant between method calls: every waiting call waits for a reason, because all places, its tenant's or its host's
 * are taken. So a call that finds its three counters below their limits does not overtake anyone.
 */
import { type Link, LinkedList } from "../state/linked_list.ts";

export interface BulkheadOptions {
  /** Calls in progress in all. */
  readonly total: number;
  readonly perTenant: number;
  readonly perHost: number;
  /** Waiting calls of one tenant; more are refused. */
  readonly queue: number;
}

/** The limits of one tenant. */
export interface TenantPlaces extends Omit<BulkheadOptions, "total"> {
  /** Calls admitted in a row while others wait, at least 1. */
  readonly weight: number;
}

export const USUAL_BULKHEAD: BulkheadOptions = {
  total: 10_000,
  perTenant: 256,
  perHost: 64,
  queue: 1_024,
};

/** Idle places remembered per tenant, and idle tenants in all: creating them anew costs more than keeping them. */
const KEPT = 64;

/** A call's place. Hand it back once, with `release`. */
export class Place implements Link<Place> {
  previous: Place | undefined;
  next: Place | undefined;
  list: unknown;
  active = 0;
  readonly waiting: LinkedList<Waiter> = new LinkedList();
  readonly tenant: Tenant;
  readonly host: string;

  constructor(tenant: Tenant, host: string) {
    this.tenant = tenant;
    this.host = host;
  }
}

class Tenant implements Link<Tenant> {
  previous: Tenant | undefined;
  next: Tenant | undefined;
  list: unknown;
  active = 0;
  queued = 0;
  /** Calls that may still be admitted in this round. */
  deficit = 0;
  readonly places: Map<string, Place> = new Map();
  /** Hosts with a waiting call and a free place. */
  readonly ready: LinkedList<Place> = new LinkedList();
  readonly id: string;
  readonly limits: TenantPlaces;

  constructor(id: string, limits: TenantPlaces) {
    this.id = id;
    this.limits = limits;
  }
}

export class Waiter implements Link<Waiter> {
  previous: Waiter | undefined;
  next: Waiter | undefined;
  list: unknown;
  readonly place: Place;
  readonly onPlace: (place: Place) => void;

  constructor(place: Place, onPlace: (place: Place) => void) {
    this.place = place;
    this.onPlace = onPlace;
  }
}

export class Bulkhead {
  readonly #total: number;
  readonly #limitsOf: (tenantId: string) => TenantPlaces;
  readonly #tenants = new Map<string, Tenant>();
  /** Tenants with a ready host and a free place. */
  readonly #ready = new LinkedList<Tenant>();
  #active = 0;
  #granting = false;
  /** Of the call before, which is nearly always that of the next; in the maps, or undefined. */
  #last: Place | undefined;

  constructor(
    options: BulkheadOptions = USUAL_BULKHEAD,
    limitsOf: (tenantId: string) => TenantPlaces = () => ({ ...options, weight: 1 }),
  ) {
    this.#total = options.total;
    this.#limitsOf = limitsOf;
  }

  /** Tenants with state. */
  get tenants(): number {
    return this.#tenants.size;
  }

  get active(): number {
    return this.#active;
  }

  /** Waiting calls of all tenants. */
  get queued(): number {
    let queued = 0;
    for (const tenant of this.#tenants.values()) queued += tenant.queued;
    return queued;
  }

  /** A tenant's calls in progress and waiting. */
  load(tenantId: string): { readonly active: number; readonly queued: number } {
    const tenant = this.#tenants.get(tenantId);
    return { active: tenant?.active ?? 0, queued: tenant?.queued ?? 0 };
  }

  /** A place, if one is free now. */
  enter(tenantId: string, host: string): Place | undefined {
    const place = this.#place(tenantId, host);
    const { tenant } = place;
    const { perTenant, perHost } = tenant.limits;
    if (this.#active >= this.#total || tenant.active >= perTenant || place.active >= perHost) {
      this.#forget(place);
      return undefined;
    }
    this.#occupy(place);
    return place;
  }

  /** After `enter` found none: `onPlace`, which must not throw, is called when one is free. Undefined: the queue is full. */
  wait(tenantId: string, host: string, onPlace: (place: Place) => void): Waiter | undefined {
    const place = this.#place(tenantId, host);
    const { tenant } = place;
    if (tenant.queued >= tenant.limits.queue) {
      this.#forget(place);
      return undefined;
    }
    const waiter = new Waiter(place, onPlace);
    tenant.queued++;
    place.waiting.append(waiter);
    this.#update(place);
    this.#grant();
    return waiter;
  }

  /** Stops waiting. False: the place was already handed over and must be released. */
  leave(waiter: Waiter): boolean {
    const { place } = waiter;
    if (!place.waiting.has(waiter)) return false;
    place.waiting.remove(waiter);
    place.tenant.queued--;
    this.#update(place);
    this.#forget(place);
    return true;
  }

  release(place: Place): void {
    this.#active--;
    place.tenant.active--;
    place.active--;
    this.#update(place);
    this.#grant();
    this.#forget(place);
  }

  /** Admits calls until no waiting one can have a place. Callbacks may enter, leave and release meanwhile. */
  #grant(): void {
    if (this.#granting) return;
    this.#granting = true;
    try {
      for (
        let tenant = this.#ready.first;
        tenant !== undefined && this.#active < this.#total;
        tenant = this.#ready.first
      ) {
        this.#grantTo(tenant);
      }
    } finally {
      this.#granting = false;
    }
  }

  #grantTo(tenant: Tenant): void {
    const place = tenant.ready.first;
    const waiter = place?.waiting.first;
    if (place === undefined || waiter === undefined) return this.#ready.remove(tenant);
    if (tenant.deficit < 1) tenant.deficit += Math.max(1, tenant.limits.weight);
    tenant.deficit--;
    place.waiting.remove(waiter);
    tenant.queued--;
    // The host's turn is over.
    tenant.ready.remove(place);
    this.#occupy(place);
    if (tenant.deficit < 1) this.#ready.remove(tenant);
    this.#update(place);
    waiter.onPlace(place);
  }

  #occupy(place: Place): void {
    this.#active++;
    place.tenant.active++;
    place.active++;
    this.#update(place);
  }

  /** Puts place and tenant into the right lists after any of their counters changed. */
  #update(place: Place): void {
    const { tenant } = place;
    // Nobody waits, so neither is in a list.
    if (tenant.queued === 0 && tenant.ready.first === undefined && tenant.list === undefined) {
      tenant.deficit = 0;
      return;
    }
    const ready = place.waiting.first !== undefined && place.active < tenant.limits.perHost;
    if (!ready) tenant.ready.remove(place);
    else if (!tenant.ready.has(place)) tenant.ready.append(place);
    if (tenant.ready.first === undefined || tenant.active >= tenant.limits.perTenant) {
      this.#ready.remove(tenant);
      // Unused turns are not saved up for a later rush.
      if (tenant.ready.first === undefined) tenant.deficit = 0;
    } else if (!this.#ready.has(tenant)) this.#ready.append(tenant);
  }

  #place(tenantId: string, host: string): Place {
    const last = this.#last;
    if (last !== undefined && last.host === host && last.tenant.id === tenantId) return last;
    let tenant = this.#tenants.get(tenantId);
    if (tenant === undefined) {
      tenant = new Tenant(tenantId, this.#limitsOf(tenantId));
      this.#tenants.set(tenantId, tenant);
    }
    let place = tenant.places.get(host);
    if (place === undefined) {
      place = new Place(tenant, host);
      tenant.places.set(host, place);
    }
    return this.#last = place;
  }

  /** Drops idle places and tenants when there are many. */
  #forget(place: Place): void {
    const { tenant } = place;
    if (place.active > 0 || place.waiting.first !== undefined) return;
    const crowded = tenant.places.size > KEPT;
    const idle = tenant.active === 0 && tenant.queued === 0 && this.#tenants.size > KEPT;
    if (crowded) tenant.places.delete(place.host);
    if (idle) this.#tenants.delete(tenant.id);
    if (crowded || idle) this.#last = undefined;
  }
}
