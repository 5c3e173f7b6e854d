import type { Duplex, Readable } from "node:stream";
import type { InstanceGrants, InstanceIdentity, InstanceLimits, Refusal } from "@sigilrt/lifecycle";

/** Where a plugin is reached. */
export interface Address {
  /** The kind of address. */
  readonly network: "unix" | "tcp";
  /** A path, or `ip:port`. */
  readonly address: string;
}

/** What a runner is asked to start. */
export interface SpawnRequest {
  /** The id the caller gave the plugin. */
  readonly id: string;
  /** Absolute path of the program. */
  readonly path: string;
  /** Its arguments. No shell. */
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its working directory. */
  readonly cwd: string;
  /** Whether descriptor 3 is to be one end of a socket pair; asked of a runner that says it shares one. */
  readonly link: boolean;
  /** The private directory it must be able to write, and to make sockets in. */
  readonly directory: string;
  /** Which instance it is, when the contract's `start` asked for it; passed on unread. */
  readonly identity?: InstanceIdentity;
  /** Program and arguments as the manifest names them, for a runner that resolves runtimes and paths of `root` itself. */
  readonly command?: readonly [string, ...string[]];
  /** The verified tree, when it was started from one. */
  readonly root?: string;
  /** What it may touch; passed on unread. */
  readonly grants?: InstanceGrants;
  /** What it may use; passed on unread. */
  readonly limits?: InstanceLimits;
  /** Hears what the program tries in vain; a runner that cannot tell refuses. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

/** A started program. */
export interface Spawned {
  /** Its process id. */
  readonly pid: number;
  /** The user its sockets belong to, when it is not the user of the host. */
  readonly uid?: number;
  /** Its standard output. */
  readonly stdout: Readable;
  /** Its error stream. */
  readonly stderr: Readable;
  /** Our end of descriptor 3, when one was asked for; absent: no lane. */
  readonly link?: Duplex;
  /** Settles when the program has ended; never rejects. */
  readonly exited: Promise<{ readonly code?: number; readonly signal?: string }>;
  /** Sends a signal to the whole group; a group that is gone is no error. */
  kill(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Says for people what it found out, such as a memory limit that was hit; empty when nothing. */
  diagnose(): Promise<string>;
  /**
   * Connects to a socket that the plugin made, for a runner that keeps sockets elsewhere than in `directory`; it answers for whose
   * socket it is. Without it the host connects to what `toHost` answers, after checks of its own.
   */
  connect?(address: Address, signal: AbortSignal): Promise<Duplex>;
  /** Lets go of what it holds for the program once that has ended. */
  release?(): Promise<void>;
}

/** Starts programs so that they end with the host. */
export interface Runner {
  /** Whether it can share a socket pair as descriptor 3: the native lane, whose end tells the program that the host is gone. */
  readonly link?: true;
  /**
   * Starts a program with a null device as input and pipes as output and error stream, leader of a process group of its own.
   * When the signal aborts before it answers, nothing is left.
   */
  spawn(request: SpawnRequest, signal: AbortSignal): Promise<Spawned>;
  /** Translates what the plugin printed into what the host can reach. */
  toHost(address: Address): Address;
  /** Translates what the host made into what the plugin can reach. */
  toPlugin(address: Address): Address;
}
