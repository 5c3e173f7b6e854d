import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { lstat } from "node:fs/promises";
import type { ActReport, MissionReport, OperatedGateway } from "@sigilrt/cli";
import type { SecretChange, SecretStanding } from "../secrets/secret-desk.ts";
import type { AuditRecord } from "@sigilrt/enforcer";
import { z } from "zod";
import type { MissionRequest } from "../mission/mission-runner.ts";
import { ADMIN_HOST, adminSocketOf, requirePrivate } from "./admin-socket.ts";

/** The desk of a gateway that runs, from another process of the same user. */
export interface AdminClient extends OperatedGateway {
  approved(plugin: string): Promise<ActReport>;
  record(records: readonly AuditRecord[]): Promise<void>;
  mission(request: MissionRequest): Promise<MissionReport>;
  secrets(): Promise<readonly SecretStanding[]>;
  changeSecret(change: SecretChange): Promise<ActReport>;
}

const MAX_ANSWER = 16_777_216;

/**
 * Finds the gateway that holds a data folder; `undefined` when none runs.
 *
 * @throws Error for a folder of the socket that somebody else could have made, and for a gateway that does not answer in `patienceMs`
 */
export async function findGateway(
  run: string,
  patienceMs = 10_000,
): Promise<AdminClient | undefined> {
  const { folder, path } = adminSocketOf(run);
  const there = await lstat(folder).catch(() => undefined);
  if (!there) return undefined;
  await requirePrivate(folder);
  const ask = async <T>(method: string, target: string, schema: z.ZodType<T>, body?: object) =>
    schema.parse(JSON.parse(await textOf(await send(path, method, target, body))));
  const patience = AbortSignal.timeout(patienceMs);
  try {
    await textOf(await send(path, "GET", "/v1/plugins", undefined, patience));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    if (!patience.aborted) throw error;
    throw new Error(`Cannot reach the gateway: it did not answer in ${patienceMs} ms`, {
      cause: error,
    });
  }
  return {
    list: () => ask("GET", "/v1/plugins", plugins),
    inspect: (plugin) => ask("GET", `/v1/plugins/${plugin}`, inspected),
    async *logs(plugin, { follow }) {
      const query = follow ? "?follow=1" : "";
      const answer = await send(path, "GET", `/v1/plugins/${plugin}/logs${query}`);
      for await (const text of linesOf(answer)) yield line.parse(JSON.parse(text));
    },
    act: (plugin, act, { clearQuarantine }) =>
      ask(
        "POST",
        `/v1/plugins/${plugin}/${act}`,
        report,
        clearQuarantine ? { clear_quarantine: true } : {},
      ),
    approved: (plugin) => ask("POST", `/v1/plugins/${plugin}/approved`, report, {}),
    mission: (asked) => ask("POST", "/v1/missions", missionReport, asked),
    reloadConfiguration: () => ask("POST", "/v1/configuration/reload", reloaded, {}),
    secrets: () => ask("GET", "/v1/secrets", standings),
    changeSecret: ({ plugin: owner, name, value }) =>
      ask(
        "POST",
        `/v1/plugins/${owner}/secrets/${name}`,
        report,
        value === undefined ? {} : { value: Buffer.from(value).toString("base64") },
      ),
    record: async (records) => void (await ask("POST", "/v1/records", z.object({}), { records })),
  };
}

const plugin = z.object({
  name: z.string(),
  state: z.string(),
  version: z.string().exactOptional(),
  type: z.string().exactOptional(),
  tier: z.string().exactOptional(),
  adapter: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  crashes: z.number(),
});
const plugins = z.array(plugin);
const texts = z.array(z.string());
const inspected = plugin.extend({
  tools: texts.exactOptional(),
  allow: texts,
  except: texts,
  warnings: texts,
});
const line = z.object({
  at: z.string(),
  source: z.enum(["plugin", "host"]),
  text: z.string(),
  dropped: z.number(),
});
const report = z.object({
  plugin: z.string(),
  outcome: z.enum(["admitted", "started", "stopped", "replaced", "unchanged", "refused"]),
  code: z.string().exactOptional(),
  message: z.string().exactOptional(),
  version: z.string().exactOptional(),
  digest: z.string().exactOptional(),
});
const missionReport = z.object({ id: z.string(), status: z.string() });
const reloaded = z.object({ changed: z.boolean(), digest: z.string() });
const standings = z.array(
  z.object({
    plugin: z.string(),
    name: z.string(),
    declared: z.boolean(),
    required: z.boolean(),
    env: z.string().exactOptional(),
    set: z.string().exactOptional(),
  }),
);
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Sends a request; answers once the gateway agreed to answer. @throws Error in its words */
async function send(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const headers = {
    host: ADMIN_HOST,
    ...(body ? { "content-type": "application/json" } : {}),
  };
  const limit = signal ? { signal } : {};
  const asking = request({ socketPath, method, path, headers, agent: false, ...limit });
  const answer = await answerTo(asking, body);
  if (answer.statusCode === 200) return answer;
  const { error } = failure.parse(JSON.parse(await textOf(answer)));
  throw new Error(`Cannot ask the gateway: ${error.message}`);
}

function answerTo(asking: ClientRequest, body: object | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asking.once("response", resolve);
    asking.once("error", reject);
    asking.end(body && JSON.stringify(body));
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer) {
    const chunk: Buffer = part;
    bytes += chunk.length;
    if (bytes > MAX_ANSWER) throw new Error("Cannot ask the gateway: its answer is too large");
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString("utf8");
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = "";
  try {
    for await (const part of answer) {
      const [first = "", ...others] = decoder.decode(part, { stream: true }).split("\n");
      held += first;
      for (const other of others) {
        yield held;
        held = other;
      }
      if (held.length > MAX_ANSWER) throw new Error("a line is too large");
    }
  } catch (cause) {
    throw new Error("Cannot read on: the gateway went away", { cause });
  }
}

/** There is no socket, or nobody behind it: a gateway that was killed leaves its own. */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (error.code === "ENOENT" || error.code === "ECONNREFUSED");
