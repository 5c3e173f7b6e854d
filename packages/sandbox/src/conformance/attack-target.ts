import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync, readlinkSync } from "node:fs";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { type AttackTarget } from "./attack.ts";

/** Where a target is made. */
export interface AttackTargetOptions {
  /** An empty folder, its own real path, which everybody may search. */
  readonly folder: string;
  /** Who plugins run as, when it is another user than this process's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Where plugins see `code` and `data`; by default where they lie. */
  readonly inside?: Pick<AttackTarget, "code" | "data">;
}

/** A target with its canaries alive. */
export interface OpenAttackTarget extends AsyncDisposable {
  /** What attacks are made for. */
  readonly target: AttackTarget;
  /** The folder of the programs on the host. */
  readonly code: string;
  /** The folder that plugins may write, on the host. */
  readonly data: string;
}

const common = new Set(["root", "nobody", "plugin"]);

/** Makes canaries around a plugin: files, sockets, a variable and a process. Closing it ends those that live. */
export async function openAttackTarget({
  folder,
  owner,
  inside,
}: AttackTargetOptions): Promise<OpenAttackTarget> {
  const canary = `canary-${randomUUID()}`;
  const [code, data, socket] = [`${folder}/code`, `${folder}/data`, `${folder}/host.sock`];
  await mkdir(code);
  await chmod(code, 0o755);
  await mkdir(data, { mode: 0o700 });
  if (owner !== undefined) await chown(data, owner.uid, owner.gid);
  await writeFile(`${folder}/secret`, canary);
  await writeFile(`${folder}/writable`, "untouched");
  // Only containment keeps a plugin from them, no permission.
  await chmod(`${folder}/secret`, 0o644);
  await chmod(`${folder}/writable`, 0o666);

  const abstract = `${canary}-host`;
  const servers = [socket, `\0${abstract}`].map((path) => answering(canary).listen(path));
  const loopback = answering(canary).listen(0, "127.0.0.1");
  await Promise.all([...servers, loopback].map((server) => once(server, "listening")));
  await chmod(socket, 0o777);
  const bystander = spawn("/bin/sh", ["-c", "echo up; read -r _"], {
    stdio: ["pipe", "pipe", "ignore"],
    ...owner,
  });
  await once(bystander.stdout, "data");
  process.env["SANDBOX_CANARY"] = canary;
  return {
    code,
    data,
    target: {
      canary,
      folder,
      code: inside?.code ?? code,
      data: inside?.data ?? data,
      socket,
      abstract,
      port: portOf(loopback),
      bystander: bystander.pid ?? 0,
      users: usersOfHost(),
      mountNamespace: readlinkSync("/proc/self/ns/mnt"),
    },
    async [Symbol.asyncDispose]() {
      delete process.env["SANDBOX_CANARY"];
      bystander.kill("SIGKILL");
      await Promise.all(
        [...servers, loopback].map(
          (server) => new Promise((resolve) => void server.close(resolve)),
        ),
      );
    },
  };
}

function answering(canary: string): Server {
  return createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(canary);
  });
}

function portOf(server: Server): number {
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("Cannot listen on the loopback");
  return at.port;
}

function usersOfHost(): readonly string[] {
  const names = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":")[0] ?? "");
  return names.filter((name) => /^[a-z][a-z0-9-]*$/u.test(name) && !common.has(name)).slice(0, 8);
}
