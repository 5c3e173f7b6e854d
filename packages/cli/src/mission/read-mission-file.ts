import { readFile } from "node:fs/promises";
import { type MissionFile, parseMissionFile } from "./mission-file.ts";

/** Reads and checks a mission file. @throws Error for one that cannot be read or has a fault */
export const readMissionFile = async (path: string): Promise<MissionFile> =>
  parseMissionFile(await readMissionText(path));

/** Reads a mission file as it is written. @throws Error for one that cannot be read */
export async function readMissionText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
    throw new Error(`Cannot read "${path}": ${code}`, { cause });
  }
}
