import { type Observer } from "./observation.ts";
import { type Duplex, type Readable, type Writable } from "node:stream";

/** What one launch adds to its policy. */
export interface LaunchOptions {
  /** Further variables; a name that the policy sets is refused. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments, behind those of the policy. */
  readonly args?: readonly string[];
  /** Gives the program one end of a socket pair at descriptor 3. */
  readonly link?: true;
  /**
   * Hears what the program tries and its policy does not allow, each thing once: paths that the host has, and destinations. The program
   * is as confined as without it, and slower, for `strace` follows its system calls: it is for learning what a policy lacks, not for
   * everyday launches. Before `exited` resolves, all was told.
   */
  readonly observe?: Observer;
  /** Ends a start that is under way; a program that runs is not touched. */
  readonly signal?: AbortSignal;
}

/**
 * Why a program ended: by itself (`exited`), by a signal (`signalled`), after `terminate` (`terminated`), by
 * `close` (`closed`), by writing a file over the limit (`file_size`), by using more memory than the limit of its control group
 * (`memory_killed`), or because bwrap failed or was killed
 * from outside (`launcher_failed`).
 */
export type ExitReason =
  | "exited"
  | "signalled"
  | "terminated"
  | "closed"
  | "file_size"
  | "memory_killed"
  | "launcher_failed";

/** How a program ended. */
export interface Exit {
  /** Exit code; `null` when a signal ended it. A program that ends with 128 + n counts as ended by signal n. */
  readonly code: number | null;
  /** Name of the signal; `null` when there was none. */
  readonly signal: string | null;
  /** Why. */
  readonly reason: ExitReason;
}

/** A program that runs under a policy. */
export interface SandboxedProcess extends AsyncDisposable {
  /** Process id of the launcher on the host; its end is the end of the whole tree. */
  readonly pid: number;
  /** Digest of the policy. */
  readonly policy: string;
  /** Standard input. Errors of a program that closed it do not surface as unhandled. */
  readonly stdin: Writable;
  /** Standard output. */
  readonly stdout: Readable;
  /** Standard error. */
  readonly stderr: Readable;
  /** Our end of descriptor 3; absent without `link`. */
  readonly link?: Duplex;
  /** Resolves when no process of the sandbox is left and its socket folder is removed. Never rejects. */
  readonly exited: Promise<Exit>;
  /**
   * Connects to a socket that the program made in `/run/plugin`, following no link.
   * @throws {SandboxError} SOCKET_SUBSTITUTED, SOCKET_MISSING, PATH_REFUSED for a malformed name, CLOSED
   */
  connect(name: string, options?: { readonly signal?: AbortSignal }): Promise<Duplex>;
  /** Sends SIGTERM to the program, which may ignore it. */
  terminate(): Promise<void>;
  /** Kills the whole tree and waits for its end. Idempotent. Rejects when a violation could not be delivered. */
  close(): Promise<void>;
}
