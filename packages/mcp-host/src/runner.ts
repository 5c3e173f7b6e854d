import type { Readable, Writable } from "node:stream";
import type { InstanceGrants, InstanceIdentity, InstanceLimits, Refusal } from "@sigilrt/lifecycle";

/** A program to be started. */
export interface McpSpawn {
  /** The plugin's id, for messages and folders. */
  readonly id: string;
  /** Which instance it is; the host passes it on unread. */
  readonly identity: InstanceIdentity;
  /** Program and arguments; item 0 is a path inside `root` or a runtime name such as `node`. No shell. */
  readonly command: readonly [string, ...string[]];
  /** The verified, read-only tree. */
  readonly root: string;
  /** The complete environment beside the runner's own documented variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the sandbox is made from; the host passes it on unread. */
  readonly grants: InstanceGrants;
  /** What it may use at most; the host passes it on unread. */
  readonly limits: InstanceLimits;
  /** Hears what the program tries in vain; a runner that cannot tell refuses. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

/** A program that runs. */
export interface McpProcess {
  /** Its input. */
  readonly stdin: Writable;
  /** Its messages. */
  readonly stdout: Readable;
  /** Its logs. */
  readonly stderr: Readable;
  /** Settles when nothing of it is left; never rejects. */
  readonly exited: Promise<{
    /** Its exit code. */
    readonly code?: number;
    /** The signal that ended it. */
    readonly signal?: string;
  }>;
  /** Signals it, and everything it started. */
  kill(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts programs so that they end with the gateway. The composition makes one from a sandbox; there is no default. */
export interface McpRunner {
  /** Starts a program, or rejects and leaves nothing. */
  spawn(request: McpSpawn, signal: AbortSignal): Promise<McpProcess>;
}
