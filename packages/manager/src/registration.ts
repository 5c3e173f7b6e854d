import type { Surface } from "@sigilrt/integrity";
import type { HookHandler, RegisteredPlugin, ToolDefinition } from "./registry.ts";
import type { PluginRejection } from "./rejection.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What a plugin registers with. It writes into a draft, and takes nothing more once `register` has ended. */
export interface Registrar {
  /**
   * Offers a tool.
   *
   * @throws TypeError for a definition without name, description, schema or function, and after `register` has ended
   */
  tool(definition: ToolDefinition): void;
  /**
   * Hears of an event.
   *
   * @throws TypeError without name or function, and after `register` has ended
   */
  hook(name: string, handler: HookHandler): void;
}

/** What the module of a plugin exports. Importing it registers nothing. */
export interface PluginModule {
  /** Registers what the plugin offers. */
  register(registrar: Registrar): void | Promise<void>;
}

/** What a plugin registered, or the key that it registered twice. */
export type Draft =
  | { readonly ok: true; readonly registered: RegisteredPlugin; readonly surface: Surface }
  | { readonly ok: false; readonly rejection: PluginRejection };

/** Lets a module register into a draft of its own. What the module throws is thrown. */
export async function draftOf(module: PluginModule, admitted: AdmittedPlugin): Promise<Draft> {
  const plugin = admitted.manifest.name;
  const tools = new Map<string, ToolDefinition>();
  const hooks = new Map<string, HookHandler>();
  let doubled: string | undefined;
  let open = true;
  const put = <T>(map: Map<string, T>, list: string, name: string, value: T): void => {
    if (!open) throw new TypeError(`Cannot register ${list} "${name}": registration has ended`);
    if (map.has(name)) doubled ??= `${list}:${name}`;
    else map.set(name, value);
  };
  try {
    await module.register({
      tool(definition) {
        const { name, description, inputSchema, execute } = definition;
        const whole =
          typeof name === "string" && typeof description === "string" && inputSchema !== undefined;
        if (!whole || typeof execute !== "function") {
          throw new TypeError("Cannot register a tool without name, description, schema, execute");
        }
        put(tools, "tool", name, Object.freeze({ ...definition }));
      },
      hook(name, handler) {
        if (typeof name !== "string" || typeof handler !== "function") {
          throw new TypeError("Cannot register a hook without name and handler");
        }
        put(hooks, "hook", name, handler);
      },
    });
  } finally {
    open = false;
  }
  if (doubled !== undefined) {
    return { ok: false, rejection: { kind: "registration_conflict", plugin, key: doubled } };
  }
  const { version } = admitted.manifest;
  const { digest } = admitted.tree;
  const surface = {
    capabilities: admitted.requested,
    hooks: [...hooks.keys()],
    tools: [...tools.values()].map(({ execute: _execute, ...tool }) => tool),
  };
  const registered = Object.freeze({ plugin, version, digest, tools, hooks });
  return { ok: true, registered, surface };
}
