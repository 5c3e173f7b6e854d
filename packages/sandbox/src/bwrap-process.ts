import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { Duplex, PassThrough, type Readable, type Writable } from "node:stream";
import { joinOptions, socketsInside } from "./bwrap-args.ts";
import { type GeneratedFile } from "./generated-files.ts";
import { type Identity } from "./identity.ts";
import { treeRoot, type TreeRoot } from "./process-tree.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

/** What one start of bwrap is made from. */
export interface BwrapStart {
  readonly bwrap: string;
  readonly identity: Identity;
  readonly files: readonly GeneratedFile[];
  /** The filter of system calls for the command; only a probe goes without. */
  readonly filter: Uint8Array | undefined;
  /** Open sources that bwrap binds by descriptor. */
  readonly sources: readonly number[];
  /** The options that travel through a pipe, given the descriptors of the generated files and of the sources. */
  readonly options: (
    files: readonly { readonly target: string; readonly fd: number }[],
    sources: readonly number[],
  ) => readonly string[];
  /** The options that stand on the command line, and so name nothing of the host. */
  readonly closing: readonly string[];
  readonly command: readonly string[];
  /** Descriptors that would be inherited and are covered. */
  readonly leaked: readonly number[];
  readonly link: boolean;
  /** Called with the first process of the sandbox before one instruction of the program runs; what it throws ends the start. */
  readonly beforeRun?: (pid: number) => void | Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** A sandbox whose set-up is complete: the next thing it runs is the command. */
export interface BwrapProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly link: Duplex | undefined;
  readonly root: TreeRoot;
  /** Exit code of the program as bwrap reports it; `undefined` when bwrap itself failed or was killed. */
  exitCode(): number | undefined;
}

const firstFree = 3;
const maxStatusLength = 65_536;
const maxTailLength = 2_048;

/** Starts bwrap and waits until the sandbox stands. @throws {SandboxError} LAUNCH_FAILED; the reason of `signal` */
export async function startBwrap(start: BwrapStart): Promise<BwrapProcess> {
  start.signal?.throwIfAborted();
  const slots = descriptorSlots(start);
  const child = spawnChild(start, slots);
  const stop = (): void => void child.kill("SIGKILL");
  start.signal?.addEventListener("abort", stop, { once: true });
  try {
    const started = await standing(child, start, slots);
    start.signal?.throwIfAborted();
    return started;
  } catch (error) {
    stop();
    start.signal?.throwIfAborted();
    throw error;
  } finally {
    start.signal?.removeEventListener("abort", stop);
  }
}

interface DescriptorSlots {
  readonly options: number;
  readonly status: number;
  readonly block: number;
  readonly files: readonly {
    readonly target: string;
    readonly fd: number;
    readonly content: GeneratedFile["content"];
  }[];
  readonly filter: number;
  readonly sources: readonly number[];
  readonly end: number;
}

function descriptorSlots({ files, link, filter, sources }: BwrapStart): DescriptorSlots {
  const first = firstFree + (link ? 1 : 0);
  const behindFiles = first + 3 + files.length;
  const behindPipes = behindFiles + (filter === undefined ? 0 : 1);
  return {
    options: first,
    status: first + 1,
    block: first + 2,
    files: files.map((file, index) => ({ ...file, fd: first + 3 + index })),
    filter: behindFiles,
    sources: sources.map((_, index) => behindPipes + index),
    end: behindPipes + sources.length,
  };
}

function spawnChild(start: BwrapStart, slots: DescriptorSlots): ChildProcess {
  const { bwrap, identity, closing, command, leaked } = start;
  // "ignore" does nothing from 3 up, so each slot up to the last leaked one gets a real descriptor.
  const covered = Math.max(0, ...leaked.map((fd) => fd + 1 - slots.end));
  const nothing = covered > 0 ? openSync("/dev/null", "r") : undefined;
  const stdio: StdioOptions = [
    ...Array.from({ length: slots.end - start.sources.length }, () => "pipe" as const),
    ...start.sources,
    ...Array.from({ length: covered }, () => nothing),
  ];
  const args = [
    ["--args", String(slots.options)],
    // Fails, and so runs nothing, when the list in the pipe was cut off: the gateway died while writing it.
    ["--chmod", "0700", socketsInside],
    closing,
    start.filter === undefined ? [] : ["--seccomp", String(slots.filter)],
    ["--json-status-fd", String(slots.status)],
    ["--block-fd", String(slots.block)],
    ["--"],
    command,
  ].flat();
  try {
    return spawn(bwrap, args, {
      // bwrap is process 1 inside, and its own environment can be read there. Node passes on this one
      // variable unless it is named.
      env: { NODE_V8_COVERAGE: undefined },
      cwd: "/",
      // Out of the terminal's group: Ctrl-C reaches the gateway, which then drains.
      detached: true,
      stdio,
      ...(identity.changes ? { uid: identity.uid, gid: identity.gid } : {}),
    });
  } finally {
    if (nothing !== undefined) closeSync(nothing);
  }
}

