import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { matchCapability } from "@sigilrt/capability";
import { runSigil, secretReader } from "@sigilrt/cli";
import { readConfiguration } from "./configuration.ts";
import { dataFolders } from "./data-folders.ts";
import { ENGINE } from "./engine.ts";
import { principals } from "./principals.ts";
import { openTokenStore, type TokenStore } from "./tokens.ts";

// A file that may not grow any more is a failed write, which the audit answers for, and not the end of the gateway.
process.on("SIGXFSZ", () => undefined);

const home = fileURLToPath(new URL("../", import.meta.url));

process.exitCode = await runSigil(
  process.argv.slice(2),
  {
    version: ENGINE,
    defaultConfiguration: process.env["SIGIL_CONFIG"] ?? join(home, "gateway.yaml"),
    // The verbs that only look need none of what a gateway is made of.
    up: async (options, terminal) => (await import("./up.ts")).up(options, terminal),
    covers: matchCapability,
    explain: async (config, call) => (await import("./explain.ts")).explain(config, call),
    init: async (...asked) => (await import("./init.ts")).initGateway(...asked),
    tokens: {
      async list(config) {
        const { clients, operators } = await tokensOf(config);
        const operating = { operator: true } as const;
        const opening = (await operators.list()).map((token) =>
          Object.assign({}, token, operating),
        );
        return [...(await clients.list()), ...opening];
      },
      async revoke(config, id) {
        const { clients, operators } = await tokensOf(config);
        return (await clients.revoke(id)) || operators.revoke(id);
      },
    },
    async createToken(config, owner, { expires, mission }) {
      const configuration = await readConfiguration(config);
      if (!principals(configuration).find(owner)) {
        const { user, workspace } = owner;
        throw new Error(
          `Cannot make a token for ${user} in ${workspace}: ${config} has no such user there`,
        );
      }
      const tokens = await openTokenStore(dataFolders(configuration.data).tokens);
      const lasts = expires === undefined ? "until_revoked" : { until: expires };
      if (mission === undefined) return tokens.create(owner, lasts);
      const { tokenMissionOf } = await import("./mission/mission-token.ts");
      const bound = await tokenMissionOf(mission, owner.workspace);
      return tokens.create({ ...owner, mission: bound }, lasts);
    },
    async createOperatorToken(config, user) {
      const configuration = await readConfiguration(config);
      const [workspace] = configuration.users.get(user)?.workspaces ?? [];
      if (workspace === undefined) {
        throw new Error(`Cannot make an operator's token for ${user}: ${config} has no such user`);
      }
      const operators = await openTokenStore(dataFolders(configuration.data).operators);
      return operators.create({ user, workspace }, "until_revoked");
    },
    examineMachine: async (config) => (await import("./doctor.ts")).examineMachine(config),
    plugins: {
      place: async (config) => (await import("./plugin-desk.ts")).pluginDesk.place(config),
      examine: async (...asked) => (await import("./plugin-desk.ts")).pluginDesk.examine(...asked),
      learn: async (...asked) => (await import("./plugin-desk.ts")).pluginDesk.learn(...asked),
      run: async (...asked) => (await import("./run-plugin.ts")).runPlugin(...asked),
      record: async (...asked) => (await import("./plugin-desk.ts")).pluginDesk.record(...asked),
      list: async (...asked) => (await import("./plugin-desk.ts")).pluginDesk.list(...asked),
      approved: async (...asked) =>
        (await import("./plugin-desk.ts")).pluginDesk.approved(...asked),
    },
    secrets: {
      list: async (config) =>
        (await import("./secrets/secret-keeper.ts")).secretKeeper.list(config),
      change: async (...asked) =>
        (await import("./secrets/secret-keeper.ts")).secretKeeper.change(...asked),
    },
    async gateway(config) {
      const { gatewayOf } = await import("./plugin-desk.ts");
      const gateway = await gatewayOf(await readConfiguration(config));
      if (gateway) return gateway;
      throw new Error(`Cannot reach a gateway: none runs on ${config}; start it with sigil up`);
    },
    missions: {
      async run(config, text, options) {
        const { gatewayOf } = await import("./plugin-desk.ts");
        const gateway = await gatewayOf(await readConfiguration(config));
        if (gateway) return gateway.mission({ text, ...options });
        throw new Error(`Cannot reach a gateway: none runs on ${config}; start it with sigil up`);
      },
      async place(config) {
        const { data, audit } = await readConfiguration(config);
        const { missions, missionKey } = dataFolders(data);
        const anchors = audit.anchors.flatMap((anchor) => ("file" in anchor ? [anchor.file] : []));
        return { directory: missions, anchors, keys: [missionKey] };
      },
    },
    async auditKeeper(config) {
      const { auditKeeper } = await import("./open-audit.ts");
      return auditKeeper(await readConfiguration(config));
    },
    async auditPlace(config) {
      const { data, audit } = await readConfiguration(config);
      const folders = dataFolders(data);
      return {
        directory: folders.audit,
        anchors: audit.anchors.flatMap((anchor) => ("file" in anchor ? [anchor.file] : [])),
        keys: [folders.publicKey],
      };
    },
  },
  {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    isColoured: process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "",
    readSecret: secretReader(process.stdin, process.stderr),
  },
);

/** Those of MCP clients, and those that open the page. */
async function tokensOf(
  config: string,
): Promise<{ readonly clients: TokenStore; readonly operators: TokenStore }> {
  const { tokens, operators } = dataFolders((await readConfiguration(config)).data);
  return { clients: await openTokenStore(tokens), operators: await openTokenStore(operators) };
}
