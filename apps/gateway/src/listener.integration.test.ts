import { describe, expect, it } from "vitest";
import { listen } from "./listener.ts";

describe("the port of a gateway", () => {
  it("is not ready before it is told what to serve, and after it is told to stop", async () => {
    const listener = await listen("127.0.0.1", 0, "gateway.yaml");
    const statusOf = async (): Promise<number> => (await fetch(listener.address)).status;
    expect(await statusOf()).toBe(503);
    listener.serve((_request, response) => response.end("here"));
    expect(await statusOf()).toBe(200);
    listener.serve(undefined);
    expect(await statusOf()).toBe(503);
    await listener.close();
  });

  it("closes although a client waits for an answer that never comes", async () => {
    const listener = await listen("127.0.0.1", 0, "gateway.yaml");
    const asked = Promise.withResolvers<void>();
    listener.serve(() => asked.resolve());
    const answer = fetch(listener.address).catch(({ message }: Error) => message);
    await asked.promise;
    await listener.close();
    expect(await answer).toBe("fetch failed");
    await expect(fetch(listener.address)).rejects.toThrow("fetch failed");
  });

  it("that is taken is refused with the file to change", async () => {
    const first = await listen("127.0.0.1", 0, "gateway.yaml");
    await expect(listen("127.0.0.1", first.port, "/srv/gateway.yaml")).rejects.toThrow(
      `Cannot listen on 127.0.0.1, port ${first.port}: another program has the port; stop it, or change listen.port in /srv/gateway.yaml`,
    );
    await first.close();
  });
});
