import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { httpClient, stdioClient, textOf } from "./testing/clients.ts";
import { makeGatewayFolder, runSigilCommand, startGateway } from "./testing/start-gateway.ts";

const slug = '{"slug":"a-b"}';
const tidy = { text: "  a   b " };

describeWith([], "the configuration of a gateway that runs", () => {
  it("is taken over whole, a faulty one not at all, for open connections too", async () => {
    await using place = makeGatewayFolder({ plugins: ["text"] });
    await using gateway = await startGateway(place.config);
    const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
    const bridged = await stdioClient(
      place.config,
      { user: "ada", workspace: "studio" },
      "2026-07-28",
    );
    const call = (): Promise<readonly string[]> =>
      Promise.all([client, bridged].map((each) => textOf(each, "text.slug", tidy).catch(String)));
    expect(await call()).toEqual([slug, slug]);

    const written: Record<string, Record<string, unknown>> = JSON.parse(
      readFileSync(place.config, "utf8"),
    );
    const put = (change: object): void =>
      writeFileSync(place.config, JSON.stringify({ ...written, ...change }));
    const reload = (): ReturnType<typeof runSigilCommand> =>
      runSigilCommand("reload", "--configuration", "--config", place.config);

    const hangUp = async (): Promise<string> => {
      const told = once(gateway.child.stderr ?? gateway.child, "data");
      gateway.child.kill("SIGHUP");
      return String((await told)[0]);
    };

    put({ users: { ada: { permissions: ["tool.*"], workspaces: ["nowhere"] } } });
    // The command reads the file as well, to find the gateway; the gateway is told of the same fault by a signal.
    expect(await reload()).toMatchObject({
      code: 3,
      err: expect.stringMatching(/gateway\.yaml:1:\d+: .*no workspace has this name/u),
    });
    expect(await hangUp()).toContain("no workspace has this name");
    put({ listen: { port: 1 } });
    expect(await reload()).toMatchObject({
      code: 4,
      err: expect.stringMatching(
        /listen changed, which needs a new start.*\nNothing was changed/su,
      ),
    });
    expect(await call()).toEqual([slug, slug]);

    put({ users: { ada: { permissions: [], workspaces: ["studio"] } } });
    expect(await reload()).toMatchObject({ code: 0, out: "taken over\n" });
    // No list of the client's is asked for: what it remembers of one is its own.
    const unknown = expect.stringContaining("Unknown tool");
    expect(await call()).toEqual([unknown, unknown]);

    put({ limits: { rate: { user: 1 } } });
    expect(await hangUp()).toContain("gateway.yaml is taken over");
    const answers = (await call()).concat(await call());
    expect(answers.filter((answer) => answer === slug)).toHaveLength(1);
    expect(answers.filter((answer) => /^ERROR .*limit/isu.test(answer))).toHaveLength(3);

    await bridged.close();
    await client.close();
    expect(await gateway.stop()).toBe(0);
    const { out } = await runSigilCommand("audit", "tail", "--json", "--config", place.config);
    expect(out).toContain("CONFIGURATION_REFUSED");
    expect(readFileSync(join(place.folder, "gateway.yaml"), "utf8")).toContain("limits");
  });
});
