import { AsyncLocalStorage } from "node:async_hooks";
import type { InstanceIdentity, JsonValue } from "@sigilrt/lifecycle";
import type { CallRequest, Principal } from "@sigilrt/manager";

/** A call that a plugin works on. */
export interface CallInProgress {
  readonly instance: InstanceInService;
  /** Whose call it is, under which mission. */
  readonly principal: Principal;
  /** The plugins that stand behind it, from the first to the one that works on it. */
  readonly chain: readonly string[];
}

/** A plugin that was started. */
export interface InstanceInService {
  readonly identity: InstanceIdentity;
  readonly config: Readonly<Record<string, JsonValue>>;
  /** What it works on, by the id that it was given. */
  readonly calls: Map<string, CallInProgress>;
}

/**
 * Who works for whom. A host knows a call by its id alone; here stands what the gateway needs to decide as the plugin for that person. What
 * a plugin says of itself is not in it.
 */
export interface CallsInProgress {
  /** Runs `work`, in which the manager makes the call of a request. */
  making<T>(request: Pick<CallRequest, "principal">, work: () => T): T;
  /** Runs `work`, in which plugins of a chain call another. */
  behind<T>(chain: readonly string[], work: () => T): T;
  /** Notes an instance; answers how it is forgotten. */
  enter(instance: Omit<InstanceInService, "calls">): Entered;
  /** The instance that a connection belongs to. */
  instance(identity: InstanceIdentity): InstanceInService | undefined;
  /** The call of an id. */
  call(requestId: string): CallInProgress | undefined;
}

/** An instance while it is in service. */
export interface Entered {
  /** Notes that it works on the call that is being made; answers how that is forgotten. */
  begin(requestId: string): () => void;
  leave(): void;
}

interface Making {
  readonly chain: readonly string[];
  readonly principal?: Principal;
}

/** Makes the register of a gateway. */
export function callsInProgress(): CallsInProgress {
  const making = new AsyncLocalStorage<Making>();
  const instances = new Map<string, InstanceInService>();
  const calls = new Map<string, CallInProgress>();
  return {
    making: ({ principal }, work) =>
      making.run({ chain: making.getStore()?.chain ?? [], principal }, work),
    behind: (chain, work) => making.run({ chain }, work),
    enter({ identity, config }) {
      const key = keyOf(identity);
      const instance: InstanceInService = { identity, config, calls: new Map() };
      instances.set(key, instance);
      return {
        begin(requestId) {
          const { chain = [], principal } = making.getStore() ?? {};
          // A call that nobody is known to have made lends no rights.
          if (!principal) return () => undefined;
          const call = { instance, principal, chain: [...chain, identity.plugin] };
          calls.set(requestId, call);
          instance.calls.set(requestId, call);
          return () => {
            calls.delete(requestId);
            instance.calls.delete(requestId);
          };
        },
        leave() {
          if (instances.get(key) === instance) instances.delete(key);
        },
      };
    },
    instance: (identity) => instances.get(keyOf(identity)),
    call: (requestId) => calls.get(requestId),
  };
}

const keyOf = ({ plugin, digest, epoch, slot, workspace, user }: InstanceIdentity): string =>
  JSON.stringify([plugin, digest, epoch, slot, workspace ?? null, user ?? null]);