async function standing(
  child: ChildProcess,
  start: BwrapStart,
  slots: DescriptorSlots,
): Promise<BwrapProcess> {
  const { stdin, stdout, stderr } = child;
  if (child.pid === undefined || stdin === null || stdout === null || stderr === null) {
    throw await spawnFailure(child);
  }
  // A plugin that closes its side must not end the gateway with an unhandled error.
  for (const stream of child.stdio) stream?.on("error", () => undefined);

  const closed = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  const [output, errors] = [untilRead(stdout), untilRead(stderr)];
  const status = collectStatus(duplexAt(child, slots.status));
  const released = Promise.withResolvers<void>();
  const isSetUp = setUp(duplexAt(child, slots.block), released.promise);
  const options = joinOptions(start.options(slots.files, slots.sources));
  duplexAt(child, slots.options).end(options);
  for (const { fd, content } of slots.files) duplexAt(child, fd).end(content);
  // The kernel refuses a filter that was cut off, and then nothing runs.
  if (start.filter !== undefined) duplexAt(child, slots.filter).end(start.filter);

  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  const initPid = await Promise.race([status.childPid, ended]);
  if (initPid !== undefined) await start.beforeRun?.(initPid);
  released.resolve();
  if (!(await isSetUp)) throw await launchFailure(child, errors, closed);
  const root = initPid === undefined ? undefined : treeRoot(initPid);
  return {
    child,
    pid: child.pid,
    stdin,
    stdout: output,
    stderr: errors,
    link: start.link ? duplexAt(child, firstFree) : undefined,
    // A program that ended at once has left nothing to end.
    root: root ?? { pid: child.pid, startTime: "" },
    exitCode: status.exitCode,
  };
}

// Node throws away what nobody has read when a child exits, and a program may end before its launch is told.
function untilRead(source: Readable): Readable {
  const kept = new PassThrough();
  source.pipe(kept);
  source.once("close", () => kept.end());
  return kept;
}

/**
 * bwrap reads its block descriptor when everything is mounted. Closed after reading it ends cleanly; closed
 * with the byte unread, because set-up failed, the kernel resets it.
 */
function setUp(block: Duplex, released: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    let isReleased = false;
    block.once("end", () => resolve(isReleased));
    block.once("error", () => resolve(false));
    block.resume();
    void (async () => {
      await released;
      isReleased = true;
      block.write("\n");
    })();
  });
}

interface BwrapStatus {
  readonly childPid: Promise<number>;
  readonly exitCode: () => number | undefined;
}

function collectStatus(stream: Duplex): BwrapStatus {
  let text = "";
  const childPid = new Promise<number>((resolve) => {
    stream.on("data", (chunk: Buffer) => {
      if (text.length < maxStatusLength) text += chunk.toString("latin1");
      const found = /"child-pid"\s*:\s*([0-9]+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  return {
    childPid,
    exitCode: () => {
      const found = /"exit-code"\s*:\s*([0-9]+)/.exec(text)?.[1];
      return found === undefined ? undefined : Number(found);
    },
  };
}

function duplexAt(child: ChildProcess, slot: number): Duplex {
  const stream = child.stdio.at(slot);
  if (stream instanceof Duplex) return stream;
  throw new SandboxError(
    "LAUNCH_FAILED",
    `Cannot start bwrap: descriptor ${slot} is no socket pair`,
  );
}

async function spawnFailure(child: ChildProcess): Promise<SandboxError> {
  const cause = await new Promise((resolve) => void child.once("error", resolve));
  const shown = cause instanceof Error ? quoted(cause.message, 256) : "unknown";
  return new SandboxError("LAUNCH_FAILED", `Cannot start bwrap: ${shown}`, { cause });
}

async function launchFailure(
  child: ChildProcess,
  stderr: Readable,
  closed: Promise<void>,
): Promise<SandboxError> {
  let tail = "";
  stderr.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString("latin1")).slice(-maxTailLength);
  });
  child.kill("SIGKILL");
  await closed;
  return new SandboxError(
    "LAUNCH_FAILED",
    `Cannot set up the sandbox: bwrap says ${quoted(tail.trim(), 512)}`,
  );
}
