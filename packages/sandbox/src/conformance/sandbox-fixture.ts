import { type Sandbox } from "../sandbox.ts";

/** What the suite needs of a sandbox. */
export interface SandboxFixture extends AsyncDisposable {
  /** Under test. It offers the runtimes `node` and, where the machine has it, `python3`. */
  readonly sandbox: Pick<Sandbox, "launch">;
  /** An empty folder, its own real path, which the plugins' user may search. The suite lays out its canaries there. */
  readonly folder: string;
  /** Who plugins run as, when it is another user than this process's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}
