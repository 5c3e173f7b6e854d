import type { HostCall, PluginHost, StartSpec } from "../plugin-host.ts";

/** A call of a fixture plugin and what it answers. */
export interface FixtureCall {
  /** The tool and its arguments. */
  readonly call: Pick<HostCall, "tool" | "arguments">;
}

/** A call whose structured result is known. */
export interface AnsweredCall extends FixtureCall {
  /** The structured result of its one final chunk. */
  readonly answers: unknown;
}

/** How the fixture's plugins are called, where their adapter cannot serve the tools named in {@link HostFixture}. */
export interface FixtureCalls {
  /** A call of `echo` that answers something no other `id` answers. */
  echo(id: number): AnsweredCall;
  /** A call of `slow` that reports `notes` notes of progress and then runs on until it is stopped. */
  slow(notes: number): FixtureCall;
  /** A call of `crash` that ends its plugin. */
  crash(): FixtureCall;
  /** A call of `flood` that answers more than its spec's `maxResultBytes`. */
  flood(): FixtureCall;
}

/** A host and the plugins that try it. The suite makes a fresh one for every test and disposes of it. */
export interface HostFixture extends AsyncDisposable {
  /** The host under test. */
  readonly host: PluginHost;
  /** Tool `echo` answers its arguments as the structured result, tool `environment` its environment as an object. */
  readonly echo: StartSpec;
  /** Tool `slow` reports `{ notes }` notes of progress, then never ends by itself. Has `echo` too. */
  readonly slow: StartSpec;
  /** Tool `crash` ends the plugin. */
  readonly crash: StartSpec;
  /** Tool `flood` answers `{ bytes }` bytes of text; its `maxResultBytes` is 64 KiB. Has `echo` too. */
  readonly flood: StartSpec;
  /** Never becomes ready; its `startMs` is at most 1,000. */
  readonly silent: StartSpec;
  /** Ignores every request to leave and, where it can, has a child process that does the same. */
  readonly stubborn: StartSpec;
  /** Each misbehaves on some channel to the host: garbage instead of a greeting, frames cut short, answers to the wrong call. */
  readonly hostile: readonly StartSpec[];
  /** Serves a channel; absent where the host's adapters serve none. */
  readonly channel?: StartSpec;
  /** Serves a provider; absent where the host's adapters serve none. */
  readonly provider?: StartSpec;
  /** The variables that protocol and sandbox document beside `environment`. */
  readonly documentedVariables: readonly string[];
  /** Replaces calls that the adapter cannot serve. */
  readonly calls?: Partial<FixtureCalls>;
  /** Processes or workers of started plugins that still run. */
  liveProcesses(): Promise<number>;
  /** Sockets, folders and files of started plugins that still lie about. */
  leftovers(): Promise<readonly string[]>;
  /** Starts a host with a plugin in a process of its own, kills that process with SIGKILL, and answers how many plugins live 2 s later. */
  orphans?(): Promise<number>;
}

/** A row of the suite that some adapters cannot have. */
export type OptionalRow = "progress" | "environment" | "parent" | "services" | "stubborn";

/** What a host is excused from. Everything else is run. */
export interface PluginHostSuiteOptions {
  /** The reason for each row the adapter cannot have, such as "a core module has no environment". */
  readonly without?: Readonly<Partial<Record<OptionalRow, string>>>;
}
