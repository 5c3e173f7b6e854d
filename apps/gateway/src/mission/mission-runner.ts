import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileSink } from "@sigilrt/audit";
import { canonicalize } from "@sigilrt/canonical";
import { type MissionFile, type MissionReport, parseMissionFile } from "@sigilrt/cli";
import { compileEnvelope, type Envelope, protectObjects } from "@sigilrt/envelope";
import { openSigningKey } from "@sigilrt/journal";
import type { PluginManager } from "@sigilrt/manager";
import {
  type ExecutionContext,
  type MissionOptions,
  openMission,
  resumeMission,
  runIdOf,
  runSteps,
} from "@sigilrt/mission";
import type { Configuration } from "../configuration.ts";
import { dataFolders } from "../data-folders.ts";
import type { Principals } from "../principals.ts";
import { baselineOf } from "./baseline.ts";
import { missionHandlers } from "./mission-handlers.ts";

/** What an operator asks for. */
export interface MissionRequest {
  /** The mission file. */
  readonly text: string;
  readonly user: string;
  /** The repository, absolute. */
  readonly repository: string;
  /** The execution to go on with. */
  readonly resume?: string | undefined;
}

/** Runs missions in a gateway. */
export type MissionRunner = (
  request: MissionRequest,
  signal: AbortSignal,
) => Promise<MissionReport>;

interface RunnerOptions {
  /** The configuration that is in force. */
  readonly configuration: () => Configuration;
  readonly manager: PluginManager;
  readonly principals: Principals;
  /** Where plugins run from. */
  readonly store: string;
}

/** The gateway's own code, and the packages that it is made of, wherever they are installed. */
const code = [
  fileURLToPath(new URL("../../", import.meta.url)),
  ...[
    "audit",
    "canonical",
    "capability",
    "cli",
    "enforcer",
    "envelope",
    "integrity",
    "journal",
    "lifecycle",
    "manager",
    "manifest",
    "mcp-endpoint",
    "mcp-host",
    "mission",
    "process-host",
    "sandbox",
    "wasm-host",
  ].map((name) => dirname(fileURLToPath(import.meta.resolve(`@sigilrt/${name}/package.json`)))),
];

/** Makes the runner of a gateway's missions. */
export function missionRunner(options: RunnerOptions): MissionRunner {
  const { manager, principals } = options;
  return async ({ text, user, repository, resume }, signal) => {
    const configuration = options.configuration();
    const file = parseMissionFile(text);
    const principal = principals.find({ user, workspace: file.workspace });
    if (!principal) {
      const state = `${configuration.path} has no such user in that workspace`;
      throw new Error(`Cannot run the mission for ${user} in ${file.workspace}: ${state}`);
    }
    const id = resume ?? randomUUID();
    const root = await realpath(repository);
    const protectedObjects = await protectObjects(protectedBy(options, root));
    const envelope = compileEnvelope(file.envelope, { root, protectedObjects });
    const handler = missionHandlers({
      manager,
      principal,
      mission: file.name,
      envelope,
      // No price list is in this version's configuration: a model is booked at its estimate.
      price: () => undefined,
    });
    const kept = { ...(await keeping(configuration, id)), envelope, handler };
    const { context, digests } = await contextOf(configuration, file, envelope, id);
    const open = resume === undefined ? openMission : resumeMission;
    await using mission = await open(context, { ...kept, ...digests });
    return { id, status: await runSteps(mission, file.steps, { signal }) };
  };
}

/** What no mission file can take protection from. */
function protectedBy({ configuration, store }: RunnerOptions, root: string): readonly string[] {
  const { path, lock, consents, data, plugins } = configuration();
  return [
    ...code,
    path,
    lock,
    `${lock}.sig`,
    consents,
    data,
    dirname(store),
    ...[...plugins.values()].map((plugin) => plugin.path),
    join(root, ".git"),
  ];
}

/** Where the journal of an execution lies and what it is signed with. */
async function keeping(
  { data, audit: { anchors, durability } }: Configuration,
  id: string,
): Promise<Pick<MissionOptions, "path" | "signer" | "sinks" | "durability">> {
  const folders = dataFolders(data);
  await mkdir(folders.missions, { recursive: true, mode: 0o700 });
  const signer = await openSigningKey(join(folders.keys, "missions.pem"), "sigil-gateway-missions");
  await writeFile(folders.missionKey, `${signer.vkey}\n`, { mode: 0o600 });
  const sinks = anchors.flatMap((anchor) => ("file" in anchor ? [fileSink(anchor.file)] : []));
  return { path: join(folders.missions, `${id}.jsonl`), signer, sinks, durability };
}

async function contextOf(
  { lock }: Configuration,
  file: MissionFile,
  envelope: Envelope,
  runIdAudit: string,
): Promise<{
  readonly context: ExecutionContext;
  readonly digests: Pick<MissionOptions, "lockDigest" | "inputsDigest">;
}> {
  const baselineCommit = await baselineOf(envelope.root);
  const steps = canonicalize(file.steps.map(({ name, operation }) => ({ name, ...operation })));
  const lockBytes = await readFile(lock).catch(() => Buffer.alloc(0));
  const digests = { lockDigest: digestOf(lockBytes), inputsDigest: digestOf(steps) };
  const runId = runIdOf({ baselineCommit, ...digests, envelopeDigest: envelope.digest });
  const startedAt = new Date().toISOString();
  return {
    context: { repoRoot: envelope.root, baselineCommit, runId, runIdAudit, startedAt },
    digests,
  };
}

const digestOf = (bytes: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
