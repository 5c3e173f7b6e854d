import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { killTree, treeGone, treeRoot } from "./process-tree.ts";

it("a process is ended only while it is the one that was noted, and not one that got its number", async () => {
  const child = spawn("/bin/sh", ["-c", "echo up; read -r _"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  const root = treeRoot(child.pid ?? 0);
  expect(root).toBeDefined();
  const earlier = { pid: child.pid ?? 0, startTime: "1" };
  killTree(earlier);
  // Gone already, although a process of that number runs.
  await treeGone(earlier);
  child.stdin.end("\n");
  expect(await once(child, "exit")).toEqual([0, null]);

  const second = spawn("/bin/sh", ["-c", "echo up; read -r _"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  await once(second.stdout, "data");
  const noted = treeRoot(second.pid ?? 0) ?? earlier;
  killTree(noted);
  expect(await once(second, "exit")).toEqual([null, "SIGKILL"]);
  await treeGone(noted);
  expect(treeRoot(second.pid ?? 0)).toBeUndefined();
});
