import { type Socket } from "node:net";

/** Follows the first connection of a launch, which the relay opens before it starts the plugin. */
export interface RelayWatch {
  /** Takes the first connection; `false` for every later one, which the plugin may have made. */
  take(connection: Socket): boolean;
  /**
   * Resolves, when no process of the sandbox is left, to whether the relay saw the plugin end: `false` when it died
   * before, or never came up.
   */
  isDone(): Promise<boolean>;
}

/** Starts following. */
export function createRelayWatch(): RelayWatch {
  let ended: Promise<boolean> | undefined;
  return {
    take(connection) {
      if (ended !== undefined) return false;
      let said = 0;
      connection.on("data", (chunk: Buffer) => {
        said += chunk.length;
      });
      ended = new Promise((resolve) => {
        connection.once("end", () => {
          connection.destroy();
          resolve(said > 0);
        });
        connection.once("close", () => resolve(said > 0));
      });
      // The relay waits for this byte before it lets anyone else connect.
      connection.write("\n");
      return true;
    },
    isDone: () => ended ?? Promise.resolve(false),
  };
}
