import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium } from "playwright-core";

/** A browser of its own, with an empty profile. */
export interface RunningChromium extends AsyncDisposable {
  readonly browser: Browser;
}

const NOBODY = 65_534;

/** Chromium's sandbox stays on, and it refuses to run as root with it: then it runs as nobody. */
const unprivileged = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Starts the system's Chromium, which reaches this machine and nothing else. */
export async function startChromium(): Promise<RunningChromium> {
  const home = await mkdtemp(join(tmpdir(), "chromium-"));
  if (unprivileged.uid !== undefined) await chown(home, unprivileged.uid, unprivileged.gid);
  const child = spawn(
    "chromium",
    [
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${join(home, "profile")}`,
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      "--disable-dev-shm-usage",
      "about:blank",
    ],
    {
      ...unprivileged,
      // A group of its own, so that its renderers are ended with it.
      detached: true,
      env: { PATH: process.env["PATH"], HOME: home },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) {
      const exited = once(child, "exit");
      process.kill(-child.pid, "SIGKILL");
      await exited;
    }
    await rm(home, { recursive: true, maxRetries: 5 });
  };
  try {
    const browser = await chromium.connectOverCDP(await endpointOf(child));
    return {
      browser,
      async [Symbol.asyncDispose]() {
        await browser.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function endpointOf({ stderr }: ChildProcess): Promise<string> {
  const said: string[] = [];
  if (!stderr) throw new TypeError("Cannot start Chromium: it has no standard error");
  for await (const line of createInterface({ input: stderr })) {
    const endpoint = /^DevTools listening on (ws:\S+)$/u.exec(line)?.[1];
    if (endpoint !== undefined) {
      stderr.resume();
      return endpoint;
    }
    said.push(line);
  }
  throw new Error(`Cannot start Chromium: ${said.join("\n")}`);
}
